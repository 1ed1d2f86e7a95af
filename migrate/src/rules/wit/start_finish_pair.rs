//! Finds pairs of functions that begin an operation and fetch its result: `start-x` and `finish-x`.
//!
//! ## Why
//! On 0.2 a function could not wait, so an operation was two calls with a `pollable` in between. On 0.3 it is one `async func`.
//!
//! ## Before
//! ```wit
//! interface uploads {
//!   resource upload {
//!     start-send: func(name: string) -> result<_, string>;
//!     /// Answers the size.
//!     finish-send: func() -> result<u64, string>;
//!   }
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface uploads {
//!   resource upload {
//!     send: async func(name: string) -> result<u64, string>;
//!   }
//! }
//! ```
//!
//! ## Fix
//! Unsafe, since the interface changes. Only if `finish-x` takes nothing, both fail with the same type, and the name is free; else it is
//! reported.

use super::WitContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::wit::{Func, Type, TypeKind};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for scope in context.scopes {
        let funcs = scope.all_funcs();
        for (resource, start) in &funcs {
            let Some(name) = start.name.text.strip_prefix("start-") else {
                continue;
            };
            let siblings = || {
                funcs
                    .iter()
                    .filter(|(of, _)| of.map(|ty| &ty.name) == resource.map(|ty| &ty.name))
                    .map(|(_, func)| *func)
            };
            let Some(finish) =
                siblings().find(|func| func.name.text.strip_prefix("finish-") == Some(name))
            else {
                continue;
            };
            let message =
                format!("`start-{name}` and `finish-{name}` are one `async func` in 0.3: `{name}`");
            let finding = Finding::new(start.name.range.clone(), message);
            let free = !siblings().any(|func| func.name.text == name);
            found.push(match joined(context, start, finish) {
                Err(reason) => finding.help(reason),
                Ok(_) if !free => {
                    finding.help(format!("there is a `{name}` already: give it another name"))
                }
                Ok(result) => {
                    let mut edits = vec![
                        Edit::replace(start.name.range.clone(), name),
                        Edit::insert(start.keyword.start, "async "),
                        Edit::delete(whole_lines(context.text, finish.range.clone())),
                    ];
                    let end = start
                        .result
                        .as_ref()
                        .map_or(start.params_range.end, |ty| ty.range.end);
                    edits.push(Edit::replace(start.params_range.end..end, result));
                    edits.retain(|edit| !(edit.range.is_empty() && edit.text.is_empty()));
                    finding.fix(Fix::risky(edits))
                }
            });
        }
    }
}

/// What to write as the result of the two, or why they can't be one.
fn joined(context: &WitContext, start: &Func, finish: &Func) -> Result<String, String> {
    let text = |ty: &Type| context.text[ty.range.clone()].to_owned();
    if start.is_async.is_some() || finish.is_async.is_some() {
        return Err("one of them is async already: join them by hand".to_owned());
    }
    if start.is_static.is_some() != finish.is_static.is_some() {
        return Err("one of them is static: join them by hand".to_owned());
    }
    if !finish.params.is_empty() {
        return Err(format!(
            "`{}` takes parameters: decide which of them the joined function needs",
            finish.name.text
        ));
    }
    let error = match start.result.as_ref().map(|ty| &ty.kind) {
        None => None,
        Some(TypeKind::Result(None, error)) => Some(error.as_ref().map(|ty| text(ty))),
        Some(_) => {
            return Err(format!(
                "`{}` answers something: decide what becomes of it",
                start.name.text
            ));
        }
    };
    let answer = finish.result.as_ref().map(text);
    let Some(error) = error else {
        return Ok(answer.map(|ty| format!(" -> {ty}")).unwrap_or_default());
    };
    match finish.result.as_ref().map(|ty| &ty.kind) {
        Some(TypeKind::Result(_, other)) if other.as_ref().map(|ty| text(ty)) == error => {
            Ok(answer.map(|ty| format!(" -> {ty}")).unwrap_or_default())
        }
        None => Ok(match error {
            Some(error) => format!(" -> result<_, {error}>"),
            None => " -> result".to_owned(),
        }),
        _ => Err("they fail with different types: decide for one".to_owned()),
    }
}
