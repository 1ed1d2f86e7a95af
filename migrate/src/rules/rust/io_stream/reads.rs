//! The rewrite of everything that is done with a stream that is read.

use super::super::incoming_body::{SEVERAL, matched, whiled};
use super::super::outgoing_request::waits;
use super::super::{RustContext, free_name, inside};
use crate::edit::Edit;
use std::ops::Range;
use syn::Expr;

/// Everything that is done with a stream.
pub struct Reads {
    pub edits: Vec<Edit>,
    /// The variable for the future that says how the stream ended: with `_` before it, if nobody asks.
    pub end: String,
}

/// The edits of everything that is done with `stream` within `scope`, whose readable end `origin` gives. Or what to write instead.
pub fn reads(
    context: &RustContext,
    stream: &str,
    origin: &Range<usize>,
    scope: &Range<usize>,
) -> Result<Reads, String> {
    let file = context.file;
    let function = file
        .function_around(origin)
        .ok_or("it is not in a function")?;
    let end = free_name(context, &function, "read");
    let mut asked = 0;
    let mut used = vec![origin.clone()];
    let waits = waits(context, stream, scope)?;
    let mut edits = waits.edits;
    used.extend(waits.used);
    let mut reads = 0;
    file.each_expr_in(scope, &mut |expr| {
        let done = match expr {
            Expr::Match(found) => matched(context, expr, found, stream, &end),
            Expr::While(found) => whiled(context, found, stream),
            _ => None,
        };
        if let Some(read) = done {
            reads += 1;
            asked += usize::from(read.asks);
            edits.extend(read.edits);
            used.extend(read.places);
        }
    });
    let dropped = |mention: &Range<usize>| context.text[..mention.start].ends_with("drop(");
    let left = file
        .variable(stream, scope)
        .into_iter()
        .filter(|mention| !used.iter().any(|used| inside(mention, used)) && !dropped(mention));
    if reads == 0 || left.count() > 0 {
        return Err(format!(
            "read `{stream}` with `read(Vec::with_capacity(n)).await`, or all of it with `collect().await`"
        ));
    }
    match asked {
        0 => Ok(Reads {
            edits,
            end: format!("_{end}"),
        }),
        1 => Ok(Reads { edits, end }),
        _ => Err(SEVERAL.to_owned()),
    }
}
