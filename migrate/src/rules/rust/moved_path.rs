//! Finds paths to items of WASI 0.2 that are elsewhere in 0.3, or in another crate.
//!
//! ## Why
//! The crates `wasi` and `wasip2` bind 0.2, `wasip3` (or `compat-api`) binds 0.3. Modules have the names of the interfaces: `wall_clock`
//! becomes `system_clock`, the socket modules become `types`, and both requests of `wasi:http` become `Request`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::clocks::{monotonic_clock, wall_clock};
//! use wasi::sockets::network::{IpAddress, IpSocketAddress};
//!
//! fn now() -> (wall_clock::Datetime, monotonic_clock::Instant) {
//!     (wall_clock::now(), wasi::clocks::monotonic_clock::now())
//! }
//!
//! fn name(at: IpSocketAddress, from: IpAddress) {}
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::clocks::{monotonic_clock, system_clock};
//! use wasip3::sockets::types::{IpAddress, IpSocketAddress};
//!
//! fn now() -> (system_clock::Instant, monotonic_clock::Mark) {
//!     (system_clock::now(), wasip3::clocks::monotonic_clock::now())
//! }
//!
//! fn name(at: IpSocketAddress, from: IpAddress) {}
//! ```
//!
//! ## Fix
//! Safe: only names change, and all names of the file change together. A `use` moves when all of its names can. While something in the file still needs a type that
//! is gone, or a function that works differently now, other rules have to fix that first. Until then moving the rest is unsafe, since
//! the types of two versions don't fit.

mod target;
mod used;
mod written;

use super::RustContext;
use crate::edit::{Edit, Fix, Safety};
use crate::finding::Finding;
use crate::moves::moves;
use crate::rust::{Leaf, Mention, WasiPath};
use proc_macro2::TokenTree;
use std::collections::BTreeMap;
use std::ops::Range;
use used::used;
use written::written;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let mut all = moved(context).clone();
    if is_stuck(&all) {
        all.iter_mut()
            .filter_map(|finding| finding.fix.as_mut())
            .for_each(|fix| fix.safety = Safety::Unsafe);
    }
    found.extend(all);
}

/// Whether something in the file has to stay with 0.2, so that to rename other things would leave it half way.
pub fn stays_behind(context: &RustContext) -> bool {
    is_stuck(moved(context))
}

fn moved<'a>(context: &'a RustContext) -> &'a Vec<Finding> {
    context.moved.get_or_init(|| findings(context))
}

fn is_stuck(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.fix.is_none())
}

fn findings(context: &RustContext) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut items: BTreeMap<usize, Vec<(&Leaf, &WasiPath)>> = BTreeMap::new();
    for leaf in &context.file.names.leaves {
        if let Some(wasi) = leaf.wasi.as_ref().filter(|wasi| !wasi.is_new()) {
            items
                .entry(context.at(leaf.item).start)
                .or_default()
                .push((leaf, wasi));
        }
    }
    for leaves in items.into_values() {
        let place = context.at(leaves[0].0.item);
        let place_of = place.clone();
        let names: Vec<_> = leaves
            .iter()
            .map(|(_, wasi)| format!("`{}`", wasi.full()))
            .collect();
        let finding = Finding::new(place, format!("{} of WASI 0.2", names.join(", ")));
        let is_public = context.text[place_of.clone()].starts_with("pub");
        let gone = leaves.iter().find(|(_, wasi)| {
            moves().target(wasi.full()).is_none() && moves().get(wasi.full()).is_some()
        });
        if let (true, Some((_, wasi))) = (is_public, gone) {
            let reason = format!(
                "others may need `{}`, which 0.3 has not: take it out of the `use` first",
                wasi.full()
            );
            found.push(finding.help(reason));
            continue;
        }
        match used(context, &leaves) {
            Ok(edits) if edits.is_empty() => {}
            Ok(mut edits) => {
                let is_clock =
                    |(_, wasi): &(_, &WasiPath)| wasi.interface == "wasi:clocks/wall-clock";
                if leaves.iter().any(is_clock) {
                    edits.extend(super::signed_seconds::edits(context));
                }
                found.push(finding.fix(Fix::safe(edits)));
            }
            Err(reason) => found.push(finding.help(reason)),
        }
    }
    // Paths written out, from the crate on.
    for mention in mentions(context, &(0..usize::MAX)).filter(|mention| mention.wasi.root_written) {
        let wasi = &mention.wasi;
        let finding = Finding::new(
            mention.place.clone(),
            format!("`{}` of WASI 0.2", wasi.full()),
        );
        match written(context, mention.path, wasi) {
            Some(edits) if edits.is_empty() => {}
            Some(edits) => found.push(finding.fix(Fix::safe(edits))),
            // Other rules report what is different. The path can't move before that.
            None => found.push(finding.help("it works differently in 0.3")),
        }
    }
    found.extend(types_of_exports(context));
    found
}

/// `export!(Guest with_types_in wasi)`: the types are those of the macro's own crate.
fn types_of_exports(context: &RustContext) -> Vec<Finding> {
    let mut found = Vec::new();
    for exported in context.file.index.macros() {
        let is_export = exported
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "export");
        let trees: Vec<TokenTree> = exported.tokens.clone().into_iter().collect();
        let [_, TokenTree::Ident(with), TokenTree::Ident(root)] = trees.as_slice() else {
            continue;
        };
        let is_old = root == "wasip2" || root == "wasi" && !context.file.names.generates();
        if is_export && with == "with_types_in" && is_old {
            let place = context.at(with.span()).start..context.at(root.span()).end;
            let before = context.text[..place.start].trim_end().len();
            let finding = Finding::new(place.clone(), format!("`{root}` binds WASI 0.2"));
            found.push(finding.fix(Fix::safe(vec![Edit::delete(before..place.end)])));
        }
    }
    found
}

/// The written paths into WASI 0.2 within these bytes.
fn mentions<'a>(
    context: &'a RustContext,
    scope: &Range<usize>,
) -> impl Iterator<Item = &'a Mention<'a>> {
    let all = &context.file.wasi_paths;
    let start = all.partition_point(|mention| mention.place.start < scope.start);
    let end = all.partition_point(|mention| mention.place.start < scope.end);
    all[start..end]
        .iter()
        .filter(|mention| !mention.wasi.is_new())
}
