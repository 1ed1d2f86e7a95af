//! Finds interfaces of WASI 0.2 that have another name in 0.3.
//!
//! ## Why
//! `wall-clock` is `system-clock`, `incoming-handler` is `handler`, `outgoing-handler` is `client`; of the seven interfaces
//! of `wasi:sockets` two are left, `types` and `ip-name-lookup`.
//!
//! ## Before
//! ```wit
//! world app {
//!   import wasi:sockets/tcp@0.2.0;
//!   import wasi:sockets/tcp-create-socket@0.2.0;
//!   import wasi:clocks/wall-clock@0.2.0;
//!   export wasi:http/incoming-handler@0.2.0;
//! }
//! ```
//!
//! ## After
//! ```wit
//! world app {
//!   import wasi:sockets/types@0.3.2;
//!   import wasi:clocks/system-clock@0.3.2;
//!   export wasi:http/handler@0.3.2;
//! }
//! ```
//!
//! ## Fix
//! Safe: name and version are replaced; an import that is there already goes.

use super::{WitContext, moved_finding};
use crate::finding::Finding;
use crate::moves::TO;
use crate::wit::moved::Kind;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (place, moved) in context.moved(Kind::Interface) {
        let message = format!(
            "`{}` of WASI 0.2: in 0.3 it is `{}@{TO}`",
            moved.from, moved.to
        );
        found.push(moved_finding(place, moved, message));
    }
}
