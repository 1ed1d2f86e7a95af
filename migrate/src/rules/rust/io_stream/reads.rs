//! The rewrite of everything that is done with a stream that is read.

use super::super::incoming_body::{matched, whiled};
use super::super::outgoing_request::waits;
use super::super::{RustContext, inside};
use crate::edit::Edit;
use std::ops::Range;
use syn::Expr;

/// The edits of everything that is done with `stream` within `scope`, whose readable end `origin` gives. Or what to write instead.
pub fn reads(
    context: &RustContext,
    stream: &str,
    origin: &Range<usize>,
    scope: &Range<usize>,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let mut used = vec![origin.clone()];
    let waits = waits(context, stream, scope)?;
    let mut edits = waits.edits;
    used.extend(waits.used);
    let mut reads = 0;
    file.each_expr_in(scope, &mut |expr| {
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
        .variable(stream, scope)
        .into_iter()
        .filter(|mention| !used.iter().any(|used| inside(mention, used)) && !dropped(mention));
    if reads == 0 || left.count() > 0 {
        return Err(format!(
            "read `{stream}` with `read(Vec::with_capacity(n)).await`, or all of it with `collect().await`"
        ));
    }
    Ok(edits)
}
