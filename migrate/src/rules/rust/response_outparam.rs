//! Finds handlers that answer through a `ResponseOutparam`.
//!
//! ## Why
//! In 0.3 `handle` is an async function that returns the response or an error. Work that goes on after the response has begun is done by
//! tasks.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::exports::http::incoming_handler::Guest;
//! use wasi::http::types::{ErrorCode, IncomingRequest, OutgoingResponse, ResponseOutparam};
//!
//! struct Proxy;
//!
//! wasi::http::proxy::export!(Proxy);
//!
//! impl Guest for Proxy {
//!     fn handle(request: IncomingRequest, out: ResponseOutparam) {
//!         match request.authority() {
//!             None => ResponseOutparam::set(out, Err(ErrorCode::HttpRequestUriInvalid)),
//!             Some(_) => ResponseOutparam::set(out, Ok(forward())),
//!         }
//!     }
//! }
//!
//! fn forward() -> OutgoingResponse {
//!     todo!()
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::exports::http::handler::Guest;
//! use wasip3::http::types::{ErrorCode, Request, Response};
//!
//! struct Proxy;
//!
//! wasip3::http::service::export!(Proxy);
//!
//! impl Guest for Proxy {
//!     async fn handle(request: Request) -> Result<Response, ErrorCode> {
//!         match request.get_authority() {
//!             None => Err(ErrorCode::HttpRequestUriInvalid),
//!             Some(_) => Ok(forward()),
//!         }
//!     }
//! }
//!
//! fn forward() -> Response {
//!     todo!()
//! }
//! ```
//!
//! ## Fix
//! Unsafe: the response leaves when `handle` returns, where it used to leave with `set`. Functions of the file that are given the out-parameter
//! become functions that return what they set. Reported if a path through the function doesn't set it, or does something else with it.

mod returning;

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use returning::Returning;
use std::ops::Range;
use syn::visit::Visit;
use syn::{Block, FnArg, Pat, Signature};

const OUTPARAM: &str = "wasi:http/types.response-outparam";

/// A function with an out-parameter.
struct Taker {
    name: String,
    /// The variable.
    out: String,
    /// Its place among the parameters.
    index: usize,
    is_guest: bool,
    edits: Result<Vec<Edit>, String>,
    place: Range<usize>,
}

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    // Which functions take one must be known before their calls are looked at.
    let mut names = Takers {
        context,
        known: None,
        found: Vec::new(),
    };
    names.visit_file(context.file.syntax);
    let known: Vec<_> = names
        .found
        .iter()
        .map(|taker| (taker.name.clone(), taker.index))
        .collect();
    if known.is_empty() {
        return;
    }
    let mut takers = Takers {
        context,
        known: Some(known),
        found: Vec::new(),
    };
    takers.visit_file(context.file.syntax);
    let takers = takers.found;
    let Some(first) = takers.first() else { return };
    // All or none: a function and its callers change together.
    let reason = takers
        .iter()
        .find_map(|taker| taker.edits.as_ref().err().map(|reason| (taker, reason)));
    if let Some((taker, reason)) = reason {
        found.push(
            Finding::new(
                taker.place.clone(),
                format!(
                    "`{}` answers through a `ResponseOutparam`, which is gone in 0.3",
                    taker.name
                ),
            )
            .help(reason.clone()),
        );
        return;
    }
    let _ = (&first.out, first.is_guest);
    let place = takers
        .iter()
        .find(|taker| taker.is_guest)
        .unwrap_or(first)
        .place
        .clone();
    let edits = takers
        .into_iter()
        .filter_map(|taker| taker.edits.ok())
        .flatten()
        .collect();
    found.push(
        Finding::new(
            place,
            "a handler answers through a `ResponseOutparam`; in 0.3 it returns the response",
        )
        .fix(Fix::risky(edits)),
    );
}

struct Takers<'a, 'b> {
    context: &'a RustContext<'b>,
    /// Not known yet. Findings are not used.
    known: Option<Vec<(String, usize)>>,
    found: Vec<Taker>,
}

impl Takers<'_, '_> {
    fn add(&mut self, found: &Signature, block: &Block, is_guest: bool) {
        let out = found.inputs.iter().enumerate().find_map(|(index, input)| {
            let FnArg::Typed(input) = input else {
                return None;
            };
            let syn::Type::Path(ty) = &*input.ty else {
                return None;
            };
            let is_out = self
                .context
                .file
                .names
                .wasi(&ty.path)
                .is_some_and(|wasi| wasi.full() == OUTPARAM);
            let Pat::Ident(name) = &*input.pat else {
                return None;
            };
            is_out.then(|| (index, name.ident.to_string()))
        });
        let Some((index, out)) = out else { return };
        let edits = match &self.known {
            Some(known) => Returning {
                context: self.context,
                out: &out,
                known,
                edits: Vec::new(),
                handled: Vec::new(),
            }
            .function(found, block, index, is_guest),
            None => Ok(Vec::new()),
        };
        self.found.push(Taker {
            name: found.ident.to_string(),
            out: out.clone(),
            index,
            is_guest,
            edits,
            place: self.context.at(found.ident.span()),
        });
    }
}

impl<'ast> Visit<'ast> for Takers<'_, '_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, &item.block, false);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let path = item.trait_.as_ref().map(|(path, _)| path);
        let is_guest = path
            .and_then(|path| self.context.file.names.wasi(path))
            .is_some_and(|wasi| wasi.is_export && wasi.rest == ["guest"]);
        for method in &item.items {
            if let syn::ImplItem::Fn(method) = method {
                self.add(&method.sig, &method.block, is_guest);
            }
        }
    }
}
