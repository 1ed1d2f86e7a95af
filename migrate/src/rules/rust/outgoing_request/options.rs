//! The options that a request is sent with: in 0.3 it is made with them.

use super::super::RustContext;
use crate::rust::flow::{called, is_none, variable};
use std::ops::Range;
use syn::Expr;

/// The options that a request is sent with, as the last argument of `Request::new`. They must be made before it.
pub fn options_of(
    context: &RustContext,
    request: &str,
    made: &Range<usize>,
) -> Result<String, String> {
    let scope = context
        .file
        .scope_of(made, request)
        .ok_or("it is not in a block")?;
    let mut options = Ok("None".to_owned());
    context.file.each_expr_in(&scope, &mut |expr| {
        let Some((wasi, call)) = context.file.called(expr) else {
            return;
        };
        let is_send = wasi.full() == "wasi:http/outgoing-handler.handle";
        if !is_send || call.args.first().and_then(variable).as_deref() != Some(request) {
            return;
        }
        options = match call.args.get(1) {
            Some(none) if is_none(none) => Ok("None".to_owned()),
            Some(given) => match some_variable(given) {
                Some(name)
                    if is_made_before(context, &name, made)
                        && context.file.variable(&name, &scope).len() == 1 =>
                {
                    Ok(format!("Some({name})"))
                }
                _ => Err(
                    "options are the last argument of `Request::new` now: make them first"
                        .to_owned(),
                ),
            },
            None => Err("it is sent in another way".to_owned()),
        };
    });
    options
}

/// Whether the options of this call are none, or have been given to `Request::new`.
pub fn options_given(
    context: &RustContext,
    call: &syn::ExprCall,
    statement: &Range<usize>,
) -> Result<(), String> {
    let reason =
        || "options are the last argument of `Request::new` now: make them first".to_owned();
    let given = call.args.get(1).ok_or_else(reason)?;
    if is_none(given) {
        return Ok(());
    }
    let request = call.args.first().and_then(variable).ok_or_else(reason)?;
    let name = some_variable(given).ok_or_else(reason)?;
    let mut made = None;
    context.file.each_let(&mut |range, found, value| {
        if found == request && range.end <= statement.start {
            made = Some((
                range,
                context.text(value).ends_with(&format!("Some({name})).0")),
            ));
        }
    });
    match made {
        Some((_, true)) => Ok(()),
        Some((made, false)) => options_of(context, &request, &made).map(drop),
        None => Err(reason()),
    }
}

fn some_variable(expr: &Expr) -> Option<String> {
    let (path, call) = called(expr)?;
    (path == ["Some"] && call.args.len() == 1)
        .then(|| variable(&call.args[0]))
        .flatten()
}

fn is_made_before(context: &RustContext, name: &str, made: &Range<usize>) -> bool {
    let mut before = false;
    context
        .file
        .each_let(&mut |range, found, _| before |= found == name && range.end <= made.start);
    before
        || context
            .file
            .parameters_around(made)
            .iter()
            .any(|(found, _)| found == name)
}
