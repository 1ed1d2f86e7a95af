//! Finds `use`s of WASI 0.2 types that have another name in 0.3.
//!
//! ## Why
//! `datetime` is `instant`, while `monotonic-clock`'s `instant` is `mark`; the two requests and the two responses of
//! `wasi:http` are one each.
//!
//! ## Before
//! ```wit
//! interface log {
//!   use wasi:clocks/wall-clock@0.2.0.{datetime};
//!   use wasi:clocks/monotonic-clock@0.2.0.{instant, duration};
//!
//!   write: func(when: datetime, since: instant, took: duration);
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface log {
//!   use wasi:clocks/system-clock@0.3.2.{instant};
//!   use wasi:clocks/monotonic-clock@0.3.2.{mark, duration};
//!
//!   write: func(when: instant, since: mark, took: duration);
//! }
//! ```
//!
//! ## Fix
//! Safe: the `use` and every mention of the type in the interface are renamed. Where another interface of the package has
//! the old name from this one, it stays as an alias (`instant as datetime`).

use super::{WitContext, moved_finding};
use crate::finding::Finding;
use crate::wit::moved::Kind;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (place, moved) in context.moved(Kind::Types) {
        let names = moved.types.iter().map(|(old, new)| match new.is_empty() {
            true => format!("`{old}` is gone (nothing here needs it)"),
            false => format!("`{old}` is `{new}`"),
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let message = format!("types of `{}` have other names in 0.3: {names}", moved.from);
        found.push(moved_finding(place, moved, message));
    }
}
