//! Finds streams of the standard input and output and of files, read and written by blocking calls.
//!
//! ## Why
//! In 0.3 what is read comes as a `stream<u8>` with a future that tells how it ended; what is written goes into a stream whose readable end is passed
//! along: `write_via_stream(data)`.
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
//!     let _ = output_written.await;
//! }
//! ```
//!
//! ## Fix
//! Unsafe: that opening, reading or writing failed is told by the futures, which are awaited, but not looked at yet. Only if every mention of the stream is
//! a read or write that is known; else it is reported.

use super::RustContext;
use super::incoming_body::{matched, whiled};
use super::outgoing_body::{is_flush, write_call};
use super::outgoing_request::waits;
use super::{free_name, indent, inside};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{called, peel};
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

/// A call that answers a stream of 0.2.
struct Source {
    old: String,
    new: &'static str,
    /// The call with the new name, up to the parenthesis.
    call: String,
    arguments: String,
    reads: bool,
}

fn source(context: &RustContext, expr: &Expr) -> Option<Source> {
    if let Some((path, call)) = called(expr) {
        let found = context.file.names.wasi(&path)?;
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
    let file = context.file;
    let scope = file
        .scope_of(statement, stream)
        .ok_or("it is not in a block")?;
    // Once moved, it is a tuple and has no name of its own.
    let mut edits = vec![Edit::replace(
        statement.clone(),
        format!(
            "let (mut {stream}, _read) = {}({});",
            source.call, source.arguments
        ),
    )];
    let mut used = vec![statement.clone()];
    let waits = waits(context, stream, &scope)?;
    edits.extend(waits.edits);
    used.extend(waits.used);
    let mut reads = 0;
    file.each_expr_in(&scope, &mut |expr| {
        let done = match expr {
            Expr::Match(found) => matched(context, found, stream),
            Expr::While(found) => whiled(context, found, stream),
            _ => None,
        };
        if let Some((new, places)) = done {
            reads += 1;
            edits.extend(new);
            used.extend(places);
        }
    });
    let dropped = |mention: &Range<usize>| context.text[..mention.start].ends_with("drop(");
    let left = file
        .variable(stream, &scope)
        .into_iter()
        .filter(|mention| !used.iter().any(|used| inside(mention, used)) && !dropped(mention));
    if reads == 0 || left.count() > 0 {
        return Err(format!(
            "read `{stream}` with `read(Vec::with_capacity(n)).await`, or all of it with `collect().await`"
        ));
    }
    sorted(edits)
}

fn written(
    context: &RustContext,
    statement: &Range<usize>,
    stream: &str,
    source: &Source,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let scope = file
        .scope_of(statement, stream)
        .ok_or("it is not in a block")?;
    let function = file
        .function_around(statement)
        .ok_or("it is not in a function")?;
    let indent = indent(context.text, statement.start);
    let data = free_name(context, &function, "data");
    let rest = if source.arguments.is_empty() {
        String::new()
    } else {
        format!(", {}", source.arguments)
    };
    let result = free_name(context, &function, &format!("{stream}_written"));
    let made = format!(
        "let (mut {stream}, {data}) = {}::wit_stream::new();\n{indent}let {result} = {}({data}{rest});",
        context.support(),
        source.call
    );
    let mut edits = vec![Edit::replace(statement.clone(), made)];
    // Behind the last write the stream is closed, and the end of it waited for: else the program might be over before.
    let mut last = statement.clone();
    let (_, block) = file.statement(statement).ok_or("it is not in a block")?;
    let mut is_tail = false;
    file.each_block(&mut |found| {
        if file.range(found) == block {
            for (index, statement) in found.stmts.iter().enumerate() {
                let range = file.range(statement);
                if inside(&range, &scope) && !file.variable(stream, &range).is_empty() {
                    is_tail = index + 1 == found.stmts.len() && matches!(statement, syn::Stmt::Expr(expr, None) if !matches!(expr, Expr::While(_) | Expr::ForLoop(_) | Expr::Loop(_)));
                    last = range;
                }
            }
        }
    });
    if is_tail {
        return Err(format!(
            "its value is made of the last write: end with awaiting what `{}` answers",
            source.new
        ));
    }
    let is_dropped = context.text[last.clone()].trim() == format!("drop({stream});");
    let drop = if is_dropped {
        String::new()
    } else {
        format!("\n{indent}drop({stream});")
    };
    edits.push(Edit::insert(
        last.end,
        format!("{drop}\n{indent}let _ = {result}.await;"),
    ));
    let mut used = vec![statement.clone()];
    file.each_expr_in(&scope, &mut |expr| {
        if let Some((new, place)) = write_call(context, expr, stream) {
            edits.push(Edit::replace(place.clone(), new));
            used.push(place);
        }
    });
    for mention in file.variable(stream, &scope) {
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
        .variable(stream, &scope)
        .into_iter()
        .filter(|mention| !used.iter().any(|used| inside(mention, used)));
    match left.count() {
        0 => sorted(edits),
        _ => Err(format!(
            "write to `{stream}` with `write_all(bytes).await`; its readable end is what `{}` is given",
            source.new
        )),
    }
}

fn sorted(mut edits: Vec<Edit>) -> Result<Vec<Edit>, String> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}
