//! Finds `output-stream`s in the signatures and types of one's own WIT.
//!
//! ## Why
//! In 0.3 bytes go the way that data flows: who has them passes the readable end of a `stream<u8>`. A function that gave a sink to write
//! to takes a stream; one that was given a sink gives a stream.
//!
//! ## Before
//! ```wit
//! interface files {
//!   use wasi:io/streams@0.2.0.{output-stream};
//!
//!   create: func(name: string) -> result<output-stream, string>;
//!   dump: func(out: borrow<output-stream>) -> result<_, string>;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface files {
//!   create: func(data: stream<u8>, name: string) -> future<result<_, string>>;
//!   dump: func() -> tuple<stream<u8>, future<result<_, string>>>;
//! }
//! ```
//!
//! ## Fix
//! Unsafe: signatures change, and errors come later (by the future). A sink in a type or within another result is reported: which way
//! the bytes go there is for a human to turn round.

use super::WitContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::wit::moved::removals;
use crate::wit::{Func, Place, Scope, Type, TypeKind};

const HELP: &str =
    "turn it round: take a `stream<u8>` where a sink was given, give one where a sink was taken";

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for scope in context.scopes {
        let mut seen: Vec<Place> = Vec::new();
        let is_output = |ty: &Type| context.is(scope, ty, "wasi:io/streams", "output-stream");
        scope.each_type(&mut |ty, func| {
            let inside = seen
                .iter()
                .any(|range| range.start <= ty.range.start && ty.range.end <= range.end);
            if inside || !is_output(ty) {
                return;
            }
            seen.push(ty.range.clone());
            let finding =
                Finding::new(ty.range.clone(), "an `output-stream`, which is gone in 0.3")
                    .help(HELP);
            let edits = func
                .filter(|func| count(scope, func, &is_output) == 1)
                .and_then(|func| turned(context, func, &is_output));
            found.push(match edits {
                Some(edits) => finding.fix(Fix::risky(edits)),
                None => finding,
            });
        });
    }
}

/// How many sinks a signature has: with more than one, who knows which stream ends when.
fn count(_: &Scope, func: &Func, is_output: &dyn Fn(&Type) -> bool) -> usize {
    let mut count = 0;
    for ty in func
        .params
        .iter()
        .map(|param| &param.ty)
        .chain(&func.result)
    {
        ty.walk(&mut |ty| {
            count += usize::from(
                is_output(ty) && !matches!(ty.kind, TypeKind::Own(_) | TypeKind::Borrow(_)),
            )
        });
    }
    count
}

fn turned(
    context: &WitContext,
    func: &Func,
    is_output: &dyn Fn(&Type) -> bool,
) -> Option<Vec<Edit>> {
    let text = |ty: &Type| &context.text[ty.range.clone()];
    if func.is_constructor {
        return None;
    }
    // A sink is given: take a stream.
    if let Some(result) = &func.result {
        let future = match &result.kind {
            _ if is_output(result) => Some("future<result>".to_owned()),
            TypeKind::Result(Some(ok), error) if is_output(ok) => Some(match error {
                Some(error) => format!("future<result<_, {}>>", text(error)),
                None => "future<result>".to_owned(),
            }),
            _ => None,
        };
        if let Some(future) = future {
            let name = ["data", "contents", "bytes"]
                .into_iter()
                .find(|name| func.params.iter().all(|param| param.name.text != *name))?;
            let comma = if func.params.is_empty() { "" } else { ", " };
            return Some(vec![
                Edit::insert(
                    func.params_range.start + 1,
                    format!("{name}: stream<u8>{comma}"),
                ),
                Edit::replace(result.range.clone(), future),
            ]);
        }
    }
    // A sink is taken: give a stream.
    let sink = func.params.iter().position(|param| is_output(&param.ty))?;
    let places: Vec<_> = func
        .params
        .iter()
        .map(|param| param.range.clone())
        .collect();
    let dropped: Vec<_> = (0..places.len()).map(|index| index == sink).collect();
    let mut edits: Vec<_> = removals(context.text, &places, &dropped)
        .into_iter()
        .map(Edit::delete)
        .collect();
    match &func.result {
        None => edits.push(Edit::insert(func.params_range.end, " -> stream<u8>")),
        Some(result) => {
            let TypeKind::Result(None, _) = &result.kind else {
                return None;
            };
            edits.push(Edit::replace(
                result.range.clone(),
                format!("tuple<stream<u8>, future<{}>>", text(result)),
            ));
        }
    }
    Some(edits)
}
