//! Finds WIT of WASI 0.2, and of 0.3's release candidates, in lock files: `wkg.lock`, and `deps.lock` of wit-deps.
//!
//! ## Why
//! A lock keeps a version and the hash of what was fetched: while it says 0.2, fetching brings 0.2 back.
//!
//! ## Before
//! ```toml
//! version = 1
//!
//! [[packages]]
//! name = "wasi:http"
//! registry = "wasi.dev"
//!
//! [[packages.versions]]
//! requirement = "=0.2.3"
//! version = "0.2.3"
//! digest = "sha256:b5f6c4b4bb2ea1d5d8f1b3c1b4ddbbd3e3f6dfb0a7a7dbd0a8ad07cb5f5bd7a4"
//! ```
//!
//! ## After
//! ```toml
//! version = 1
//!
//! [[packages]]
//! name = "wasi:http"
//! registry = "wasi.dev"
//!
//! [[packages.versions]]
//! requirement = "=0.2.3"
//! version = "0.2.3"
//! digest = "sha256:b5f6c4b4bb2ea1d5d8f1b3c1b4ddbbd3e3f6dfb0a7a7dbd0a8ad07cb5f5bd7a4"
//! ```
//!
//! ## Fix
//! None: the hash of the new package is known to who fetches it.

use super::ManifestContext;
use crate::finding::Finding;
use crate::source::Kind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    match context.kind {
        Kind::WkgLock => wkg(context, found),
        Kind::DepsLock => deps(context, found),
        _ => {}
    }
}

fn wkg(context: &ManifestContext, found: &mut Vec<Finding>) {
    for package in tables(field(context.table, "packages")) {
        let Some(name) = text(field(package, "name")).filter(|name| name.starts_with("wasi:"))
        else {
            continue;
        };
        for locked in tables(field(package, "versions")) {
            let Some(value) = field(locked, "version") else {
                continue;
            };
            if let Some(version) = text(Some(value)).filter(|version| is_old(version)) {
                let finding =
                    Finding::new(value.span(), format!("`{name}` is locked at {version}"));
                found.push(finding.help(
                    "once the WIT names 0.3, `wkg wit update` writes the file anew, or delete it and `wkg wit fetch`",
                ));
            }
        }
    }
}

fn deps(context: &ManifestContext, found: &mut Vec<Finding>) {
    for (name, value) in context.table.iter() {
        let DeValue::Table(entry) = value.get_ref() else {
            continue;
        };
        let Some(url) = field(entry, "url") else {
            continue;
        };
        let version = text(Some(url))
            .filter(|url| url.contains("/wasi-") || url.contains("/WASI/"))
            .and_then(|url| {
                let file = url.rsplit('/').next()?;
                Some(file.trim_start_matches('v').trim_end_matches(".tar.gz"))
            });
        if let Some(version) = version.filter(|version| is_old(version)) {
            let finding = Finding::new(
                url.span(),
                format!("`{}` is locked at {version}", name.get_ref()),
            );
            found.push(
                finding.help("once `deps.toml` names 0.3, `wit-deps update` writes the file anew"),
            );
        }
    }
}

fn is_old(version: &str) -> bool {
    semver::Version::parse(version).is_ok_and(|version| {
        version.major == 0 && (version.minor == 2 || version.minor == 3 && !version.pre.is_empty())
    })
}

fn field<'a>(table: &'a DeTable<'a>, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    let mut fields = table.iter();
    fields
        .find(|(key, _)| key.get_ref() == name)
        .map(|(_, value)| value)
}

fn text<'a>(value: Option<&'a Spanned<DeValue<'a>>>) -> Option<&'a str> {
    value?.get_ref().as_str()
}

/// The tables of an array of tables.
fn tables<'a>(value: Option<&'a Spanned<DeValue<'a>>>) -> Vec<&'a DeTable<'a>> {
    let Some(DeValue::Array(list)) = value.map(Spanned::get_ref) else {
        return Vec::new();
    };
    let entries = list.iter().filter_map(|entry| match entry.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    });
    entries.collect()
}
