//! Makes a function that is lent a message take it, if every caller can give it away.

use super::super::{RustContext, inside};
use crate::edit::Edit;
use crate::rust::flow::variable;
use std::ops::Range;
use syn::{Expr, FnArg};

/// The edits of the signature and of all calls. `place` is in the function.
pub fn given_away(
    context: &RustContext,
    message: &str,
    place: &Range<usize>,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let stuck = |reason: &str| {
        Err(format!(
            "`{message}` is only lent here, and `consume_body` takes it: {reason}"
        ))
    };
    let Some(function) = file.index.function(place) else {
        return stuck("it is not in a function");
    };
    let name = function.signature.ident.to_string();
    let same = file
        .index
        .functions()
        .filter(|other| other.signature.ident == name);
    if same.count() > 1 {
        return stuck("several functions of the file have that name");
    }
    let typed = function
        .signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(input) => Some(input),
            FnArg::Receiver(_) => None,
        });
    let lent = typed
        .enumerate()
        .find_map(|(index, input)| match &*input.ty {
            syn::Type::Reference(ty) if super::is_named(&input.pat, message) => Some((index, ty)),
            _ => None,
        });
    let Some((index, ty)) = lent.filter(|(_, ty)| ty.mutability.is_none() && ty.lifetime.is_none())
    else {
        return stuck("take it by value");
    };
    let mut edits = vec![Edit::delete(context.at(ty.and_token.span))];
    let mut calls = 0;
    let mut failed = None;
    file.each_expr(&mut |expr| {
        let argument = match expr {
            Expr::Call(call) => match &*call.func {
                Expr::Path(path)
                    if path
                        .path
                        .segments
                        .last()
                        .is_some_and(|last| last.ident == name) =>
                {
                    calls += 1;
                    call.args.get(index)
                }
                _ => return,
            },
            Expr::MethodCall(call) if call.method == name => call.args.get(index),
            _ => return,
        };
        match argument.map(|argument| given(context, expr, argument)) {
            Some(Ok(edit)) => edits.push(edit),
            Some(Err(reason)) => failed = Some(reason),
            None => failed = Some("it is called in another way".to_owned()),
        }
    });
    // Passed along as a value.
    if file.mentions(&name) > calls {
        return stuck("the function is used as a value");
    }
    match failed {
        Some(reason) => stuck(&reason),
        None => Ok(edits),
    }
}

/// `request` in the place of `&request`, if the caller owns it and does not need it any more.
fn given(context: &RustContext, call: &Expr, argument: &Expr) -> Result<Edit, String> {
    let file = context.file;
    let place = file.range(call);
    let Expr::Reference(reference) = argument else {
        return Err("a caller is lent it too".to_owned());
    };
    let Some(name) = variable(&reference.expr).filter(|_| reference.mutability.is_none()) else {
        return Err("a caller doesn't have it in a variable".to_owned());
    };
    let parameters = file.parameters_around(&place);
    let is_lent = parameters
        .iter()
        .any(|(found, ty)| *found == name && matches!(ty, syn::Type::Reference(_)));
    if is_lent {
        return Err("a caller is lent it too".to_owned());
    }
    let mut inner = call;
    while let Some(outer) = file.index.around(inner) {
        if matches!(
            outer,
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) | Expr::Closure(_)
        ) {
            return Err("it is called in a loop or a closure".to_owned());
        }
        inner = outer;
    }
    let around = file.reach(&name, &place);
    let later = file.variable(&name, &around).into_iter();
    let later = later.filter(|mention| mention.start >= place.end);
    for mention in later {
        if !is_elsewhere(context, call, &mention) {
            return Err(format!("a caller uses `{name}` afterwards"));
        }
    }
    Ok(Edit::delete(context.at(reference.and_token.span)))
}

/// Whether the mention is in another arm or branch, so that only one of both happens.
pub fn is_elsewhere(context: &RustContext, call: &Expr, mention: &Range<usize>) -> bool {
    let file = context.file;
    let place = file.range(call);
    let mut inner = call;
    while let Some(outer) = file.index.around(inner) {
        let branches: Vec<Range<usize>> = match outer {
            Expr::Match(found) => found
                .arms
                .iter()
                .map(|arm| file.range(&*arm.body))
                .collect(),
            Expr::If(found) => {
                let other = found
                    .else_branch
                    .iter()
                    .map(|(_, other)| file.range(&**other));
                std::iter::once(file.range(&found.then_branch))
                    .chain(other)
                    .collect()
            }
            _ => Vec::new(),
        };
        let of = |place: &Range<usize>| branches.iter().position(|branch| inside(place, branch));
        if let (Some(one), Some(other)) = (of(&place), of(mention))
            && one != other
        {
            return true;
        }
        inner = outer;
    }
    false
}
