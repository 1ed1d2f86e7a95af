//! Finds dependencies on `compat-api` and `polyfill-guest`, when a project no longer needs hosts of 0.2. Only if asked for: `--select
//! compat-path,compat-dependency`.
//!
//! ## Why
//! `wasip3` and `wit-bindgen` have the same items: without the other backend they will do.
//!
//! ## Before
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! compat-api = { path = "../compat-api", features = ["http-compat"] }
//! polyfill-guest = { path = "../polyfill-guest", default-features = false, features = ["isyswasfa", "macros"] }
//! ```
//!
//! ## After
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! wasip3 = { version = "0.10", features = ["http-compat", "async-spawn"] }
//! wit-bindgen = { version = "0.63", features = ["macros", "async-spawn"] }
//! ```
//!
//! ## Fix
//! Unsafe: it goes with `compat-path`. A dependency in a table of its own, or under another name, and features of the package that turn on `native` or
//! `isyswasfa` are reported.

use super::ManifestContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::source::Kind;
use toml::de::DeValue;

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    if context.kind != Kind::Cargo {
        return;
    }
    for dependency in context
        .dependencies()
        .iter()
        .filter(|dependency| !dependency.is_inherited())
    {
        let (new, version) = match dependency.package() {
            "compat-api" => ("wasip3", "0.10"),
            "polyfill-guest" => ("wit-bindgen", "0.63"),
            _ => continue,
        };
        let finding = Finding::new(
            dependency.key.clone(),
            format!("without hosts of 0.2 this is `{new}`"),
        );
        let finding = finding.help(format!("depend on `{new}` {version}"));
        let inline = context.text[dependency.value.span()].starts_with('{');
        if dependency.name != dependency.package() || !inline {
            found.push(finding);
            continue;
        }
        let mut features: Vec<String> = match dependency
            .field("features")
            .map(|features| features.get_ref())
        {
            Some(DeValue::Array(list)) => list
                .iter()
                .filter_map(|feature| feature.get_ref().as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        features
            .retain(|feature| !["isyswasfa", "native", "async-spawn"].contains(&feature.as_str()));
        features.push("async-spawn".to_owned());
        let features = features
            .iter()
            .map(|feature| format!("\"{feature}\""))
            .collect::<Vec<_>>()
            .join(", ");
        let edits = vec![
            Edit::replace(dependency.key.clone(), new),
            Edit::replace(
                dependency.value.span(),
                format!("{{ version = \"{version}\", features = [{features}] }}"),
            ),
        ];
        found.push(finding.fix(Fix::risky(edits)));
    }
    let Some(DeValue::Table(features)) = context
        .table
        .iter()
        .find(|(key, _)| key.get_ref() == "features")
        .map(|(_, value)| value.get_ref())
    else {
        return;
    };
    for (key, value) in features.iter() {
        let DeValue::Array(list) = value.get_ref() else {
            continue;
        };
        let ours = |name: &str| {
            [
                "compat-api/",
                "compat-api?/",
                "polyfill-guest/",
                "polyfill-guest?/",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        };
        if list
            .iter()
            .any(|entry| entry.get_ref().as_str().is_some_and(ours))
        {
            let finding = Finding::new(
                key.span(),
                format!(
                    "the feature `{}` chooses a backend, of which one is left",
                    key.get_ref()
                ),
            );
            found.push(finding.help("take it out"));
        }
    }
}
