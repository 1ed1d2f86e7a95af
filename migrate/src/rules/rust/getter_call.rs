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
use crate::rust::{kebab, snake};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let behind = super::moved_path::stays_behind(context);
    context.file.each_call(&mut |call, ty| {
        let Some((from, to)) = ty.and_then(|ty| renamed(ty, &kebab(&call.method.to_string())))
        else {
            return;
        };
        let place = context.at(call.method.span());
        let name = snake(to.rsplit('.').next().unwrap_or(&to));
        let message = format!("`{from}` is called `{name}` in 0.3");
        let edits = vec![Edit::replace(place.clone(), name)];
        found.push(Finding::new(place, message).fix(if behind {
            Fix::risky(edits)
        } else {
            Fix::safe(edits)
        }));
    });
}

/// The method as it was and as it is, if only its name changed.
pub fn renamed(ty: &str, method: &str) -> Option<(String, String)> {
    let exact = format!("{ty}.{method}");
    // The type may have been renamed already.
    let before = moves().entries().filter(|(name, entry)| {
        let of = name.rsplit_once('.').map(|(of, _)| of);
        name.ends_with(&format!(".{method}"))
            && entry.change == Change::Renamed
            && of.is_some_and(|of| moves().target(of) == Some(ty) || of == ty)
    });
    let mut before = before.map(|(name, entry)| (name.to_owned(), entry.to.clone()));
    let found = match moves()
        .get(&exact)
        .filter(|entry| entry.change == Change::Renamed)
    {
        Some(entry) => Some((exact, entry.to.clone())),
        None => before.next(),
    };
    found
        .and_then(|(from, to)| Some((from, to?)))
        .filter(|(_, to)| to.rsplit('.').next() != Some(method))
}
