//! Finds code that only waits for a stream or a future by its pollable. It is removed, since the call itself is awaited.

use super::super::{RustContext, inside};
use crate::edit::{Edit, whole_lines};
use crate::rust::flow::method_on;
use std::ops::Range;
use syn::Expr;

#[derive(Default)]
pub struct Waits {
    pub edits: Vec<Edit>,
    /// The statements that mention `of` only for this.
    pub used: Vec<Range<usize>>,
    /// All statements that are removed.
    pub statements: Vec<Range<usize>>,
}

/// Finds `of.subscribe().block();`, and `let pollable = of.subscribe();` with everything that is done with the pollable.
pub fn waits(context: &RustContext, of: &str, scope: &Range<usize>) -> Result<Waits, String> {
    waits_but(context, of, scope, &[])
}

/// The same. The bytes in `gone` are removed in any case.
pub fn waits_but(
    context: &RustContext,
    of: &str,
    scope: &Range<usize>,
    gone: &[Range<usize>],
) -> Result<Waits, String> {
    let file = context.file;
    let is_gone = |place: &Range<usize>| gone.iter().any(|gone| inside(place, gone));
    let mut waits = Waits::default();
    let mut remove = |statement: Range<usize>| {
        let lines = whole_lines(context.text, statement.clone());
        waits.edits.push(Edit::delete(lines));
        waits.statements.push(statement);
    };
    let subscribes =
        |expr: &Expr| method_on(expr, "subscribe").is_some_and(|(found, _)| found == of);
    for (statement, found) in file.index.lets() {
        if !subscribes(found.value) || !inside(&statement.range, scope) {
            continue;
        }
        let pollable = found.name.as_str();
        let (_, block) = file
            .statement(&statement.range)
            .ok_or("it is not in a block")?;
        let mut waiting = Vec::new();
        file.each_expr_in(&block, &mut |expr| {
            let waited = method_on(expr, "block").is_some_and(|(of, _)| of == pollable)
                || is_poll_of(context, expr, pollable);
            if waited && !is_gone(&file.range(expr)) {
                let around = file.statement(&file.range(expr));
                waiting.extend(around.map(|(statement, _)| statement));
            }
        });
        for mention in file.variable(pollable, &block) {
            if is_gone(&mention) {
                continue;
            }
            let (statement, _) = file.statement(&mention).ok_or("it is not in a block")?;
            if is_drop(context, &mention) {
                waiting.push(statement);
            } else if !waiting.iter().any(|waiting| inside(&mention, waiting)) {
                return Err(format!(
                    "its pollable `{pollable}` is waited for with others: use `futures::select!` on what is awaited now"
                ));
            }
        }
        // Code that does more than wait must stay.
        let only_waits = |statement: &Range<usize>| {
            let text = context.text[statement.clone()].trim_end_matches(';');
            text == format!("{pollable}.block()") || text.contains(pollable) && !text.contains('{')
        };
        if !waiting.iter().all(only_waits) {
            return Err("the waiting is part of something else: await the call itself".to_owned());
        }
        waits.used.push(statement.range.clone());
        remove(statement.range.clone());
        waiting.into_iter().for_each(&mut remove);
    }
    file.each_expr_in(scope, &mut |expr| {
        let Expr::MethodCall(call) = expr else { return };
        if call.method == "block"
            && subscribes(&call.receiver)
            && let Some((statement, _)) = file.statement(&file.range(expr))
            && statement.start == file.range(expr).start
        {
            let lines = whole_lines(context.text, statement.clone());
            waits.edits.push(Edit::delete(lines));
            waits.used.push(statement.clone());
            waits.statements.push(statement);
        }
    });
    Ok(waits)
}

pub fn is_drop(context: &RustContext, mention: &Range<usize>) -> bool {
    context.text[..mention.start].ends_with("drop(") && context.text[mention.end..].starts_with(')')
}

fn is_poll_of(context: &RustContext, expr: &Expr, pollable: &str) -> bool {
    let Some((wasi, call)) = context.file.called(expr) else {
        return false;
    };
    wasi.full() == "wasi:io/poll.poll"
        && call.args.len() == 1
        && context.text(&call.args[0]).replace(' ', "") == format!("&[&{pollable}]")
}
