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
//! fn start() {
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
//! fn start() {
//!     wit_bindgen::spawn_local(async {});
//! }
//! ```
//!
//! ## Fix
//! Safe: the crates are drop-ins for each other.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use proc_macro2::Ident;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
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
