//! Finds imports, exports and `use`s of standard proposals that take something from `wasi:io`: `wasi:blobstore` and `wasi:tls`.
//!
//! ## Why
//! Proposals beside WASI have versions of their own. Those that use streams or pollables need `wasi:io` of 0.2, and so does whoever calls them.
//! `wasi:config`, `wasi:keyvalue` and `wasi:messaging` take nothing from it and work beside 0.3 as they are.
//!
//! ## Before
//! ```wit
//! package test:app@1.0.0;
//!
//! world app {
//!   import wasi:tls/types@0.2.0-draft;
//!   import wasi:keyvalue/store@0.2.0-draft;
//! }
//!
//! package wasi:tls@0.2.0-draft {
//!   interface types {}
//! }
//!
//! package wasi:keyvalue@0.2.0-draft {
//!   interface store {}
//! }
//! ```
//!
//! ## After
//! ```wit
//! package test:app@1.0.0;
//!
//! world app {
//!   import wasi:tls/types@0.2.0-draft;
//!   import wasi:keyvalue/store@0.2.0-draft;
//! }
//!
//! package wasi:tls@0.2.0-draft {
//!   interface types {}
//! }
//!
//! package wasi:keyvalue@0.2.0-draft {
//!   interface store {}
//! }
//! ```
//!
//! ## Fix
//! None: a version for 0.3, if there is one, has other interfaces. The help says what is known of it, and when that was looked up.

use super::WitContext;
use crate::finding::Finding;
use crate::proposals::proposal;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (path, name, version) in context.package.wasi_paths(context.file) {
        let Some((package, interface)) = name.trim_start_matches("wasi:").split_once('/') else {
            continue;
        };
        let Some(proposal) = proposal(package) else {
            continue;
        };
        if proposal
            .new
            .as_ref()
            .is_some_and(|new| *new == version.to_string())
        {
            continue;
        }
        // Its worlds import all of it.
        let takes = match proposal.takes.get(interface) {
            Some(takes) => takes.as_str(),
            None if interface == "imports" && !proposal.takes.is_empty() => {
                "its interfaces use its streams"
            }
            None => continue,
        };
        let message =
            format!("`{name}@{version}` takes something from `wasi:io`, which is gone in 0.3");
        let help = format!("{takes}; {}", proposal.advice(package));
        found.push(Finding::new(path.range.clone(), message).help(help));
    }
}
