//! The rewrite of a request's future, with its waiting and its result, to one awaited call.

use super::super::{RustContext, inside};
use super::waiting::{is_drop, waits};
use crate::edit::{Edit, whole_lines};
use crate::rust::flow::{method_on, peel};
use crate::rust::segments;
use std::ops::Range;
use syn::{Expr, Pat};

pub fn sending(
    context: &RustContext,
    statement: &Range<usize>,
    future: &str,
    call: &syn::ExprCall,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let function = file
        .scope_of(statement, future)
        .ok_or("it is not in a block")?;
    let Expr::Path(function_path) = &*call.func else {
        return Err("it is not called by name".to_owned());
    };
    let path = client(context, &function_path.path);
    let send = format!("{path}({}).await", context.text(&call.args[0]));
    let mut used: Vec<Range<usize>> = Vec::new();
    let mut edits = vec![Edit::delete(whole_lines(context.text, statement.clone()))];
    let mut sent = 0;

    // (1) Waiting: `future.subscribe().block();`, or by a variable.
    let waits = waits(context, future, &function)?;
    used.extend(waits.used);
    edits.extend(waits.edits);

    // (2) Getting: `match future.get() { Some(result) => …, None => … }`, or straight away.
    let mut whole: Vec<Range<usize>> = Vec::new();
    file.each_expr_in(&function, &mut |expr| {
        let Expr::Match(found) = expr else { return };
        let range = file.range(expr);
        if method_on(&found.expr, "get").is_none_or(|(of, _)| of != future) {
            return;
        }
        let layers = found
            .arms
            .iter()
            .find_map(|arm| arm_layers(&arm.pat, &arm.body));
        if found.arms.len() == 2 && layers == Some(1) {
            whole.push(range.clone());
            sent += 1;
            edits.push(Edit::replace(range, send.clone()));
        }
    });
    file.each_expr_in(&function, &mut |expr| {
        if method_on(expr, "get").is_none_or(|(of, _)| of != future) {
            return;
        }
        let outermost = file.unpeeled(expr);
        let peeled = peel(outermost);
        let range = file.range(outermost);
        if peeled.layers.len() < 2 || whole.iter().any(|whole| inside(&range, whole)) {
            return;
        }
        let end = file.range(peeled.layers[1]).end;
        let get = file.range(peeled.core).start..end;
        used.push(get.clone());
        sent += 1;
        edits.push(Edit::replace(get, send.clone()));
    });
    edits.retain(|edit| {
        !whole
            .iter()
            .any(|whole| inside(&edit.range, whole) && edit.range != *whole)
    });
    used.extend(whole);

    let left = file
        .variable(future, &function)
        .into_iter()
        .filter(|mention| {
            !used.iter().any(|used| inside(mention, used)) && !is_drop(context, mention)
        });
    if left.count() > 0 || sent != 1 {
        return Err("write `client::send(request).await` where the response is needed, and drop the future's `subscribe` and `get`".to_owned());
    }
    for mention in file
        .variable(future, &function)
        .into_iter()
        .filter(|mention| is_drop(context, mention))
    {
        let (statement, _) = file.statement(&mention).ok_or("it is not in a block")?;
        edits.push(Edit::delete(whole_lines(context.text, statement)));
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}

/// How many layers the arm takes off: `Some(result) => result.map_err(…)?`.
fn arm_layers(pat: &Pat, body: &Expr) -> Option<usize> {
    let Pat::TupleStruct(pat) = pat else {
        return None;
    };
    let Some(Pat::Ident(name)) = pat.elems.first() else {
        return None;
    };
    let peeled = peel(body);
    let same = matches!(peeled.core, Expr::Path(path) if path.path.is_ident(&name.ident));
    (same && pat.path.is_ident("Some")).then_some(peeled.layers.len())
}

/// `client::send`, in a spelling that is valid where `handle` was.
pub fn client(context: &RustContext, path: &syn::Path) -> String {
    let written = segments(path);
    match written.len() {
        // `handle`, from a `use` of the function.
        1 => match context.support() {
            support if support == context.new_crate() => format!("{support}::http::client::send"),
            support => format!("{support}::wasi::http::client::send"),
        },
        count => {
            let mut new = written;
            new[count - 1] = "send".to_owned();
            if new[count - 2] == "outgoing_handler" {
                new[count - 2] = "client".to_owned();
            }
            if count > 2
                && (new[0] == "wasi" || new[0] == "wasip2")
                && !context.file.names.generates()
            {
                new[0] = context.new_crate().to_owned();
            }
            new.join("::")
        }
    }
}
