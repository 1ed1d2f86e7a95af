//! Finds messages that are made first and given a body later: `OutgoingResponse::new`, `body`, `write`, `OutgoingBody::finish`.
//!
//! ## Why
//! In 0.3 a message is made with the readable end of a `stream<u8>`; who makes the message keeps the writable end. Nothing is taken from
//! the stream before the message has been passed on, so the writing is a task of its own.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse};
//!
//! fn hello() -> OutgoingResponse {
//!     let response = OutgoingResponse::new(Fields::new());
//!     response.set_status_code(201).unwrap();
//!     let body = response.body().unwrap();
//!     let out = body.write().unwrap();
//!     out.blocking_write_and_flush(b"hello").unwrap();
//!     drop(out);
//!     OutgoingBody::finish(body, None).unwrap();
//!     response
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::types::{Fields, Response};
//!
//! fn hello() -> Response {
//!     let (body, contents) = wasip3::wit_stream::new();
//!     let response = Response::new(Fields::new(), Some(contents), wasip3::wit_future::new(|| Ok(None)).1).0;
//!     response.set_status_code(201).unwrap();
//!     wasip3::wit_bindgen::spawn_local(async move {
//!         let mut out = body;
//!         out.write_all(b"hello".to_vec()).await;
//!         drop(out);
//!     });
//!     response
//! }
//! ```
//!
//! ## Fix
//! Unsafe: what is written is taken later than before, and that somebody has gone away is not told any more. Only if every mention of body and
//! stream is one of these, the writing is one piece of a block, and there are no trailers; else it is reported.

use super::RustContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{called, is_none, method_on, peel, variable};
use std::ops::Range;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, message, value| {
        let Some((path, call)) = called(value) else {
            return;
        };
        let full = context
            .file
            .names
            .wasi(&path)
            .map(|wasi| wasi.full().to_owned())
            .unwrap_or_default();
        let is_request = full == "wasi:http/types.outgoing-request.new";
        if !(is_request || full == "wasi:http/types.outgoing-response.new") || call.args.len() != 1
        {
            return;
        }
        let finding = Finding::new(
            context.file.range(value),
            "a message is made with all its parts in 0.3",
        );
        match made(
            context,
            &statement,
            &message,
            value,
            context.text(&call.args[0]),
            is_request,
        ) {
            // A request without body is told by `outgoing-request`.
            Ok(None) => {}
            Ok(Some(edits)) => found.push(finding.fix(Fix::risky(edits))),
            Err(reason) => found.push(finding.help(reason)),
        }
    });
}

fn made(
    context: &RustContext,
    statement: &Range<usize>,
    message: &str,
    value: &Expr,
    headers: &str,
    is_request: bool,
) -> Result<Option<Vec<Edit>>, String> {
    let file = context.file;
    let function = file
        .scope_of(statement, message)
        .ok_or("it is not in a block")?;
    let mut body: Option<(Range<usize>, String)> = None;
    let mut bodies = 0;
    file.each_let(&mut |range, name, value| {
        if inside(&range, &function)
            && method_on(peel(value).core, "body").is_some_and(|(of, _)| of == message)
        {
            body = Some((range, name.to_owned()));
            bodies += 1;
        }
    });
    let mut calls = 0;
    file.each_expr_in(&function, &mut |expr| {
        calls += usize::from(method_on(expr, "body").is_some_and(|(of, _)| of == message))
    });
    if calls != bodies || bodies > 1 {
        return Err("make a stream with `wit_stream::new`, give its readable end here, and write to the other in a task".to_owned());
    }
    let support = context.support();
    let options = match is_request {
        true => format!(
            ", {}",
            super::outgoing_request::options_of(context, message, statement)?
        ),
        false => String::new(),
    };
    let name = if is_request { "Request" } else { "Response" };
    let new = |contents: &str| {
        format!(
            "{}::new({headers}, {contents}, {support}::wit_future::new(|| Ok(None)).1{options}).0",
            context.http(name)
        )
    };
    let Some((body_let, body)) = body else {
        return Ok((!is_request).then(|| vec![Edit::replace(file.range(value), new("None"))]));
    };

    let writing = Writing::of(context, &function, &body, &body_let)?;
    let contents = free_name(context, &function, "contents");
    let indent = indent(context.text, statement.start);
    let mut edits = vec![
        Edit::insert(
            statement.start,
            format!("let ({body}, {contents}) = {support}::wit_stream::new();\n{indent}"),
        ),
        Edit::replace(file.range(value), new(&format!("Some({contents})"))),
        Edit::delete(whole_lines(context.text, body_let)),
    ];
    edits.extend(writing.task(context)?);
    Ok(Some(edits))
}

/// The statements that write a body.
struct Writing {
    /// One piece of a block.
    range: Range<usize>,
    edits: Vec<Edit>,
}

impl Writing {
    fn of(
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
        // (2) What is written, and the end of it.
        let mut trailers = false;
        file.each_expr_in(function, &mut |expr| {
            let range = file.range(expr);
            if inside(&range, &stream_scope)
                && let Some((written, place)) = write_call(context, expr, stream)
            {
                edits.push(Edit::replace(place.clone(), written));
                used.push(place);
            }
            if let Some((path, call)) = called(expr)
                && file
                    .names
                    .wasi(&path)
                    .is_some_and(|wasi| wasi.full() == "wasi:http/types.outgoing-body.finish")
                && call.args.first().and_then(variable).as_deref() == Some(body)
            {
                trailers |= !call.args.get(1).is_some_and(is_none);
                if let Some((statement, _)) = file.statement(&range) {
                    used.push(statement.clone());
                    edits.push(Edit::delete(whole_lines(context.text, statement)));
                }
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
        if trailers {
            return Err("trailers are the future that the message is made with".to_owned());
        }
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
        // (3) All of it is one piece: statements of the block in which the first one is.
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
        // What the task takes with it can be dropped by it.
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
        Ok(Self { range, edits })
    }

    /// The edits that make a task of it.
    fn task(self, context: &RustContext) -> Result<Vec<Edit>, String> {
        let text = &context.text[self.range.clone()];
        if contains_jump(context, &self.range) {
            return Err(
                "the writing leaves the function (`return`, `?`): put it into a task by hand"
                    .to_owned(),
            );
        }
        let indent = indent(context.text, self.range.start);
        let mut owned = String::new();
        for name in borrowed(context, &self.range)? {
            owned += &format!("let {name} = {name}.to_owned();\n{indent}");
        }
        let mut edits = self.edits;
        edits.push(Edit::insert(
            self.range.start,
            format!("{owned}{}(async move {{\n{indent}    ", context.spawn()),
        ));
        // One step further in, but for the lines of strings.
        let mut at = self.range.start;
        for line in text.split_inclusive('\n') {
            let next = at + line.len();
            // Not within what is deleted or written anew.
            let deleted = edits.iter().any(|edit| {
                let first =
                    edit.range.start < next || edit.text.is_empty() && edit.range.start == next;
                first && next < edit.range.end
            });
            if next < self.range.end
                && !deleted
                && !context.text[next..].starts_with('\n')
                && !in_string(context, next)
            {
                edits.push(Edit::insert(next, "    "));
            }
            at = next;
        }
        let end = self.range.end;
        // Behind the last statement, or where it was if that goes.
        let deletes_last = edits.iter().position(|edit| {
            edit.text.is_empty() && edit.range.start < end && end <= edit.range.end
        });
        match deletes_last {
            Some(index) => {
                let range = edits[index].range.clone();
                let whole = context.text[range.clone()].ends_with('\n');
                edits[index] = Edit::replace(
                    range.clone(),
                    if whole {
                        format!("{indent}}});\n")
                    } else {
                        "}); ".to_owned()
                    },
                );
                if !whole {
                    edits.retain(|edit| {
                        !(edit.text == "    "
                            && edit.range.is_empty()
                            && context.text[edit.range.start..range.start]
                                .trim()
                                .is_empty())
                    });
                }
            }
            None => edits.push(Edit::insert(end, format!("\n{indent}}});"))),
        }
        Ok(edits)
    }
}

/// A variable from outside that the bytes mention, that is mentioned behind them again, and that may not be there any more once a task has it.
fn needed_later(
    context: &RustContext,
    range: &Range<usize>,
    function: &Range<usize>,
) -> Option<String> {
    let file = context.file;
    let mut names: Vec<(String, bool)> = Vec::new();
    for (name, ty) in file.parameters_around(range) {
        let ty = quote::quote!(#ty).to_string();
        let copied = [
            "u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64",
            "bool", "char",
        ]
        .contains(&ty.as_str());
        names.push((name, copied));
    }
    file.each_let(&mut |statement, name, value| {
        if inside(&statement, function) && statement.end <= range.start {
            names.push((name.to_owned(), matches!(value, Expr::Lit(_))));
        }
    });
    let later = range.end..function.end;
    let used = |name: &str| {
        !file.variable(name, range).is_empty()
            && file.variable(name, &later).iter().any(|mention| {
                let statement = file
                    .statement(mention)
                    .map(|(statement, _)| context.text[statement].to_owned())
                    .unwrap_or_default();
                !statement.contains("OutgoingBody::finish")
                    && !statement.contains("IncomingBody::finish")
            })
    };
    names
        .into_iter()
        .find(|(name, copied)| !copied && used(name))
        .map(|(name, _)| name)
}

/// The variables in these bytes that only borrow bytes or text, of which a task needs its own.
fn borrowed(context: &RustContext, range: &Range<usize>) -> Result<Vec<String>, String> {
    let file = context.file;
    let mentioned = |name: &str| !file.variable(name, range).is_empty();
    let mut names = Vec::new();
    for (name, ty) in file
        .parameters_around(range)
        .into_iter()
        .filter(|(name, _)| mentioned(name))
    {
        let text: String = quote::quote!(#ty)
            .to_string()
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        match text.as_str() {
            "&[u8]" | "&str" | "&String" | "&Vec<u8>" => names.push(name),
            text if text.contains('&') || text.contains("impl") || text.len() == 1 => {
                return Err(format!(
                    "the writing needs `{name}`, which is only lent here, and a task may outlive it: write in a task that owns what it writes"
                ));
            }
            _ => {}
        }
    }
    let function = file.function_around(range).unwrap_or_else(|| range.clone());
    file.each_let(&mut |statement, name, value| {
        let lends = match value {
            Expr::Reference(_) => true,
            Expr::MethodCall(call) => ["as_bytes", "as_str", "as_slice", "trim"]
                .iter()
                .any(|method| call.method == method),
            _ => false,
        };
        if lends
            && inside(&statement, &function)
            && statement.end <= range.start
            && mentioned(name)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    });
    Ok(names)
}

/// `stream.blocking_write_and_flush(bytes).unwrap()`, and others that write: what it is now, and the place with what takes off the `Result`.
pub fn write_call(
    context: &RustContext,
    expr: &Expr,
    stream: &str,
) -> Option<(String, Range<usize>)> {
    let file = context.file;
    let range = file.range(expr);
    if let Expr::Macro(found) = expr
        && ["write", "writeln"]
            .iter()
            .any(|name| found.mac.path.is_ident(name))
    {
        let arguments = file.macro_arguments(&found.mac);
        if arguments.first().and_then(variable).as_deref() != Some(stream) {
            return None;
        }
        let start = file.range(arguments.get(1)?).start;
        let inner = &context.text[start..range.end - 1];
        let newline = if found.mac.path.is_ident("writeln") {
            " + \"\\n\""
        } else {
            ""
        };
        let text = format!("format!({inner})");
        let text = if newline.is_empty() {
            text
        } else {
            format!("({text}{newline})")
        };
        return answered(
            context,
            format!("{stream}.write_all({text}.into_bytes()).await"),
            expr,
            file.range(file.unpeeled(expr)),
        );
    }
    let (_, call) = ["blocking_write_and_flush", "write_all"]
        .iter()
        .find_map(|method| method_on(expr, method))
        .filter(|(of, _)| of == stream)?;
    if call.args.len() != 1 || context.text[range.end..].trim_start().starts_with(".await") {
        return None;
    }
    let bytes = match &call.args[0] {
        Expr::Reference(inner) => &inner.expr,
        argument => argument,
    };
    let text = context.text(bytes);
    let simple = matches!(
        bytes,
        Expr::Path(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Index(_)
            | Expr::Field(_)
            | Expr::Call(_)
            | Expr::Paren(_)
            | Expr::Macro(_)
    );
    let bytes = if simple {
        format!("{text}.to_vec()")
    } else {
        format!("({text}).to_vec()")
    };
    answered(
        context,
        format!("{stream}.write_all({bytes}).await"),
        expr,
        file.range(file.unpeeled(expr)),
    )
}

/// The write with what is done with its answer, which is no `Result` any more but what could not be written.
fn answered(
    context: &RustContext,
    write: String,
    call: &Expr,
    peeled: Range<usize>,
) -> Option<(String, Range<usize>)> {
    let range = context.file.range(call);
    for (method, new) in [
        ("is_err", format!("!{write}.is_empty()")),
        ("is_ok", format!("{write}.is_empty()")),
    ] {
        if let Some(Expr::MethodCall(outer)) = context.file.index.around(call)
            && outer.method == method
            && std::ptr::eq(&*outer.receiver, call)
        {
            return Some((new, context.file.range(outer)));
        }
    }
    let (statement, _) = context.file.statement(&range)?;
    let before = context.text[statement.start..peeled.start].trim();
    let after = context.text[peeled.end..].trim_start();
    let idle = (before.is_empty() || before == "let _ =")
        && (after.starts_with(';')
            || after.starts_with('}') && statement.end == peeled.end && peeled != range);
    idle.then_some((write, peeled))
}

pub fn is_flush(context: &RustContext, mention: &Range<usize>) -> bool {
    let rest = &context.text[mention.end..];
    let statement = context
        .file
        .statement(mention)
        .is_some_and(|(statement, _)| statement.start == mention.start);
    statement
        && [".blocking_flush()", ".flush()"]
            .iter()
            .any(|call| rest.starts_with(call))
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

/// Is there a `return`, or a `?` outside of what is rewritten?
fn contains_jump(context: &RustContext, range: &Range<usize>) -> bool {
    super::contains(context.file, range.clone(), &|expr| match expr {
        Expr::Return(_) => true,
        Expr::Try(inner) => {
            let peeled = peel(expr);
            let _ = inner;
            !matches!(peeled.core, Expr::MethodCall(call) if ["blocking_write_and_flush", "write_all", "write", "blocking_flush", "flush"].iter().any(|name| call.method == name))
                && called(peeled.core)
                    .is_none_or(|(path, _)| path.last().is_none_or(|last| last != "finish"))
        }
        _ => false,
    })
}

/// Does this byte stand within a string literal of several lines?
fn in_string(context: &RustContext, at: usize) -> bool {
    let mut found = false;
    context.file.each_expr(&mut |expr| {
        if let Expr::Lit(_) = expr {
            let range = context.file.range(expr);
            found |= range.start < at && at < range.end;
        }
    });
    found
}

pub fn free_name(context: &RustContext, function: &Range<usize>, name: &str) -> String {
    let mut free = name.to_owned();
    while !context.file.variable(&free, function).is_empty()
        || context.text[function.clone()].contains(&format!(", {free})"))
    {
        free += "_";
    }
    free
}

pub fn indent(text: &str, at: usize) -> String {
    let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
    text[line..at]
        .chars()
        .take_while(|c| *c == ' ' || *c == '\t')
        .collect()
}

pub fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
