//! Finds manifests that say to fetch WASI 0.2's WIT: `wkg.toml`, `deps.toml` of wit-deps, and cargo-component's section of `Cargo.toml`.
//!
//! ## Why
//! WIT that mentions WASI 0.3 needs 0.3's packages; what is fetched next time would be 0.2 again.
//!
//! ## Before
//! ```toml
//! [package]
//! name = "app"
//!
//! [package.metadata.component.target.dependencies]
//! "wasi:http" = "0.2.0"
//! ```
//!
//! ## After
//! ```toml
//! [package]
//! name = "app"
//!
//! [package.metadata.component.target.dependencies]
//! "wasi:http" = "0.2.0"
//! ```
//!
//! ## Fix
//! None: which of them are still needed depends on the WIT. For wkg: write 0.3 versions in the WIT, remove overrides of 0.2, then `wkg wit fetch` (it renews
//! `wkg.lock`); for wit-deps: other URLs in `deps.toml`, then `wit-deps update`.

use super::ManifestContext;
use crate::finding::Finding;
use crate::moves::TO;
use crate::source::Kind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    walk(context, context.table, &mut Vec::new(), found);
}

fn walk(
    context: &ManifestContext,
    table: &DeTable,
    path: &mut Vec<String>,
    found: &mut Vec<Finding>,
) {
    for (key, value) in table.iter() {
        path.push(key.get_ref().to_string());
        if let Some(message) = old(context.kind, path, value) {
            let help = match context.kind {
                Kind::WitDeps => format!("a URL of {TO}, then `wit-deps update`"),
                Kind::Wkg => "take the override out, then `wkg wit fetch`".to_owned(),
                _ => format!(
                    "`{TO}`; cargo-component itself doesn't know 0.3: use `wit_bindgen::generate!` with `wkg`"
                ),
            };
            found.push(Finding::new(key.span(), message).help(help));
        } else if let DeValue::Table(inner) = value.get_ref() {
            walk(context, inner, path, found);
        }
        path.pop();
    }
}

fn old(kind: Kind, path: &[String], value: &Spanned<DeValue>) -> Option<String> {
    let name = path.last()?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Table(table) => table
            .iter()
            .find(|(key, _)| matches!(key.get_ref().as_ref(), "version" | "url"))
            .and_then(|(_, value)| value.get_ref().as_str())?
            .to_owned(),
        _ => return None,
    };
    let is_old = match kind {
        Kind::Cargo => {
            path.starts_with(&["package".into(), "metadata".into(), "component".into()])
                && name.starts_with("wasi:")
                && is_0_2(&text)
        }
        Kind::Wkg => name.starts_with("wasi:") && is_0_2(&text),
        Kind::WitDeps => {
            text.contains("WebAssembly/wasi-")
                && (text.contains("v0.2.") || text.contains("v0.3.0-"))
        }
        _ => false,
    };
    is_old.then(|| {
        let what = if text.contains("0.3.0-") {
            "a release candidate of WASI 0.3"
        } else {
            "WASI 0.2"
        };
        format!("`{name}` is fetched as {what}")
    })
}

fn is_0_2(version: &str) -> bool {
    let version = version.trim_start_matches(['=', '^', '~', '>', ' ']);
    version == "0.2" || version.starts_with("0.2.") || version.starts_with("0.3.0-")
}
