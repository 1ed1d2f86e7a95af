//! Rewrites a `match` on a blocking read. What it did when the stream ended, and when it failed, is kept: the future that comes with the stream tells which.

use super::super::{RustContext, indent, inside};
use super::{ok_or_err, read_call, stream_result};
use crate::edit::{Edit, whole_lines};
use std::ops::Range;
use syn::{Arm, Expr, Pat, Stmt};

/// The new form of code that reads.
pub struct Read {
    pub edits: Vec<Edit>,
    /// Where the stream is mentioned in it.
    pub places: Vec<Range<usize>>,
    /// Whether it awaits the future that tells how the stream ended.
    pub asks: bool,
}

/// What an arm for errors takes.
enum Takes<'a> {
    Closed,
    /// All that earlier arms leave.
    Rest(&'a Pat),
    Failed(&'a Pat),
}

/// `match stream.blocking_read(n) { Ok(chunk) => …, Err(StreamError::Closed) => …, Err(…) => … }`
pub fn matched(
    context: &RustContext,
    whole: &Expr,
    found: &syn::ExprMatch,
    stream: &str,
    end: &str,
) -> Option<Read> {
    let file = context.file;
    let (place, edit) = read_call(context, &found.expr, stream)?;
    let mut edits = vec![edit];
    let mut errors: Vec<(usize, &Arm, Takes)> = Vec::new();
    for (index, arm) in found.arms.iter().enumerate() {
        let pat = match &arm.pat {
            Pat::Guard(guarded) => &*guarded.pat,
            pat => pat,
        };
        match ok_or_err(pat)? {
            // Which errors it takes is not known.
            (false, _) if matches!(arm.pat, Pat::Guard(_)) => return None,
            (true, inner) => edits.push(Edit::replace(
                file.range(pat),
                format!(
                    "({}::Complete(_), {})",
                    stream_result(context),
                    context.text(inner)
                ),
            )),
            (false, inner) => errors.push((index, arm, takes(inner)?)),
        }
    }
    let asks = match &errors[..] {
        // Both ends are the same to it.
        [(_, arm, Takes::Rest(pat)), rest @ ..] if is_unused(context, pat, arm) => {
            edits.push(Edit::replace(file.range(&arm.pat), "_"));
            for (_, arm, _) in rest {
                let range = file.range(*arm);
                let comma = usize::from(context.text[range.end..].starts_with(','));
                edits.push(Edit::delete(whole_lines(
                    context.text,
                    range.start..range.end + comma,
                )));
            }
            false
        }
        [(first, a, one), (second, b, other)] if first + 1 == *second => {
            let (closed, failed, pat) = match (one, other) {
                (Takes::Closed, Takes::Rest(pat) | Takes::Failed(pat)) => (*a, *b, *pat),
                (Takes::Failed(pat), Takes::Closed | Takes::Rest(_)) => (*b, *a, *pat),
                _ => return None,
            };
            if let Takes::Rest(rest) = other
                && matches!(one, Takes::Failed(_))
                && !is_unused(context, rest, closed)
            {
                return None;
            }
            let ends = diverges(&closed.body) && diverges(&failed.body);
            if (is_in_loop(context, whole) && !ends) || !is_only_told(context, pat, failed) {
                return None;
            }
            let inner = indent(context.text, file.range(*a).start);
            let opened = |is_closed: bool| match is_closed {
                true => "Ok(_)".to_owned(),
                false => format!("Err({})", context.text(pat)),
            };
            let is_first = std::ptr::eq(*a, closed);
            edits.push(Edit::replace(
                file.range(&a.pat),
                format!("_ => match {end}.await {{\n{inner}    {}", opened(is_first)),
            ));
            edits.push(Edit::replace(file.range(&b.pat), opened(!is_first)));
            let last = file.range(*b);
            let is_behind = context.text[last.end..].starts_with(',');
            let has_comma = is_behind || context.text[..last.end].ends_with(',');
            let close = last.end + usize::from(is_behind);
            let own = if has_comma || matches!(&*b.body, Expr::Block(_)) {
                ""
            } else {
                ","
            };
            edits.push(Edit::insert(close, format!("{own}\n{inner}}},")));
            edits.extend(deeper(context, file.range(*a).start..close));
            edits.extend(debug_strings(context, pat, failed));
            true
        }
        _ => return None,
    };
    Some(Read {
        edits,
        places: vec![place],
        asks,
    })
}

fn takes(pat: &Pat) -> Option<Takes<'_>> {
    let last = |path: &syn::Path| path.segments.last().map(|last| last.ident.to_string());
    match pat {
        Pat::Path(path) if last(&path.path)? == "Closed" => Some(Takes::Closed),
        Pat::TupleStruct(found) if last(&found.path)? == "LastOperationFailed" => {
            let inner = found.elems.first().filter(|_| found.elems.len() == 1)?;
            matches!(inner, Pat::Wild(_) | Pat::Ident(_)).then_some(Takes::Failed(inner))
        }
        Pat::Wild(_) | Pat::Ident(_) => Some(Takes::Rest(pat)),
        _ => None,
    }
}

fn name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(name) => Some(name.ident.to_string()),
        _ => None,
    }
}

fn mentions(context: &RustContext, pat: &Pat, arm: &Arm) -> Vec<Range<usize>> {
    let body = context.file.range(&*arm.body);
    name(pat).map_or_else(Vec::new, |name| context.file.variable(&name, &body))
}

fn is_unused(context: &RustContext, pat: &Pat, arm: &Arm) -> bool {
    let text = &context.text[context.file.range(&*arm.body)];
    let captured = name(pat).is_some_and(|name| {
        text.contains(&format!("{{{name}}}")) || text.contains(&format!("{{{name}:"))
    });
    !captured && mentions(context, pat, arm).is_empty()
}

/// Whether the error is only printed, so that its new type will do.
fn is_only_told(context: &RustContext, pat: &Pat, arm: &Arm) -> bool {
    const TELL: [&str; 18] = [
        "anyhow",
        "bail",
        "debug",
        "eprint",
        "eprintln",
        "error",
        "format",
        "info",
        "panic",
        "print",
        "println",
        "todo",
        "trace",
        "unreachable",
        "warn",
        "write",
        "writeln",
        "dbg",
    ];
    let body = context.file.range(&*arm.body);
    let mut told = Vec::new();
    context.file.each_expr_in(&body, &mut |expr| {
        if let Expr::Macro(found) = expr
            && let Some(last) = found.mac.path.segments.last()
            && TELL.contains(&last.ident.to_string().as_str())
        {
            told.push(context.file.range(expr));
        }
    });
    mentions(context, pat, arm).iter().all(|mention| {
        told.iter().any(|told| inside(mention, told))
            || context.text[mention.end..].starts_with(".to_debug_string()")
    })
}

/// `error.to_debug_string()` is `format!("{error:?}")`.
fn debug_strings(context: &RustContext, pat: &Pat, arm: &Arm) -> Vec<Edit> {
    const CALL: &str = ".to_debug_string()";
    let name = name(pat).unwrap_or_default();
    mentions(context, pat, arm)
        .into_iter()
        .filter(|mention| context.text[mention.end..].starts_with(CALL))
        .map(|mention| {
            Edit::replace(
                mention.start..mention.end + CALL.len(),
                format!("format!(\"{{{name}:?}}\")"),
            )
        })
        .collect()
}

/// Whether what comes after the expression is never reached.
fn diverges(expr: &Expr) -> bool {
    match expr {
        Expr::Break(_) | Expr::Return(_) => true,
        Expr::Macro(found) => is_end(&found.mac.path),
        Expr::Block(found) => match found.block.stmts.last() {
            Some(Stmt::Expr(expr, _)) => diverges(expr),
            Some(Stmt::Macro(found)) => is_end(&found.mac.path),
            _ => false,
        },
        _ => false,
    }
}

fn is_end(path: &syn::Path) -> bool {
    let last = path.segments.last().map(|last| last.ident.to_string());
    last.is_some_and(|last| ["panic", "unreachable", "todo", "bail"].contains(&last.as_str()))
}

fn is_in_loop(context: &RustContext, expr: &Expr) -> bool {
    let mut inner = expr;
    while let Some(outer) = context.file.index.around(inner) {
        match outer {
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => return true,
            Expr::Closure(_) | Expr::Async(_) => return false,
            _ => inner = outer,
        }
    }
    false
}

/// The lines but the first get four more spaces, if no text goes over several lines.
fn deeper(context: &RustContext, range: Range<usize>) -> Vec<Edit> {
    let text = &context.text[range.clone()];
    if text.lines().any(|line| line.matches('"').count() % 2 == 1) {
        return Vec::new();
    }
    let starts = text.match_indices('\n').map(|(at, _)| range.start + at + 1);
    starts
        .filter(|at| !context.text[*at..].starts_with(['\n', '\r']))
        .map(|at| Edit::insert(at, "    "))
        .collect()
}
