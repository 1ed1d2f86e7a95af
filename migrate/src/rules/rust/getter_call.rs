//! Finds calls of methods that have another name in WASI 0.3.
//!
//! ## Why
//! Getters are called `get_…` (`status` is `get_status_code`), and `entries` is `copy_all`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::types::{IncomingRequest, IncomingResponse};
//!
//! fn describe(request: &IncomingRequest, response: &IncomingResponse) -> String {
//!     let headers = request.headers();
//!     format!("{:?} {} {}", request.path_with_query(), response.status(), headers.entries().len())
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::types::{Request, Response};
//!
//! fn describe(request: &Request, response: &Response) -> String {
//!     let headers = request.get_headers();
//!     format!("{:?} {} {}", request.get_path_with_query(), response.get_status_code(), headers.copy_all().len())
//! }
//! ```
//!
//! ## Fix
//! Safe: the name is replaced, where the type of what it is called on is known. Unsafe if something else in the file has to stay with 0.2 for
//! now (see `moved-path`).

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::moves::{Change, moves};
use crate::rust::snake;
use std::collections::HashMap;
use std::sync::LazyLock;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let behind = super::moved_path::stays_behind(context);
    for found_call in &context.file.calls {
        let method = &found_call.full[found_call.ty.len() + 1..];
        let Some((from, to)) = renamed(&found_call.ty, method) else {
            continue;
        };
        let place = context.at(found_call.call.method.span());
        let name = snake(to.rsplit('.').next().unwrap_or(to));
        let message = format!("`{from}` is called `{name}` in 0.3");
        let edits = vec![Edit::replace(place.clone(), name)];
        found.push(Finding::new(place, message).fix(if behind {
            Fix::risky(edits)
        } else {
            Fix::safe(edits)
        }));
    }
}

/// The methods with another name in 0.3, before and after, by the name in 0.2.
static RENAMED: LazyLock<HashMap<&str, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Vec<_>> = HashMap::new();
    for (name, entry) in moves().entries() {
        let (Some((_, method)), Some(to), Change::Renamed) =
            (name.rsplit_once('.'), entry.to.as_deref(), entry.change)
        else {
            continue;
        };
        if to.rsplit('.').next() != Some(method) {
            all.entry(method).or_default().push((name, to));
        }
    }
    all
});

/// The old and the new method, if only its name changed. The type may have been renamed already.
pub fn renamed(ty: &str, method: &str) -> Option<(&'static str, &'static str)> {
    let candidates = RENAMED.get(method)?;
    let of = |name: &'static str| name.rsplit_once('.').map_or(name, |(of, _)| of);
    let exact = candidates.iter().find(|(name, _)| of(name) == ty);
    exact
        .or_else(|| {
            candidates
                .iter()
                .find(|(name, _)| moves().target(of(name)) == Some(ty))
        })
        .copied()
}
