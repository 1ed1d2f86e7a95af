//! Rules about Rust guests.

pub mod await_in_sync_function;
pub mod case_comparison;
pub mod clock_subscription;
pub mod compat_path;
pub mod directory_stream;
pub mod experiment_api;
pub mod generate_macro;
pub mod getter_call;
pub mod gone_call;
pub mod incoming_body;
pub mod io_stream;
pub mod moved_path;
pub mod name_lookup;
pub mod outgoing_body;
pub mod outgoing_request;
pub mod positioned_io;
pub mod response_outparam;
pub mod shared_static;
pub mod short_random;
pub mod signed_seconds;
pub mod socket_operation;
pub mod sync_guest;
pub mod unawaited_call;
pub mod unit_error;
pub mod wrapper_path;

use super::RustContext;
use crate::engine::Target;
use crate::moves::moves;
use crate::rust::{File, Root};
use proc_macro2::Span;
use std::ops::Range;
use syn::Expr;
use syn::spanned::Spanned;

impl RustContext<'_> {
    fn text<T: Spanned + 'static>(&self, of: &T) -> &str {
        &self.text[self.file.range(of)]
    }

    fn at(&self, span: Span) -> Range<usize> {
        self.file.of_span(span)
    }

    /// The crate with the 0.3 API.
    fn new_crate(&self) -> &'static str {
        match self.target {
            Target::Native => "wasip3",
            Target::Compat => "compat_api",
        }
    }

    /// Where `wit_stream` and `wit_future` are: in the crate, or beside the generated bindings.
    fn support(&self) -> String {
        self.support.get_or_init(|| self.find_support()).clone()
    }

    fn find_support(&self) -> String {
        let generated = |leaf: &crate::rust::Leaf| {
            let wasi = leaf.wasi.as_ref()?;
            if wasi.root != Root::Generated {
                return None;
            }
            let path: Vec<_> = leaf.path.iter().map(ToString::to_string).collect();
            let at = path
                .iter()
                .position(|segment| segment == "wasi" || segment == "exports")?;
            let prefix = &path[..at];
            (!wasi.interface.is_empty()).then(|| prefix.join("::"))
        };
        let prefix = self.file.names.leaves.iter().find_map(generated);
        match prefix {
            Some(prefix) if prefix.is_empty() => "crate".to_owned(),
            Some(prefix) => prefix,
            None if self.file.names.generates() => "crate".to_owned(),
            None => self.new_crate().to_owned(),
        }
    }

    /// `spawn_local`, as a path.
    fn spawn(&self) -> String {
        match (self.support().as_str(), self.target) {
            (name, _) if name == self.new_crate() => format!("{name}::wit_bindgen::spawn_local"),
            (_, Target::Native) => "wit_bindgen::spawn_local".to_owned(),
            (_, Target::Compat) => "polyfill_guest::spawn_local".to_owned(),
        }
    }

    /// A type of `wasi:http/types` by its Rust name: as it is called in this file.
    fn http(&self, name: &str) -> String {
        self.item("http", name)
    }

    /// The same of the `types` of a package.
    fn item(&self, package: &str, name: &str) -> String {
        let interface = format!("wasi:{package}/types");
        let full = format!("{interface}.{}", crate::rust::kebab(name));
        let in_scope = self.file.names.leaves.iter().any(|leaf| {
            let Some(wasi) = &leaf.wasi else {
                return false;
            };
            match leaf.is_glob {
                true => {
                    wasi.interface == interface
                        || moves().target(&wasi.interface) == Some(&interface)
                }
                // It is called so already, or will be once the `use` has moved.
                false => {
                    leaf.rename.is_none()
                        && (wasi.full() == full || moves().target(wasi.full()) == Some(&full))
                }
            }
        });
        if in_scope {
            return name.to_owned();
        }
        let support = self.support();
        if support == self.new_crate() {
            format!("{support}::{package}::types::{name}")
        } else {
            format!("{support}::wasi::{package}::types::{name}")
        }
    }
}

/// Does the expression contain one that `is` accepts?
fn contains(file: &File, range: Range<usize>, is: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    file.each_expr_in(&range, &mut |expr| found |= is(expr));
    found
}

pub fn free_name(context: &RustContext, function: &Range<usize>, name: &str) -> String {
    let mut free = name.to_owned();
    while !context.file.variable(&free, function).is_empty()
        || context.text[function.clone()].contains(&format!(", {free})"))
    {
        free += "_";
    }
    free
}

pub fn indent(text: &str, at: usize) -> String {
    let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
    text[line..at]
        .chars()
        .take_while(|c| *c == ' ' || *c == '\t')
        .collect()
}

pub fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
