//! The rewrite of everything that is done with a stream that is written.

use super::super::outgoing_body::{OnError, Write, is_flush, write_call};
use super::super::outgoing_request::waits;
use super::super::{RustContext, free_name, indent, inside};
use crate::edit::{Edit, whole_lines};
use std::ops::Range;
use syn::Expr;

/// The statements that make a stream and pass its readable end on.
pub struct Opened {
    pub text: String,
    /// The variable with the future that says how the stream ended.
    pub result: String,
}

/// `call(data)`, at the place of `statement`.
pub fn opened(
    context: &RustContext,
    statement: &Range<usize>,
    stream: &str,
    call: &str,
    arguments: &str,
) -> Result<Opened, String> {
    let function = context
        .file
        .function_around(statement)
        .ok_or("it is not in a function")?;
    let indent = indent(context.text, statement.start);
    let data = free_name(context, &function, "data");
    let rest = match arguments {
        "" => String::new(),
        arguments => format!(", {arguments}"),
    };
    let result = free_name(context, &function, &format!("{stream}_written"));
    let text = format!(
        "let (mut {stream}, {data}) = {}::wit_stream::new();\n{indent}let {result} = {call}({data}{rest});",
        context.support()
    );
    Ok(Opened { text, result })
}

/// A stream that is written, and where.
pub struct Written<'a> {
    pub stream: &'a str,
    /// The stream that is read from the other side as long as this one is open.
    pub beside: Option<&'a str>,
    /// The expression that gives it.
    pub origin: &'a Range<usize>,
    /// Its scope.
    pub scope: &'a Range<usize>,
    /// The block whose statements those are.
    pub block: &'a Range<usize>,
    pub indent: &'a str,
    /// The variable with the future that says how the stream ended.
    pub result: &'a str,
    /// The function that was given the readable end.
    pub taker: &'a str,
}

/// Whether the statement has no value, so that another one can follow it.
fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::While(_) | Expr::ForLoop(_) | Expr::Loop(_) => true,
        Expr::If(found) => found.else_branch.is_none(),
        _ => false,
    }
}

/// The edits of everything that is done with the stream, followed by waiting for the result. Or what to write instead.
pub fn writes(context: &RustContext, written: &Written) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let Written {
        stream,
        beside,
        origin,
        scope,
        block,
        indent,
        result,
        taker,
    } = *written;
    // After the last write the stream is closed and its end awaited. Otherwise the program might end before that.
    let mut last = None;
    let mut is_tail = false;
    file.each_block(&mut |found| {
        if file.range(found) == *block {
            for (index, statement) in found.stmts.iter().enumerate() {
                let range = file.range(statement);
                let mentions = |name: &str| !file.variable(name, &range).is_empty();
                if inside(&range, scope) && (mentions(stream) || beside.is_some_and(mentions)) {
                    is_tail = index + 1 == found.stmts.len()
                        && matches!(statement, syn::Stmt::Expr(expr, None) if !is_unit(expr));
                    last = Some(range);
                }
            }
        }
    });
    if is_tail {
        return Err(format!(
            "its value is made of the last write: end with awaiting what `{taker}` answers"
        ));
    }
    let last = last.unwrap_or_else(|| origin.clone());
    let is_dropped = context.text[last.clone()].trim() == format!("drop({stream});");
    let drop = if is_dropped {
        String::new()
    } else {
        format!("\n{indent}drop({stream});")
    };
    let mut edits = Vec::new();
    let mut failing: Option<Write> = None;
    let mut used = vec![origin.clone()];
    // Waiting for room is a part of writing.
    let waits = waits(context, stream, scope)?;
    edits.extend(waits.edits);
    used.extend(waits.used);
    file.each_expr_in(scope, &mut |expr| {
        if let Some(write) = write_call(context, expr, stream) {
            edits.push(Edit::replace(write.place.clone(), write.text.clone()));
            used.push(write.place.clone());
            if failing
                .as_ref()
                .is_none_or(|other| other.on_error < write.on_error)
            {
                failing = Some(write);
            }
        }
    });
    // What a write failed with is told by the future.
    let end = match failing.filter(|write| write.on_error > OnError::Continues) {
        Some(write) => format!("{result}.await{};", write.taken_off),
        None => format!("let _ = {result}.await;"),
    };
    edits.push(Edit::insert(last.end, format!("{drop}\n{indent}{end}")));
    for mention in file.variable(stream, scope) {
        if context.text[..mention.start].ends_with("drop(") {
            used.push(mention);
        } else if is_flush(context, &mention)
            && let Some((flush, _)) = file.statement(&mention)
        {
            used.push(flush.clone());
            edits.push(Edit::delete(whole_lines(context.text, flush)));
        }
    }
    let left = file
        .variable(stream, scope)
        .into_iter()
        .filter(|mention| !used.iter().any(|used| inside(mention, used)));
    match left.count() {
        0 => Ok(edits),
        _ => Err(format!(
            "write to `{stream}` with `write_all(bytes).await`; its readable end is what `{taker}` is given"
        )),
    }
}
