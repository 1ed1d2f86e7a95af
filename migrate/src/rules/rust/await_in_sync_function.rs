//! Finds functions that await but are not async, as other rules leave them behind.
//!
//! ## Why
//! Waiting goes up: a function that awaits must be async, and so must what calls it.
//!
//! ## Before
//! ```rust,ignore
//! use wasip3::clocks::monotonic_clock;
//!
//! fn pause() -> u64 {
//!     monotonic_clock::wait_for(1000).await;
//!     monotonic_clock::now()
//! }
//!
//! fn twice() -> u64 {
//!     pause() + pause()
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::clocks::monotonic_clock;
//!
//! async fn pause() -> u64 {
//!     monotonic_clock::wait_for(1000).await;
//!     monotonic_clock::now()
//! }
//!
//! async fn twice() -> u64 {
//!     pause().await + pause().await
//! }
//! ```
//!
//! ## Fix
//! Unsafe: the function becomes async, its calls in the file are awaited. A function that calls itself does so through a
//! `Box`. Reported if a closure calls it, if it is `main`, or a method of a trait.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use std::ops::Range;
use syn::visit::Visit;
use syn::{Expr, Signature};

struct Function {
    name: String,
    keyword: Range<usize>,
    range: Range<usize>,
    is_method: bool,
    /// Why its signature cannot be changed.
    fixed: Option<&'static str>,
    is_async: bool,
    waits: bool,
}

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let functions = functions(context);
    let must_change = |function: &&Function| function.waits && !function.is_async;
    if !functions.iter().any(|function| must_change(&function)) {
        return;
    }
    let mut calls: Vec<(&Expr, String, bool)> = Vec::new();
    context
        .file
        .each_expr(&mut |expr| calls.extend(called(context, expr)));
    for function in functions.iter().filter(must_change) {
        let finding = Finding::new(
            function.keyword.clone(),
            format!("`{}` awaits, so it must be async", function.name),
        );
        let mut edits = vec![Edit::insert(function.keyword.start, "async ")];
        let mut reason = function.fixed.map(str::to_owned);
        if functions
            .iter()
            .filter(|other| other.name == function.name && other.is_method == function.is_method)
            .count()
            > 1
        {
            reason = reason.or(Some(
                "several functions of the file have that name: make it async, and await its calls"
                    .to_owned(),
            ));
        }
        for (call, name, is_method) in &calls {
            if *name != function.name
                || *is_method != function.is_method
                || context.file.is_awaited(call)
            {
                continue;
            }
            let range = context.file.range(*call);
            if context.file.is_in_closure(call) {
                reason = reason.take().or(Some(
                    "a closure calls it, and can't wait: make that a loop, or an async block"
                        .to_owned(),
                ));
            }
            // Otherwise its future would contain itself.
            if function.range.start <= range.start && range.end <= function.range.end {
                edits.push(Edit::insert(range.start, "Box::pin("));
                edits.push(Edit::insert(range.end, ").await"));
                continue;
            }
            edits.push(Edit::insert(range.end, ".await"));
        }
        found.push(match reason {
            Some(reason) => finding.help(reason),
            None => finding.fix(Fix::risky(edits)),
        });
    }
}

/// A call of what may be a function of the file: its name, and whether it is a method's or an associated function's.
fn called<'a>(context: &RustContext, expr: &'a Expr) -> Option<(&'a Expr, String, bool)> {
    match expr {
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else {
                return None;
            };
            let name = path.path.segments.last()?.ident.to_string();
            Some((expr, name, path.path.segments.len() > 1))
        }
        Expr::MethodCall(call) if context.file.types.wasi(&call.receiver).is_none() => {
            Some((expr, call.method.to_string(), true))
        }
        _ => None,
    }
}

fn functions(context: &RustContext) -> Vec<Function> {
    let mut functions = Functions {
        context,
        found: Vec::new(),
        in_trait: false,
    };
    functions.visit_file(context.file.syntax);
    // Functions that await outside of async blocks and closures.
    context.file.each_expr(&mut |expr| {
        if !matches!(expr, Expr::Await(_)) || context.file.index.deferred(expr).is_some() {
            return;
        }
        let place = context.file.range(expr);
        let around = functions.found.iter_mut().rfind(|function| {
            function.range.start <= place.start && place.end <= function.range.end
        });
        if let Some(around) = around {
            around.waits = true;
        }
    });
    functions.found
}

/// What `async` is put before: `unsafe`, if it is there.
pub fn keyword(signature: &Signature) -> proc_macro2::Span {
    match &signature.safety {
        syn::Safety::Unsafe(token) => token.span,
        _ => signature.fn_token.span,
    }
}

struct Functions<'a, 'b> {
    context: &'a RustContext<'b>,
    found: Vec<Function>,
    in_trait: bool,
}

impl Functions<'_, '_> {
    fn add(&mut self, found: &Signature, range: Range<usize>, is_method: bool) {
        let fixed = match found.ident.to_string().as_str() {
            _ if found.abi.is_some() => {
                Some("`extern` functions can't be async: wait with `block_on`")
            }
            _ if self.in_trait => Some("it is a trait's method: make the trait's async too"),
            "main" => Some(
                "`main` can't be async: implement `wasi:cli/run`, or use `wit_bindgen::block_on`",
            ),
            _ => None,
        };
        self.found.push(Function {
            name: found.ident.to_string(),
            keyword: self.context.at(keyword(found)),
            range,
            is_method,
            fixed,
            is_async: found.asyncness.is_some(),
            waits: false,
        });
    }
}

impl<'ast> Visit<'ast> for Functions<'_, '_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, self.context.file.range(&*item.block), false);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.in_trait = item.trait_.is_some();
        for method in &item.items {
            if let syn::ImplItem::Fn(method) = method {
                self.add(&method.sig, self.context.file.range(&method.block), true);
                Visit::visit_block(self, &method.block);
            }
        }
        self.in_trait = false;
    }
}
