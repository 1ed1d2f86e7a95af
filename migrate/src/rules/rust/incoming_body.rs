//! Finds bodies that are read through `consume`, `stream` and blocking reads.
//!
//! ## Why
//! In 0.3 `consume_body` takes the message and returns a `stream<u8>` and a future with the trailers. Reading is awaited. The last read says that the stream
//! ended, and the future says whether it failed.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::types::{IncomingBody, IncomingResponse};
//! use wasi::io::streams::StreamError;
//!
//! async fn text(response: IncomingResponse) -> Vec<u8> {
//!     let body = response.consume().unwrap();
//!     let stream = body.stream().unwrap();
//!     let mut all = Vec::new();
//!     loop {
//!         match stream.blocking_read(4096) {
//!             Ok(chunk) => all.extend_from_slice(&chunk),
//!             Err(StreamError::Closed) => break,
//!             Err(error) => panic!("{error:?}"),
//!         }
//!     }
//!     drop(stream);
//!     IncomingBody::finish(body);
//!     all
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::types::Response;
//!
//! async fn text(response: Response) -> Vec<u8> {
//!     let (mut stream, trailers) = Response::consume_body(response, wasip3::wit_future::new(|| Ok(())).1);
//!     let mut all = Vec::new();
//!     loop {
//!         match stream.read(Vec::with_capacity(4096)).await {
//!             (wasip3::wit_bindgen::StreamResult::Complete(_), chunk) => all.extend_from_slice(&chunk),
//!             _ => match trailers.await {
//!                 Ok(_) => break,
//!                 Err(error) => panic!("{error:?}"),
//!             },
//!         }
//!     }
//!     drop(stream);
//!     all
//! }
//! ```
//!
//! ## Fix
//! Unsafe: what the old code did when the stream failed is done when the future tells so. The fix is made only if every mention of body and stream is one of these,
//! the message is not used afterwards (`consume_body` takes it), and the error is only printed. Otherwise it is reported.

mod lent;
mod matched;

pub use matched::{Read, matched};

use super::outgoing_request::waits;
use super::{RustContext, free_name, inside};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{method_on, peel, variable};
use crate::rust::segments;
use lent::{given_away, is_elsewhere};
use std::ops::Range;
use syn::{Expr, Pat};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, body, value| {
        let peeled = peel(value);
        let Some((message, call)) = method_on(peeled.core, "consume") else {
            return;
        };
        let ty = match context.file.types.wasi(&call.receiver) {
            Some("wasi:http/types.incoming-request" | "wasi:http/types.request") => "Request",
            Some("wasi:http/types.incoming-response" | "wasi:http/types.response") => "Response",
            _ => return,
        };
        let finding = Finding::new(
            context.at(call.method.span()),
            format!("`consume` is `{ty}::consume_body` in 0.3, which takes the message"),
        );
        found.push(
            match read(context, &statement, body, &message, peeled.core, ty) {
                Ok(edits) => finding.fix(Fix::risky(edits)),
                Err(reason) => finding.help(reason),
            },
        );
    });
}

fn read(
    context: &RustContext,
    statement: &Range<usize>,
    body: &str,
    message: &str,
    call: &Expr,
    ty: &str,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let around = file.reach(message, statement);
    let function = file
        .scope_of(statement, body)
        .ok_or("it is not in a block")?;
    if file
        .variable(message, &around)
        .iter()
        .any(|mention| mention.start >= statement.end && !is_elsewhere(context, call, mention))
    {
        return Err(format!(
            "`{message}` is used afterwards: take what you need of it before (headers stay valid)"
        ));
    }
    let mut edits = vec![Edit::delete(whole_lines(context.text, statement.clone()))];
    if is_lent(context, message, statement) {
        edits.extend(given_away(context, message, statement)?);
    }
    let mut used = vec![statement.clone()];
    let mut streams = Vec::new();
    file.each_let(&mut |range, name, value| {
        if method_on(peel(value).core, "stream").is_some_and(|(of, _)| of == body)
            && inside(&range, &function)
        {
            streams.push((range, name.to_owned()));
        }
    });
    let [(stream_let, stream)] = streams.as_slice() else {
        return Err("`consume_body` answers the stream and a future with the trailers".to_owned());
    };
    let stream_scope = file
        .scope_of(stream_let, stream)
        .ok_or("it is not in a block")?;
    let support = context.support();
    let body_of = file
        .function_around(statement)
        .ok_or("it is not in a function")?;
    let end = free_name(context, &body_of, "trailers");
    let mut asked = 0;
    used.push(stream_let.clone());
    let waits = waits(context, stream, &stream_scope)?;
    edits.extend(waits.edits);
    used.extend(waits.used);

    file.each_expr_in(&function, &mut |expr| {
        let done = match expr {
            Expr::Match(found) => matched(context, expr, found, stream, &end),
            Expr::While(found) => whiled(context, found, stream),
            _ => None,
        };
        if let Some(read) = done {
            asked += usize::from(read.asks);
            edits.extend(read.edits);
            used.extend(read.places);
        }
        // `IncomingBody::finish(body);`
        if let Some((wasi, call)) = file.called(expr)
            && wasi.full() == "wasi:http/types.incoming-body.finish"
            && call.args.first().and_then(variable).as_deref() == Some(body)
            && let Some((statement, _)) = file.statement(&file.range(expr))
            && is_idle(context, &statement, &function)
        {
            edits.push(Edit::delete(whole_lines(context.text, statement.clone())));
            used.push(statement);
        }
        // `std::io::Read::read_to_end(&mut stream, &mut all)`, as a method.
        if let Some((of, call)) = method_on(peel(expr).core, "read_to_end")
            && of == *stream
            && let Some(Expr::Reference(buffer)) = call.args.first()
            && let Some((statement, _)) = file.statement(&file.range(expr))
            && statement.start == file.range(expr).start
        {
            edits.push(Edit::replace(
                statement.clone(),
                format!(
                    "{}.extend({stream}.collect().await);",
                    context.text(&buffer.expr)
                ),
            ));
            used.push(statement);
        }
    });
    for mention in file.variable(stream, &stream_scope) {
        if context.text[..mention.start].ends_with("drop(") {
            used.push(mention);
        }
    }
    for mention in file
        .variable(body, &function)
        .into_iter()
        .filter(|mention| context.text[..mention.start].ends_with("drop("))
    {
        if let Some((statement, _)) = file.statement(&mention) {
            edits.push(Edit::delete(whole_lines(context.text, statement.clone())));
            used.push(statement);
        }
    }
    let mentions = file
        .variable(stream, &stream_scope)
        .into_iter()
        .chain(file.variable(body, &function));
    let left = mentions.filter(|mention| {
        mention.start >= statement.start && !used.iter().any(|used| inside(mention, used))
    });
    if left.count() > 0 {
        return Err(format!(
            "read `{stream}` with `read(Vec::with_capacity(n)).await`, or all of it with `collect().await`"
        ));
    }
    if asked > 1 {
        return Err(SEVERAL.to_owned());
    }
    let end = if asked == 0 { format!("_{end}") } else { end };
    let made = format!(
        "let (mut {stream}, {end}) = {}::consume_body({message}, {support}::wit_future::new(|| Ok(())).1);",
        context.http(ty)
    );
    edits.push(Edit::replace(stream_let.clone(), made));
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}

/// Why a stream is left as it is that is asked for its end at several places.
pub const SEVERAL: &str = "several places look at how the stream ended, which a future tells once: await it at one of them";

/// `while let Ok(chunk) = stream.blocking_read(n) { … }`
pub fn whiled(context: &RustContext, found: &syn::ExprWhile, stream: &str) -> Option<Read> {
    let Expr::Let(condition) = &*found.cond else {
        return None;
    };
    let (place, edit) = read_call(context, &condition.expr, stream)?;
    let (true, inner) = ok_or_err(&condition.pat)? else {
        return None;
    };
    let pat = format!(
        "({}::Complete(_), {})",
        stream_result(context),
        context.text(inner)
    );
    Some(Read {
        edits: vec![edit, Edit::replace(context.file.range(&condition.pat), pat)],
        places: vec![place],
        asks: false,
    })
}

/// The place of a blocking read, and its new form.
fn read_call(context: &RustContext, expr: &Expr, stream: &str) -> Option<(Range<usize>, Edit)> {
    let (_, call) = ["blocking_read", "read"]
        .iter()
        .find_map(|method| method_on(expr, method))
        .filter(|(of, _)| of == stream)?;
    let length = call.args.first().filter(|_| call.args.len() == 1)?;
    let text = context.text(length).to_owned();
    let length = match length {
        Expr::Lit(_) => text
            .trim_end_matches("u64")
            .trim_end_matches('_')
            .to_owned(),
        _ => format!("({text}) as usize"),
    };
    let range = context.file.range(expr);
    Some((
        range.clone(),
        Edit::replace(
            range,
            format!("{stream}.read(Vec::with_capacity({length})).await"),
        ),
    ))
}

/// Whether the pattern is of an `Ok` or an `Err`, and what is inside.
fn ok_or_err(pat: &Pat) -> Option<(bool, &Pat)> {
    let Pat::TupleStruct(found) = pat else {
        return None;
    };
    let name = segments(&found.path);
    let inner = found.elems.first()?;
    match name.last()?.as_str() {
        "Ok" => Some((true, inner)),
        "Err" => Some((false, inner)),
        _ => None,
    }
}

fn stream_result(context: &RustContext) -> String {
    let spawn = context.spawn();
    format!("{}::StreamResult", spawn.trim_end_matches("::spawn_local"))
}

/// Whether the statement's value is not used.
fn is_idle(context: &RustContext, statement: &Range<usize>, function: &Range<usize>) -> bool {
    let text = &context.text[statement.clone()];
    let Some(rest) = text.strip_prefix("let ") else {
        return text.ends_with(';');
    };
    let name: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    name == "_" || context.file.variable(&name, function).is_empty()
}

fn is_named(pat: &Pat, name: &str) -> bool {
    matches!(pat, Pat::Ident(found) if found.ident == name)
}

/// Whether the message is a parameter that is a reference.
fn is_lent(context: &RustContext, message: &str, statement: &Range<usize>) -> bool {
    let parameters = context.file.parameters_around(statement);
    parameters
        .iter()
        .any(|(name, ty)| name == message && matches!(ty, syn::Type::Reference(_)))
}
