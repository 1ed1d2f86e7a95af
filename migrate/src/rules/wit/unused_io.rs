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
//! Safe: the `use` goes.

use super::{WitContext, moved_finding};
use crate::finding::Finding;
use crate::wit::moved::Kind;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (place, moved) in context.moved(Kind::Unneeded) {
        let message = format!("nothing of `{}` is needed here, and it is gone in 0.3", moved.from);
        found.push(moved_finding(place, moved, message));
    }
}
