//! Finds paths to `compat_api` and `polyfill_guest`, when a project no longer needs hosts of 0.2. Only if asked for: `--select compat-path,compat-dependency`.
//!
//! ## Why
//! `compat-api` has the items of `wasip3`, and `polyfill-guest` those of `wit-bindgen`: without the other backend the originals will do, and
//! nothing of ours is left.
//!
//! ## Before
//! ```rust,ignore
//! use compat_api::http::types::{ErrorCode, Request, Response};
//!
//! struct App;
//!
//! compat_api::http::service::export!(App);
//!
//! #[cfg(feature = "isyswasfa")]
//! fn hosts() {}
//!
//! #[cfg(feature = "native")]
//! fn hosts() {
//!     polyfill_guest::spawn_local(async {});
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::types::{ErrorCode, Request, Response};
//!
//! struct App;
//!
//! wasip3::http::service::export!(App);
//!
//! fn hosts() {
//!     wit_bindgen::spawn_local(async {});
//! }
//! ```
//!
//! ## Fix
//! Safe for paths: the crates are drop-ins for each other. Unsafe for what is `cfg`'d by the features `isyswasfa` and `native`: the one goes, the other stays.
//! Conditions of several features are reported, and files on the facade `compat_api::p2`, which have to come to 0.3's own API first.

use super::RustContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Meta};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    Conditions { context, found }.visit_file(context.file.syntax);
    if let Some(facade) = facade(context) {
        let finding = Finding::new(
            facade,
            "`compat_api::p2` is the API of 0.2: `wasip3` has no such module",
        );
        found.push(finding.help("first take this file to 0.3's own API, then its paths move"));
        return;
    }
    let mut places: Vec<(std::ops::Range<usize>, &str)> = Vec::new();
    let mut add = |ident: &Ident| {
        let new = match ident.to_string().as_str() {
            "compat_api" => "wasip3",
            "polyfill_guest" => "wit_bindgen",
            _ => return,
        };
        places.push((context.at(ident.span()), new));
    };
    // A group's names share the crate: once is enough.
    context
        .file
        .names
        .leaves
        .iter()
        .filter_map(|leaf| leaf.path.first())
        .for_each(&mut add);
    // A variable may be called so.
    context.file.each_path(&mut |path| {
        path.segments
            .first()
            .filter(|_| path.segments.len() > 1)
            .into_iter()
            .for_each(|first| add(&first.ident))
    });
    places.sort_by_key(|(place, _)| place.start);
    places.dedup();
    for (place, new) in places {
        let finding = Finding::new(
            place.clone(),
            format!("without hosts of 0.2 this is `{new}`"),
        );
        found.push(finding.fix(Fix::safe(vec![Edit::replace(place, new)])));
    }
}

/// The first path into the facade for code of 0.2.
fn facade(context: &RustContext) -> Option<std::ops::Range<usize>> {
    let leaves = context.file.names.leaves.iter().filter(|leaf| {
        let mut path = leaf.path.iter();
        path.next().is_some_and(|first| first == "compat_api")
            && path.next().is_some_and(|second| second == "p2")
    });
    let mut places: Vec<_> = leaves.map(|leaf| context.at(leaf.path[0].span())).collect();
    context.file.each_path(&mut |path| {
        let mut segments = path.segments.iter();
        if segments
            .next()
            .is_some_and(|first| first.ident == "compat_api")
            && segments.next().is_some_and(|second| second.ident == "p2")
        {
            places.push(context.at(path.segments[0].ident.span()));
        }
    });
    places.into_iter().min_by_key(|place| place.start)
}

/// Items and statements that are there for one backend only.
struct Conditions<'a, 'b> {
    context: &'a RustContext<'b>,
    found: &'a mut Vec<Finding>,
}

impl Conditions<'_, '_> {
    fn attributes<T: Spanned + 'static>(&mut self, attributes: &[Attribute], item: &T) {
        for attribute in attributes
            .iter()
            .filter(|found| found.path().is_ident("cfg"))
        {
            let place = self.context.file.range(attribute);
            let text = self.context.text(attribute);
            if !["\"isyswasfa\"", "\"native\""]
                .iter()
                .any(|feature| text.contains(feature))
            {
                continue;
            }
            let finding = Finding::new(
                place.clone(),
                "a feature that chooses a backend, of which one is left",
            );
            let edit = match is_left(attribute) {
                Some(true) => Edit::delete(whole_lines(self.context.text, place)),
                Some(false) => {
                    let item = self.context.file.range(item);
                    Edit::delete(whole_lines(self.context.text, item))
                }
                None => {
                    self.found
                        .push(finding.help("`native` is always on now, and `isyswasfa` never"));
                    continue;
                }
            };
            self.found.push(finding.fix(Fix::risky(vec![edit])));
        }
    }
}

/// Whether what has the attribute stays: `cfg(feature = "native")`, or with `not`. `None`: it depends on more.
fn is_left(attribute: &Attribute) -> Option<bool> {
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    let condition: String = list.tokens.to_string().split_whitespace().collect();
    match condition.as_str() {
        "feature=\"native\"" | "not(feature=\"isyswasfa\")" => Some(true),
        "feature=\"isyswasfa\"" | "not(feature=\"native\")" => Some(false),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Conditions<'_, '_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Trait(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        self.attributes(attributes, item);
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.attributes(&item.attrs, item);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.attributes(&local.attrs, local);
        visit::visit_local(self, local);
    }
}
