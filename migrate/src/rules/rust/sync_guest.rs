//! Finds implementations of `wasi:cli/run` that are not async.
//!
//! ## Why
//! In 0.3 `run` is an `async func`: what it calls may wait.
//!
//! ## Before
//! ```rust,ignore
//! struct Tool;
//!
//! wasi::cli::command::export!(Tool);
//!
//! impl wasi::exports::cli::run::Guest for Tool {
//!     fn run() -> Result<(), ()> {
//!         Ok(())
//!     }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! struct Tool;
//!
//! wasip3::cli::command::export!(Tool);
//!
//! impl wasip3::exports::cli::run::Guest for Tool {
//!     async fn run() -> Result<(), ()> {
//!         Ok(())
//!     }
//! }
//! ```
//!
//! ## Fix
//! Unsafe, since it goes with the move to 0.3's bindings. The handler of `wasi:http` is `response-outparam`'s business.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use syn::{ImplItem, ItemImpl};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    for item in guest_impls(context, "wasi:cli/run") {
        for method in &item.items {
            let ImplItem::Fn(method) = method else {
                continue;
            };
            if method.sig.ident == "run" && method.sig.asyncness.is_none() {
                let finding =
                    Finding::new(context.at(method.sig.ident.span()), "`run` is async in 0.3");
                let edit = Edit::insert(
                    context
                        .at(super::await_in_sync_function::keyword(&method.sig))
                        .start,
                    "async ",
                );
                found.push(finding.fix(Fix::risky(vec![edit])));
            }
        }
    }
}

/// The implementations of the `Guest` of an exported interface, of either version.
pub fn guest_impls<'a>(context: &'a RustContext, interface: &str) -> Vec<&'a ItemImpl> {
    fn items<'a>(list: &'a [syn::Item], found: &mut Vec<&'a ItemImpl>) {
        for item in list {
            match item {
                syn::Item::Impl(item) => found.push(item),
                syn::Item::Mod(item) => {
                    if let Some((_, inner)) = &item.content {
                        items(inner, found);
                    }
                }
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    items(&context.file.syntax.items, &mut all);
    all.retain(|item| {
        let path = item.trait_.as_ref().map(|(path, _)| path);
        path.and_then(|path| context.file.names.wasi(path))
            .is_some_and(|wasi| wasi.is_export && wasi.interface == interface)
    });
    all
}
