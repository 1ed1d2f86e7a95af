//! Finds `use`s of types that WASI 0.3 doesn't have, where nothing mentions them any more.
//!
//! ## Why
//! `wasi:io` is gone in 0.3: streams and futures are part of WIT itself. Once a function that had a `pollable` is `async`, its
//! `use` is left over.
//!
//! ## Before
//! ```wit
//! interface jobs {
//!   use wasi:io/poll@0.2.0.{pollable};
//!
//!   run: async func(name: string) -> u32;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface jobs {
//!   run: async func(name: string) -> u32;
//! }
//! ```
//!
//! ## Fix
//! Safe: the `use` goes, and so do `use`s that had the type from an interface of one's own.

use super::{WitContext, moved_finding};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::moves::{Change, moves};
use crate::wit::Origin;
use crate::wit::moved::{Kind, removals};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (place, moved) in context.moved(Kind::Unneeded) {
        let message = format!(
            "nothing of `{}` is needed here, and it is gone in 0.3",
            moved.from
        );
        found.push(moved_finding(place, moved, message));
    }
    for (scope, used) in context.uses().filter(|(_, used)| {
        context
            .package
            .wasi_path(context.file, &used.path)
            .is_none()
    }) {
        let gone = |name: &crate::wit::UseName| {
            let local = &name.local().text;
            let Origin::Wasi(item) = context.package.origin(context.file, scope, local) else {
                return false;
            };
            let gone = moves()
                .get(&format!("{}.{}", item.interface, item.item))
                .is_some_and(|entry| entry.change == Change::Gone);
            gone && scope.references(local).is_empty()
                && !context.package.is_used_elsewhere(scope, local)
        };
        let dropped: Vec<_> = used.names.iter().map(gone).collect();
        let places: Vec<_> = used.names.iter().map(|name| name.range.clone()).collect();
        let ranges = match dropped.iter().filter(|dropped| **dropped).count() {
            0 => continue,
            count if count == places.len() => vec![whole_lines(context.text, used.range.clone())],
            _ => removals(context.text, &places, &dropped),
        };
        let message = format!(
            "a type that is gone in 0.3 is `use`d from `{}`, and not needed here",
            used.path.name.text
        );
        found.push(
            Finding::new(used.path.range.clone(), message)
                .fix(Fix::safe(ranges.into_iter().map(Edit::delete).collect())),
        );
    }
}
