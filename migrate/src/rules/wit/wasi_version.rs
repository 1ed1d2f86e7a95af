//! Finds versions of WASI 0.2 behind interfaces that are called the same in 0.3.
//!
//! ## Why
//! WASI 0.3 is another set of packages, `@0.3.2` at present; a host that has it may not have 0.2, and types of one version
//! don't fit the other.
//!
//! ## Before
//! ```wit
//! world app {
//!   import wasi:random/random@0.2.3;
//!   export wasi:cli/run@0.2.3;
//! }
//! ```
//!
//! ## After
//! ```wit
//! world app {
//!   import wasi:random/random@0.3.2;
//!   export wasi:cli/run@0.3.2;
//! }
//! ```
//!
//! ## Fix
//! Safe: the version is replaced. What changed within the interface is told by other rules where it is used.

use super::{WitContext, moved_finding};
use crate::finding::Finding;
use crate::moves::TO;
use crate::wit::moved::Kind;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (place, moved) in context.moved(Kind::Version) {
        let message = format!(
            "`{}` of WASI 0.2: in 0.3 it is `{}@{TO}`",
            moved.from, moved.to
        );
        found.push(moved_finding(place, moved, message));
    }
}
