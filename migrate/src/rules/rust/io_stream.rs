//! Finds streams of the standard input and output and of files, read and written by blocking calls.
//!
//! ## Why
//! In 0.3 input is a `stream<u8>`, with a future that says how it ended. Output is written to a stream whose readable end is passed to
//! `write_via_stream(data)`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::cli::{stdin, stdout};
//!
//! async fn copy() {
//!     let input = stdin::get_stdin();
//!     let output = stdout::get_stdout();
//!     while let Ok(chunk) = input.blocking_read(4096) {
//!         output.blocking_write_and_flush(&chunk).unwrap();
//!     }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::cli::{stdin, stdout};
//!
//! async fn copy() {
//!     let (mut input, _read) = stdin::read_via_stream();
//!     let (mut output, data) = wasip3::wit_stream::new();
//!     let output_written = stdout::write_via_stream(data);
//!     while let (wasip3::wit_bindgen::StreamResult::Complete(_), chunk) = input.read(Vec::with_capacity(4096)).await {
//!         output.write_all(chunk.to_vec()).await;
//!     }
//!     drop(output);
//!     output_written.await.unwrap();
//! }
//! ```
//!
//! ## Fix
//! Unsafe: the futures say whether opening, reading or writing failed. They are awaited, but not looked at yet. The fix is made only if every mention of the stream is
//! a known read or write. Otherwise it is reported.

mod reads;
mod writes;

pub use reads::reads;
pub use writes::{Written, opened, writes};

use super::{RustContext, indent};
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::rust::flow::peel;
use crate::rust::segments;
use std::ops::Range;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, stream, value| {
        let Some(source) = source(context, peel(value).core) else {
            return;
        };
        let message = format!("`{}` is `{}` in 0.3, with a stream", source.old, source.new);
        let finding = Finding::new(context.file.range(value), message);
        let edits = if source.reads {
            read(context, &statement, stream, &source)
        } else {
            written(context, &statement, stream, &source)
        };
        found.push(match edits {
            Ok(edits) => finding.fix(Fix::risky(edits)),
            Err(reason) => finding.help(reason),
        });
    });
}

/// A call that returns a stream of 0.2.
struct Source {
    old: String,
    new: &'static str,
    /// The call with the new name, up to the parenthesis.
    call: String,
    arguments: String,
    reads: bool,
}

fn source(context: &RustContext, expr: &Expr) -> Option<Source> {
    if let Some((found, call)) = context.file.called(expr) {
        let new = match found.full() {
            "wasi:cli/stdin.get-stdin" => "read_via_stream",
            "wasi:cli/stdout.get-stdout" | "wasi:cli/stderr.get-stderr" => "write_via_stream",
            _ => return None,
        };
        let Expr::Path(function) = &*call.func else {
            return None;
        };
        let mut written = segments(&function.path);
        let old = written.pop()?;
        if written.is_empty() {
            let module = old.trim_start_matches("get_").to_owned();
            let support = context.support();
            written = if support == context.new_crate() {
                vec![support, "cli".into(), module]
            } else {
                vec![support, "wasi".into(), "cli".into(), module]
            };
        } else if matches!(written[0].as_str(), "wasi" | "wasip2")
            && !context.file.names.generates()
        {
            written[0] = context.new_crate().to_owned();
        }
        return Some(Source {
            old,
            new,
            call: format!("{}::{new}", written.join("::")),
            arguments: String::new(),
            reads: new.starts_with("read"),
        });
    }
    let Expr::MethodCall(call) = expr else {
        return None;
    };
    let new = match call.method.to_string().as_str() {
        "read_via_stream" => "read_via_stream",
        "write_via_stream" => "write_via_stream",
        "append_via_stream" => "append_via_stream",
        _ => return None,
    };
    // The call of 0.3 has the data first.
    let ours = context.file.types.wasi(&call.receiver) == Some("wasi:filesystem/types.descriptor")
        && call.args.len() == usize::from(new != "append_via_stream");
    let arguments = call
        .args
        .iter()
        .map(|argument| context.text(argument))
        .collect::<Vec<_>>()
        .join(", ");
    ours.then(|| Source {
        old: new.to_owned(),
        new,
        call: format!("{}.{new}", context.text(&call.receiver)),
        arguments,
        reads: new.starts_with("read"),
    })
}

fn read(
    context: &RustContext,
    statement: &Range<usize>,
    stream: &str,
    source: &Source,
) -> Result<Vec<Edit>, String> {
    let scope = context.file.scope_of(statement, stream);
    let scope = scope.ok_or("it is not in a block")?;
    let reads = reads(context, stream, statement, &scope)?;
    // Once moved, it is a tuple and has no name of its own.
    let mut edits = vec![Edit::replace(
        statement.clone(),
        format!(
            "let (mut {stream}, {}) = {}({});",
            reads.end, source.call, source.arguments
        ),
    )];
    edits.extend(reads.edits);
    sorted(edits)
}

fn written(
    context: &RustContext,
    statement: &Range<usize>,
    stream: &str,
    source: &Source,
) -> Result<Vec<Edit>, String> {
    let opened = opened(context, statement, stream, &source.call, &source.arguments)?;
    let mut edits = vec![Edit::replace(statement.clone(), opened.text)];
    let (Some(scope), Some((_, block))) = (
        context.file.scope_of(statement, stream),
        context.file.statement(statement),
    ) else {
        return Err("it is not in a block".to_owned());
    };
    let written = Written {
        stream,
        beside: None,
        origin: statement,
        scope: &scope,
        block: &block,
        indent: &indent(context.text, statement.start),
        result: &opened.result,
        taker: source.new,
    };
    edits.extend(writes(context, &written)?);
    sorted(edits)
}

/// In the order of the text, each once.
pub fn sorted(mut edits: Vec<Edit>) -> Result<Vec<Edit>, String> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}
