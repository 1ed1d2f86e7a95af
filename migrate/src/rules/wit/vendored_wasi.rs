//! Finds copies of WASI 0.2's own packages, as in `wit/deps`.
//!
//! ## Why
//! WIT that mentions WASI 0.3 needs 0.3's packages beside it. `wasi:io` has no successor.
//!
//! ## Before
//! ```wit
//! package wasi:io@0.2.0;
//!
//! interface poll {
//!   resource pollable;
//! }
//! ```
//!
//! ## After
//! ```wit
//! ```
//!
//! ## Fix
//! Safe, if the package is one file: it is replaced by the same package of 0.3.2, as published. Unsafe for `wasi:io`, which goes:
//! other packages may still need it. A file of which nothing is left is removed. For a package in several files the new text
//! goes to the one with the `package` line. Fetching them anew (`wkg wit fetch`, `wit-deps update`) comes to the same.

use super::WitContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::moves::TO;
use crate::wit::wasi::is_wasi_package;
use isyswasfa_wit::wasi::WASI_0_3;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    let Some(name) = context
        .package
        .names()
        .next()
        .filter(|name| is_wasi_package(name))
    else {
        return;
    };
    let Some(version) = name
        .version
        .as_ref()
        .and_then(|version| semver::Version::parse(&version.text).ok())
    else {
        return;
    };
    let candidate = version.minor == 3 && !version.pre.is_empty();
    if version.major != 0 || !(version.minor == 2 || candidate) || context.text.is_empty() {
        return;
    }
    let has_name = context.file.package.as_ref();
    let place = has_name.map_or(0..0, |name| name.range.clone());
    // The first file with the `package` line is the one to hold the new text.
    let first = has_name.is_some_and(|own| own.range == name.range && std::ptr::eq(own, name));
    let new = WASI_0_3
        .files
        .iter()
        .find(|file| file.package == name.name.text)
        .map(|file| file.text);
    let all = |text: &str| vec![Edit::replace(0..context.text.len(), text)];
    let message = format!("a copy of `wasi:{}@{version}`", name.name.text);
    found.push(match new {
        Some(text) if first => Finding::new(place, format!("{message}: in 0.3 it is `@{TO}`"))
            .fix(Fix::safe(all(text))),
        Some(_) => Finding::new(
            place,
            format!("{message}: in 0.3 it is part of the package's first file"),
        )
        .fix(Fix::safe(all(""))),
        None => {
            Finding::new(place, format!("{message}: it is gone in 0.3")).fix(Fix::risky(all("")))
        }
    });
}
