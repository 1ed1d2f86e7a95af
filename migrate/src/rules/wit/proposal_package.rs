//! Finds copies of standard proposals, as in `wit/deps`, that take something from `wasi:io`.
//!
//! ## Why
//! A package of others is not changed under its own name and version. As long as it is there, `wasi:io` of 0.2 has to be there too.
//!
//! ## Before
//! ```wit
//! package wasi:blobstore@0.2.0-draft;
//!
//! interface types {
//!   use wasi:io/streams@0.2.1.{input-stream};
//!
//!   type incoming-value-async-body = input-stream;
//! }
//! ```
//!
//! ## After
//! ```wit
//! package wasi:blobstore@0.2.0-draft;
//!
//! interface types {
//!   use wasi:io/streams@0.2.1.{input-stream};
//!
//!   type incoming-value-async-body = input-stream;
//! }
//! ```
//!
//! ## Fix
//! None: fetch its version for 0.3, if there is one. The help says what is known of it.

use super::WitContext;
use crate::finding::Finding;
use crate::proposals::proposal;
use crate::wit::wasi::is_wasi_package;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    let Some(name) = context
        .package
        .names()
        .next()
        .filter(|name| !is_wasi_package(name))
    else {
        return;
    };
    let package = &name.name.text;
    for (path, of, version) in context.package.wasi_paths(context.file) {
        if !of.starts_with("wasi:io/") || version.minor != 2 {
            continue;
        }
        let finding = Finding::new(
            path.range.clone(),
            format!(
                "this copy of `wasi:{package}` takes something from `{of}`, which is gone in 0.3"
            ),
        );
        found.push(finding.help(match proposal(package) {
            Some(proposal) => proposal.advice(package),
            None => "look for a version of the package for 0.3".to_owned(),
        }));
    }
}
