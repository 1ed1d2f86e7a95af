//! Collects the statements that write a body, and what each of them becomes.

use super::super::outgoing_request::waits;
use super::super::{RustContext, free_name, inside};
use super::call::{is_flush, write_call};
use super::task::needed_later;
use crate::edit::{Edit, whole_lines};
use crate::rust::flow::{is_none, method_on, peel, variable};
use std::ops::Range;

/// The statements that write a body.
pub struct Writing {
    /// One piece of a block.
    pub range: Range<usize>,
    pub edits: Vec<Edit>,
    /// The variable that the trailers are written to, if there are any.
    pub trailers: Option<String>,
}

impl Writing {
    pub fn of(
        context: &RustContext,
        function: &Range<usize>,
        body: &str,
        body_let: &Range<usize>,
    ) -> Result<Self, String> {
        let file = context.file;
        let mut edits = Vec::new();
        let mut used: Vec<Range<usize>> = vec![body_let.clone()];
        // (1) `let stream = body.write()…;`
        let mut streams = Vec::new();
        file.each_let(&mut |range, name, value| {
            if method_on(peel(value).core, "write")
                .is_some_and(|(of, call)| of == body && call.args.is_empty())
                && inside(&range, function)
            {
                edits.push(Edit::replace(
                    range.clone(),
                    format!("let mut {name} = {body};"),
                ));
                used.push(range.clone());
                streams.push((range, name.to_owned()));
            }
        });
        let [(stream_let, stream)] = streams.as_slice() else {
            return Err(
                "write to the writable end of the stream that the message is made with, in a task"
                    .to_owned(),
            );
        };
        let stream_scope = file
            .scope_of(stream_let, stream)
            .ok_or("it is not in a block")?;
        // (2) The writes, and their end. Waiting for room is a part of writing.
        let waits = waits(context, stream, &stream_scope)?;
        edits.extend(waits.edits);
        used.extend(waits.used);
        let mut trailers = Vec::new();
        file.each_expr_in(function, &mut |expr| {
            let range = file.range(expr);
            if inside(&range, &stream_scope)
                && let Some(write) = write_call(context, expr, stream)
            {
                edits.push(Edit::replace(write.place.clone(), write.in_task()));
                used.push(write.place);
            }
            if let Some((wasi, call)) = file.called(expr)
                && wasi.full() == "wasi:http/types.outgoing-body.finish"
                && call.args.first().and_then(variable).as_deref() == Some(body)
            {
                let Some((statement, _)) = file.statement(&range) else {
                    return;
                };
                match call.args.get(1).filter(|argument| !is_none(argument)) {
                    Some(given) => trailers.push((statement.clone(), context.text(given))),
                    None => {
                        edits.push(Edit::delete(whole_lines(context.text, statement.clone())));
                    }
                }
                used.push(statement);
            }
        });
        for mention in file.variable(stream, &stream_scope) {
            if context.text[..mention.start].ends_with("drop(") {
                used.push(mention);
            } else if is_flush(context, &mention)
                && let Some((statement, _)) = file.statement(&mention)
            {
                used.push(statement.clone());
                edits.push(Edit::delete(whole_lines(context.text, statement)));
            }
        }
        let trailers = match trailers.as_slice() {
            [] => None,
            [(statement, given)] => {
                let writer = free_name(context, function, "trailers_writer");
                let written = format!("let _ = {writer}.write(Ok({given})).await;");
                edits.push(Edit::replace(statement.clone(), written));
                Some(writer)
            }
            _ => return Err("trailers are the future that the message is made with".to_owned()),
        };
        let mentions = file
            .variable(stream, &stream_scope)
            .into_iter()
            .chain(file.variable(body, function));
        let mentions: Vec<_> = mentions
            .filter(|mention| mention.start >= stream_let.start || inside(mention, stream_let))
            .collect();
        if mentions
            .iter()
            .any(|mention| !used.iter().any(|used| inside(mention, used)))
        {
            return Err(format!(
                "`{stream}` is used in a way that a `StreamWriter` can't be: write with `write_all(bytes).await`, in a task"
            ));
        }
        // (3) All of it is one piece: statements of the block that has the first one.
        let (first, block) = file.statement(stream_let).ok_or("it is not in a block")?;
        let (first, block) = enclosing(context, first, block, &mentions);
        let end = mentions
            .iter()
            .map(|mention| mention.end)
            .max()
            .unwrap_or(first.end);
        let mut last = first.clone();
        file.each_block(&mut |found| {
            if file.range(found) == block {
                for statement in &found.stmts {
                    let range = file.range(statement);
                    if range.start < end {
                        last = range;
                    }
                }
            }
        });
        // The task may drop what it takes with it.
        let mut range = first.start..last.end;
        file.each_block(&mut |found| {
            if file.range(found) == block {
                for statement in found
                    .stmts
                    .iter()
                    .map(|statement| file.range(statement))
                    .filter(|statement| statement.start >= last.end)
                {
                    let dropped = context.text[statement.clone()]
                        .strip_prefix("drop(")
                        .and_then(|rest| rest.strip_suffix(");"));
                    if statement.start > range.end + 1
                        && !context.text[range.end..statement.start].trim().is_empty()
                        || dropped.is_none_or(|name| file.variable(name, &range).is_empty())
                    {
                        break;
                    }
                    range.end = statement.end;
                }
            }
        });
        let around = file
            .function_around(&range)
            .ok_or("it is not in a function")?;
        if let Some(name) = needed_later(context, &range, &around) {
            return Err(format!(
                "the writing needs `{name}`, which is used afterwards too: give the task its own"
            ));
        }
        edits.sort_by_key(|edit| edit.range.start);
        edits.dedup();
        Ok(Self {
            range,
            edits,
            trailers,
        })
    }
}

/// The statement and its block that hold all the mentions: the writing may begin in a block of its own.
fn enclosing(
    context: &RustContext,
    first: Range<usize>,
    block: Range<usize>,
    mentions: &[Range<usize>],
) -> (Range<usize>, Range<usize>) {
    let (mut first, mut block) = (first, block);
    while !mentions.iter().all(|mention| inside(mention, &block)) {
        match context.file.statement(&block) {
            Some((outer, outer_block)) if outer != first => (first, block) = (outer, outer_block),
            _ => break,
        }
    }
    (first, block)
}
