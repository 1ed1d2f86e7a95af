//! Finds requests sent with `wasi:http/outgoing-handler`.
//!
//! ## Why
//! In 0.3 sending is one async call, `client::send(request).await`, which returns the response or an error. There is no future to
//! subscribe to and to get it from. A request is made with all its parts: headers, body, trailers, options.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::outgoing_handler;
//! use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest};
//!
//! async fn get(path: &str) -> Result<IncomingResponse, ErrorCode> {
//!     let request = OutgoingRequest::new(Fields::new());
//!     request.set_path_with_query(Some(path)).unwrap();
//!     let future = outgoing_handler::handle(request, None)?;
//!     future.subscribe().block();
//!     let response = future.get().unwrap().unwrap()?;
//!     Ok(response)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::client;
//! use wasip3::http::types::{ErrorCode, Fields, Response, Request};
//!
//! async fn get(path: &str) -> Result<Response, ErrorCode> {
//!     let request = Request::new(Fields::new(), None, wasip3::wit_future::new(|| Ok(None)).1, None).0;
//!     request.set_path_with_query(Some(path)).unwrap();
//!     let response = client::send(request).await?;
//!     Ok(response)
//! }
//! ```
//!
//! ## Fix
//! Unsafe: the request is sent where the response was fetched. Reported if the future is used in another way, or if options are given:
//! they are the last argument of `Request::new` now.

mod matched;
mod options;
mod sending;
mod waiting;

pub use options::options_of;
pub use waiting::{is_drop, waits, waits_but};

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::rust::flow::{Peeled, method_on, peel, variable};
use matched::matched;
use options::options_given;
use sending::sending;
use std::ops::Range;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    constructors(context, found);
    sent(context, found);
}

/// `OutgoingRequest::new(headers)` of requests without a body. `outgoing-body` rewrites those with a body.
fn constructors(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, name, value| {
        let Some((wasi, call)) = context.file.called(value) else {
            return;
        };
        if wasi.full() != "wasi:http/types.outgoing-request.new" || call.args.len() != 1 {
            return;
        }
        let finding = Finding::new(
            context.file.range(value),
            "a request is made with all its parts in 0.3",
        );
        if has_body(context, name, &statement) {
            return;
        }
        let options = match options_of(context, name, &statement) {
            Ok(options) => options,
            Err(reason) => return found.push(finding.help(reason)),
        };
        let headers = context.text(&call.args[0]);
        let new = format!(
            "{}::new({headers}, None, {}::wit_future::new(|| Ok(None)).1, {options}).0",
            context.http("Request"),
            context.support()
        );
        found.push(finding.fix(Fix::risky(vec![Edit::replace(
            context.file.range(value),
            new,
        )])));
    });
}

/// Whether the message of that name is given a body in the way of 0.2.
fn has_body(context: &RustContext, message: &str, place: &Range<usize>) -> bool {
    let Some(function) = context.file.function_around(place) else {
        return false;
    };
    let mut has_body = false;
    context.file.each_expr_in(&function, &mut |expr| {
        has_body |= method_on(expr, "body").is_some_and(|(of, _)| of == message)
    });
    has_body
}

fn sent(context: &RustContext, found: &mut Vec<Finding>) {
    let mut add = |core: &Expr, edits: &dyn Fn(&syn::ExprCall) -> Result<Vec<Edit>, String>| {
        let Some((wasi, call)) = context.file.called(core) else {
            return;
        };
        if wasi.full() != "wasi:http/outgoing-handler.handle" {
            return;
        }
        let place = context.file.range(core);
        let finding = Finding::new(
            place.clone(),
            "in 0.3 `client::send(request).await` answers the response",
        );
        let request = call.args.first().and_then(variable);
        let edits = match request {
            Some(request) if has_body(context, &request, &place) => Err(
                "the request's body has to be seen to first (`outgoing-body`); then `client::send(request).await` answers the response"
                    .to_owned(),
            ),
            _ => options_given(context, call, &place).and_then(|()| edits(call)),
        };
        found.push(match edits {
            Ok(edits) => finding.fix(Fix::risky(edits)),
            Err(reason) => finding.help(reason),
        });
    };
    context.file.each_let(&mut |statement, future, value| {
        let Peeled { core, .. } = peel(value);
        add(core, &|call| sending(context, &statement, future, call));
    });
    context.file.each_expr(&mut |expr| {
        if let Expr::Match(found) = expr {
            add(&found.expr, &|call| matched(context, found, call));
        }
    });
}
