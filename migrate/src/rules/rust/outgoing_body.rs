//! Finds messages that are made first and given a body later: `OutgoingResponse::new`, `body`, `write`, `OutgoingBody::finish`.
//!
//! ## Why
//! In 0.3 a message is made with the readable end of a `stream<u8>`. The maker of the message keeps the writable end. Nothing is taken from
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
//!         assert!(out.write_all(b"hello".to_vec()).await.is_empty(), "the stream is closed");
//!         drop(out);
//!     });
//!     response
//! }
//! ```
//!
//! ## Fix
//! Unsafe: what is written is taken later than before, and the writer is not told any more that the reader has gone. The fix is made only if every mention of body and
//! stream is one of these, the writing is one piece of a block, and there are no trailers. Otherwise it is reported.

mod call;
mod task;
mod writing;

pub use call::{OnError, Write, is_flush, write_call};

use super::{RustContext, free_name, indent, inside};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{method_on, peel};
use std::ops::Range;
use syn::Expr;
use writing::Writing;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    chained(context, found);
    context.file.each_let(&mut |statement, message, value| {
        let Some((wasi, call)) = context.file.called(value) else {
            return;
        };
        let full = wasi.full();
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
            message,
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

/// `body.write().unwrap().blocking_write_and_flush(bytes).unwrap();`: gives the stream a name, then it is like the others.
fn chained(context: &RustContext, found: &mut Vec<Finding>) {
    let file = context.file;
    file.each_expr(&mut |expr| {
        let Expr::MethodCall(call) = expr else { return };
        if call.method != "write"
            || file.types.wasi(&call.receiver) != Some("wasi:http/types.outgoing-body")
        {
            return;
        }
        let stream = file.unpeeled(expr);
        let Some(Expr::MethodCall(written)) = file.index.around(stream) else {
            return;
        };
        let place = file.range(stream);
        let Some((statement, _)) = file.statement(&place) else {
            return;
        };
        if written.method != "blocking_write_and_flush" || statement.start != place.start {
            return;
        }
        let Some(function) = file.function_around(&statement) else {
            return;
        };
        let name = free_name(context, &function, "stream");
        let indent = indent(context.text, statement.start);
        let edits = vec![
            Edit::insert(
                statement.start,
                format!("let {name} = {};\n{indent}", context.text(stream)),
            ),
            Edit::replace(place.clone(), name.clone()),
            Edit::insert(statement.end, format!("\n{indent}drop({name});")),
        ];
        let finding = Finding::new(place, "a body is written through a stream without a name");
        found.push(finding.fix(Fix::risky(edits)));
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
    let no_trailers = format!("{support}::wit_future::new(|| Ok(None))");
    let new = |contents: &str, trailers: &str| {
        format!(
            "{}::new({headers}, {contents}, {trailers}{options}).0",
            context.http(name)
        )
    };
    let Some((body_let, body)) = body else {
        let new = new("None", &format!("{no_trailers}.1"));
        return Ok((!is_request).then(|| vec![Edit::replace(file.range(value), new)]));
    };

    let writing = Writing::of(context, &function, &body, &body_let)?;
    let contents = free_name(context, &function, "contents");
    let indent = indent(context.text, statement.start);
    let contents_given = format!("Some({contents})");
    let mut made = format!("let ({body}, {contents}) = {support}::wit_stream::new();\n{indent}");
    let new = match &writing.trailers {
        Some(writer) => {
            let trailers = free_name(context, &function, "trailers");
            made += &format!("let ({writer}, {trailers}) = {no_trailers};\n{indent}");
            new(&contents_given, &trailers)
        }
        None => new(&contents_given, &format!("{no_trailers}.1")),
    };
    let mut edits = vec![
        Edit::insert(statement.start, made),
        Edit::replace(file.range(value), new),
        Edit::delete(whole_lines(context.text, body_let)),
    ];
    edits.extend(writing.task(context)?);
    Ok(Some(edits))
}
