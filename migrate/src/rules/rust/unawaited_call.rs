//! Finds calls of functions of WASI that are async in 0.3.
//!
//! ## Why
//! All of `wasi:filesystem` that may take time is async, and so are `connect`, the UDP functions and looking up names.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::filesystem::types::{Descriptor, DescriptorStat, ErrorCode};
//!
//! async fn size(file: &Descriptor) -> Result<u64, ErrorCode> {
//!     let stat: DescriptorStat = file.stat()?;
//!     Ok(stat.size)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::filesystem::types::{Descriptor, DescriptorStat, ErrorCode};
//!
//! async fn size(file: &Descriptor) -> Result<u64, ErrorCode> {
//!     let stat: DescriptorStat = file.stat().await?;
//!     Ok(stat.size)
//! }
//! ```
//!
//! ## Fix
//! Unsafe: other tasks of the component run while it waits. Strings are handed over, since an async function must own them. In a closure it is reported: a closure can't wait.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::moves::moves;
use crate::rust::File;
use crate::wit;
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3, Wasi, WitFile};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;
use syn::Expr;

/// Functions of 0.2, by full name, that are async in 0.3 with the same parameters.
static ASYNC: LazyLock<FxHashMap<String, Vec<bool>>> = LazyLock::new(|| {
    let mut new = functions(&WASI_0_3, true);
    let old = functions(&WASI_0_2, false);
    old.into_keys()
        .filter(|name| moves().target(name) == Some(name))
        .filter_map(|name| new.remove_entry(&name))
        .collect()
});

pub fn became_async(function: &str) -> bool {
    ASYNC.contains_key(function)
}

/// The functions by full name, and which of their parameters are strings: async functions want to own those.
fn functions(wasi: &Wasi, only_async: bool) -> FxHashMap<String, Vec<bool>> {
    let mut names = FxHashMap::default();
    for WitFile { package, text, .. } in wasi.files {
        let file = wit::parse(text).expect("WASI's WIT parses");
        for scope in file.scopes().iter().filter(|scope| !scope.is_world) {
            for (resource, func) in scope
                .all_funcs()
                .into_iter()
                .filter(|(_, func)| func.is_async.is_some() || !only_async)
            {
                let resource = resource
                    .map(|resource| format!("{}.", resource.name.text))
                    .unwrap_or_default();
                let strings = func
                    .params
                    .iter()
                    .map(|param| param.ty.name() == Some("string"))
                    .collect();
                names.insert(
                    format!(
                        "wasi:{package}/{}.{resource}{}",
                        scope.name.text, func.name.text
                    ),
                    strings,
                );
            }
        }
    }
    names
}

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    for found_call in &context.file.calls {
        let (expr, call, full) = (found_call.expr, found_call.call, &found_call.full);
        if !became_async(full) || context.file.is_awaited(expr) {
            continue;
        }
        let range = context.file.range(expr);
        let finding = Finding::new(
            context.at(call.method.span()),
            format!("`{full}` is async in 0.3"),
        );
        found.push(match context.file.is_in_closure(expr) {
            true => finding.help("a closure can't wait: make it a loop, or an async block"),
            false => {
                let strings = ASYNC[full]
                    .iter()
                    .zip(&call.args)
                    .filter(|(is_string, _)| **is_string);
                let mut edits: Vec<_> = strings
                    .map(|(_, argument)| owned(context, argument))
                    .collect();
                edits.push(Edit::insert(range.end, ".await"));
                finding.fix(Fix::risky(edits))
            }
        });
    }
}

/// `name`, or `&name`, as a `String`.
pub fn owned(context: &RustContext, argument: &Expr) -> Edit {
    let (place, inner) = match argument {
        Expr::Reference(reference) => (context.file.range(argument), &*reference.expr),
        _ => (context.file.range(argument), argument),
    };
    let simple = matches!(
        inner,
        Expr::Path(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Call(_)
            | Expr::Paren(_)
            | Expr::Macro(_)
    );
    let text = context.text(inner);
    Edit::replace(
        place,
        if simple {
            format!("{text}.to_string()")
        } else {
            format!("({text}).to_string()")
        },
    )
}

impl File<'_> {
    pub(super) fn is_awaited(&self, expr: &Expr) -> bool {
        matches!(self.index.around(expr), Some(Expr::Await(_)))
    }

    /// Can't the expression wait, since it is in a closure that is not async?
    pub(super) fn is_in_closure(&self, expr: &Expr) -> bool {
        match self.index.deferred(expr) {
            Some(Expr::Closure(closure)) => {
                closure.asyncness.is_none() && !matches!(*closure.body, Expr::Async(_))
            }
            _ => false,
        }
    }
}
