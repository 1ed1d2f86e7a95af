//! Finds dependencies on crates that wrap WASI, in versions that reach WASI 0.2: `wstd`, `waki`, `spin-sdk`, `wasi-http-client` and others.
//!
//! ## Why
//! Such a crate decides which WASI the component imports. `data/wrappers` says which version of each has the final 0.3, and when that was looked up.
//! Where there is none yet, the component goes on importing 0.2, which hosts of 0.3 link too.
//!
//! ## Before
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! spin-sdk = "5.2"
//! waki = "0.5"
//! ```
//!
//! ## After
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! spin-sdk = "7.0.0"
//! waki = "0.5"
//! ```
//!
//! ## Fix
//! Unsafe: the newer version has another API; `wrapper-path` finds what of it moved. Without such a version there is none.

use super::ManifestContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::source::Kind;
use crate::wrappers::wrapper;
use toml::de::DeValue;

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    if context.kind != Kind::Cargo {
        return;
    }
    for dependency in context.dependencies() {
        let Some(wrapper) = wrapper(dependency.package()) else {
            continue;
        };
        // Of a path or a repository the version is not known.
        let Some(written) = dependency.version() else {
            continue;
        };
        if wrapper.has_0_3(written) != Some(false) {
            continue;
        }
        let (name, bindings, checked) = (&wrapper.name, &wrapper.bindings, &wrapper.checked);
        let candidates = wrapper.candidates.as_ref();
        let candidates = candidates.map_or_else(String::new, |found| format!("; {found}"));
        let place = dependency.key.clone();
        let Some(first) = &wrapper.first else {
            let finding = Finding::new(
                place,
                format!("`{name}` wraps WASI 0.2, and no version of it has the final 0.3 yet"),
            );
            found.push(finding.help(format!(
                "as of {checked} its newest version is {} (by {bindings}){candidates}; hosts of 0.3 link 0.2 too, so it may stay; else use `wasip3` or `compat-api` in its place",
                wrapper.newest
            )));
            continue;
        };
        let note = match wrapper.note.as_str() {
            "" => String::new(),
            note => format!("; {note}"),
        };
        let finding = Finding::new(place, format!("`{name}` {written} wraps WASI 0.2")).help(format!(
            "{first} is its first version on the final 0.3 ({bindings}, as of {checked}){candidates}{note}"
        ));
        let version = match dependency.value.get_ref() {
            DeValue::String(_) => Some(dependency.value.span()),
            _ => dependency.field("version").map(toml::Spanned::span),
        };
        found.push(match version {
            Some(version) => finding.fix(Fix::risky(vec![Edit::replace(
                version,
                format!("\"{first}\""),
            )])),
            None => finding,
        });
    }
}
