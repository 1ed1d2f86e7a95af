//! The rewrite of `match handle(request, None) { Ok(future) => …, Err(error) => … }`: the arm gets the response itself.

use super::super::{RustContext, inside};
use super::sending::client;
use super::waiting::{is_drop, waits};
use crate::edit::{Edit, whole_lines};
use crate::rust::flow::{method_on, peel};
use std::ops::Range;
use syn::{Expr, ExprMatch, Pat};

pub fn matched(
    context: &RustContext,
    found: &ExprMatch,
    call: &syn::ExprCall,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let Expr::Path(function) = &*call.func else {
        return Err("it is not called by name".to_owned());
    };
    let mut future = None;
    for arm in &found.arms {
        if let Pat::TupleStruct(pat) = &arm.pat
            && pat.path.is_ident("Ok")
            && let Some(Pat::Ident(name)) = pat.elems.first()
        {
            future = Some((name.ident.to_string(), file.range(&*arm.body)));
        }
    }
    let (future, body) = future.ok_or("the response is awaited where the request is sent")?;
    let send = format!(
        "{}({}).await",
        client(context, &function.path),
        context.text(&call.args[0])
    );
    let mut edits = vec![Edit::replace(file.range(&*found.expr), send)];
    let waits = waits(context, &future, &body)?;
    edits.extend(waits.edits);
    let mut used: Vec<Range<usize>> = waits.used;
    file.each_expr_in(&body, &mut |expr| {
        if method_on(expr, "get").is_none_or(|(of, _)| of != future) {
            return;
        }
        // The layers are the option, whether it was taken before, and the response or the error. The error goes to the other arm now.
        let outermost = file.unpeeled(expr);
        if let Some(layer) = peel(outermost).layers.get(2) {
            let place = file.range(expr).start..file.range(*layer).end;
            edits.push(Edit::replace(place.clone(), future.clone()));
            used.push(place);
        }
    });
    for mention in file.variable(&future, &body) {
        if is_drop(context, &mention) {
            let (statement, _) = file.statement(&mention).ok_or("it is not in a block")?;
            edits.push(Edit::delete(whole_lines(context.text, statement)));
        } else if !used.iter().any(|used| inside(&mention, used)) {
            return Err(format!(
                "`{future}` is the response itself now: take out its `subscribe` and `get`"
            ));
        }
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}
