//! Removes `instance_network()` and the parameters that pass its handle: nothing needs them once each operation of a socket is one call.

use super::super::RustContext;
use super::deleted;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::rust::flow::variable;
use std::ops::Range;
use syn::{Expr, FnArg, Pat, Type};

const NETWORK: &str = "wasi:sockets/network.network";

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let file = context.file;
    file.each_let(&mut |statement, name, value| {
        let Some((wasi, _)) = file.called(value) else {
            return;
        };
        let Some(scope) = file.scope_of(&statement, name) else {
            return;
        };
        let is_needed = !file.variable(name, &scope).is_empty();
        if wasi.full() == "wasi:sockets/instance-network.instance-network" && !is_needed {
            let finding = Finding::new(
                file.range(value),
                "there is no `network` in 0.3, and nothing here needs it any more",
            );
            found.push(finding.fix(Fix::risky(vec![deleted(context, statement)])));
        }
    });
    for function in file.index.functions() {
        for (index, input) in function.signature.inputs.iter().enumerate() {
            let FnArg::Typed(typed) = input else { continue };
            let ty = match &*typed.ty {
                Type::Reference(ty) => &*ty.elem,
                ty => ty,
            };
            let is_network = matches!(ty, Type::Path(path) if file.names.wasi(&path.path).is_some_and(|wasi| wasi.full() == NETWORK));
            let Pat::Ident(name) = &*typed.pat else {
                continue;
            };
            let name = name.ident.to_string();
            if !is_network || !file.variable(&name, &function.range).is_empty() {
                continue;
            }
            let finding = Finding::new(
                file.of_span(function.signature.ident.span()),
                format!("`{name}` is a `network`, which is gone in 0.3, and not needed any more"),
            );
            found.push(match dropped(context, function, index) {
                Ok(edits) => finding.fix(Fix::risky(edits)),
                Err(reason) => finding.help(reason),
            });
        }
    }
}

/// The function without the parameter, and its calls without the argument.
fn dropped(
    context: &RustContext,
    function: &crate::rust::Function,
    index: usize,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let name = function.signature.ident.to_string();
    let by_hand = |why: &str| Err(format!("take out the parameter and its arguments: {why}"));
    let same = file.index.functions();
    if same.filter(|other| other.signature.ident == name).count() > 1 {
        return by_hand("several functions of the file have that name");
    }
    if matches!(function.signature.inputs.first(), Some(FnArg::Receiver(_))) {
        return by_hand("it is a method's");
    }
    let is_public = context.text[..context.at(function.signature.fn_token.span).start]
        .trim_end()
        .trim_end_matches("async")
        .trim_end()
        .ends_with("pub");
    if is_public {
        return by_hand("others may call the function");
    }
    let parameters: Vec<_> = function
        .signature
        .inputs
        .iter()
        .map(|input| file.of_span(syn::spanned::Spanned::span(input)))
        .collect();
    let mut edits = vec![Edit::delete(one_of(&parameters, index))];
    let mut calls = 0;
    let mut stuck = false;
    file.each_expr(&mut |expr| {
        let Expr::Call(call) = expr else { return };
        let Expr::Path(path) = &*call.func else {
            return;
        };
        if !path.path.is_ident(&name) {
            return;
        }
        calls += 1;
        let arguments: Vec<_> = call
            .args
            .iter()
            .map(|argument| file.range(argument))
            .collect();
        // An expression that only names something has no effect that would be lost.
        let is_name = call.args.get(index).and_then(variable).is_some();
        stuck |= !is_name || file.index.function(&file.range(expr)).is_none();
        if is_name {
            edits.push(Edit::delete(one_of(&arguments, index)));
        }
    });
    if stuck || file.mentions(&name) > calls {
        return by_hand("it is called in another way");
    }
    Ok(edits)
}

/// One item of a list, with one of the commas around it.
fn one_of(items: &[Range<usize>], index: usize) -> Range<usize> {
    match (items.get(index + 1), index.checked_sub(1)) {
        (Some(next), _) => items[index].start..next.start,
        (None, Some(before)) => items[before].end..items[index].end,
        (None, None) => items[index].clone(),
    }
}
