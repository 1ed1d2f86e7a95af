//! Finds closures and patterns for an error without content, `|()|`, where 0.3 says what was wrong.
//!
//! ## Why
//! The setters of `request-options` returned `result`. In 0.3 they return `result<_, request-options-error>`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::types::RequestOptions;
//!
//! fn limit(options: &RequestOptions) -> Result<(), String> {
//!     options
//!         .set_connect_timeout(Some(1_000_000))
//!         .map_err(|()| "no such limit".to_string())
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::types::RequestOptions;
//!
//! fn limit(options: &RequestOptions) -> Result<(), String> {
//!     options
//!         .set_connect_timeout(Some(1_000_000))
//!         .map_err(|_| "no such limit".to_string())
//! }
//! ```
//!
//! ## Fix
//! Safe: `_` takes either.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use syn::{Expr, Pat};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_expr(&mut |expr| {
        let Expr::MethodCall(call) = expr else { return };
        let is_setter = call.method.to_string().starts_with("set_")
            && context.file.types.wasi(&call.receiver) == Some("wasi:http/types.request-options");
        if !is_setter {
            return;
        }
        let Some(Expr::MethodCall(outer)) = context.file.index.around(expr) else {
            return;
        };
        for argument in &outer.args {
            let Expr::Closure(closure) = argument else {
                continue;
            };
            let Some(Pat::Tuple(unit)) =
                closure.inputs.first().filter(|_| closure.inputs.len() == 1)
            else {
                continue;
            };
            if unit.elems.is_empty() && std::ptr::eq(&*outer.receiver, expr) {
                let place = context.at(unit.paren_token.span.join());
                let finding = Finding::new(place.clone(), "the error has a content in 0.3");
                found.push(finding.fix(Fix::safe(vec![Edit::replace(place, "_")])));
            }
        }
    });
}
