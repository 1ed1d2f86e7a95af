//! Finds state in `static`s of a component that handles HTTP requests.
//!
//! ## Why
//! It compiles, and may be wrong: on 0.2 most hosts made an instance for each request, so a `static` was the request's own. On 0.3 an instance
//! handles many requests, also at the same time: each `.await` lets another one run.
//!
//! ## Before
//! ```rust,ignore
//! use std::cell::RefCell;
//! use wasip3::exports::http::handler::Guest;
//!
//! thread_local! {
//!     static USER: RefCell<Option<String>> = RefCell::new(None);
//! }
//!
//! struct App;
//!
//! impl Guest for App {}
//! ```
//!
//! ## After
//! ```rust,ignore
//! use std::cell::RefCell;
//! use wasip3::exports::http::handler::Guest;
//!
//! thread_local! {
//!     static USER: RefCell<Option<String>> = RefCell::new(None);
//! }
//!
//! struct App;
//!
//! impl Guest for App {}
//! ```
//!
//! ## Fix
//! None: whether the state belongs to a request or to the program is known to its author. `OnceLock`, `LazyLock`, `OnceCell` and atomics are taken for the
//! program's.

use super::RustContext;
use crate::finding::Finding;
use syn::Item;
use syn::spanned::Spanned;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let handles = ["wasi:http/incoming-handler", "wasi:http/handler"]
        .iter()
        .any(|interface| !super::sync_guest::guest_impls(context, interface).is_empty());
    if handles {
        statics(context, &context.file.syntax.items, found);
    }
}

fn statics(context: &RustContext, items: &[Item], found: &mut Vec<Finding>) {
    for item in items {
        let (name, ty) = match item {
            Item::Static(item) => (
                item.ident.span(),
                context.text(&item.ty).to_owned()
                    + if matches!(item.mutability, syn::StaticMutability::Mut(_)) {
                        " mut"
                    } else {
                        ""
                    },
            ),
            Item::Macro(item)
                if item
                    .mac
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "thread_local") =>
            {
                (item.mac.path.span(), item.mac.tokens.to_string())
            }
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    statics(context, items, found);
                }
                continue;
            }
            _ => continue,
        };
        let mutable = ["RefCell", "Mutex", "RwLock", " mut"]
            .iter()
            .find(|word| ty.contains(**word));
        if let Some(mutable) = mutable {
            let what = if *mutable == " mut" {
                "a `static mut`".to_owned()
            } else {
                format!("a `{mutable}`")
            };
            let finding = Finding::new(
                context.at(name),
                format!(
                    "{what} outlives a request: in 0.3 an instance handles many, also at the same time"
                ),
            );
            found.push(finding.help("pass what belongs to a request along with it; keep what belongs to the program, and don't hold it over an `.await`"));
        }
    }
}
