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
//! [features]
//! default = ["isyswasfa"]
//! isyswasfa = ["compat-api/isyswasfa", "wit-bindgen/isyswasfa"]
//! native = ["compat-api/native", "wit-bindgen/native"]
//!
//! [dependencies]
//! compat-api = { path = "../compat-api", default-features = false, features = ["http-compat"] }
//! wit-bindgen = { package = "polyfill-guest", path = "../polyfill-guest" }
//! ```
//!
//! ## After
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! wasip3 = { version = "0.10", features = ["http-compat", "async-spawn"] }
//! wit-bindgen = { version = "0.63", features = ["async-spawn"] }
//! ```
//!
//! ## Fix
//! Unsafe: it goes with `compat-path`. Features of the package that do nothing but choose a backend go. A dependency by dotted keys (`compat-api.path = …`) is reported.

use super::{Dependency, ManifestContext};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::source::Kind;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What replaces our crates, with the version.
const CRATES: [(&str, &str, &str); 2] = [
    ("compat-api", "wasip3", "0.10"),
    ("polyfill-guest", "wit-bindgen", "0.63"),
];
const BACKENDS: [&str; 2] = ["isyswasfa", "native"];

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    if context.kind != Kind::Cargo {
        return;
    }
    let dependencies = context.dependencies();
    // What our crates are called here, and will be.
    let mut names: Vec<(&str, &str)> = Vec::new();
    for dependency in &dependencies {
        let Some((_, new, version)) = CRATES
            .iter()
            .find(|(ours, ..)| *ours == dependency.package())
        else {
            continue;
        };
        let is_renamed = dependency.name != dependency.package();
        names.push((
            dependency.name,
            if is_renamed { dependency.name } else { new },
        ));
        let finding = Finding::new(
            dependency.key.clone(),
            format!("without hosts of 0.2 this is `{new}`"),
        )
        .help(format!("depend on `{new}` {version}"));
        if has_facade(dependency) {
            let facade = Finding::new(
                dependency.key.clone(),
                "the feature `p2` is the API of 0.2, which `wasip3` has not",
            );
            found.push(facade.help("take the code to 0.3's own API, and the feature out"));
            return;
        }
        found.push(
            match depended(context, dependency, new, version, is_renamed) {
                Some(edits) => finding.fix(Fix::risky(edits)),
                None => finding,
            },
        );
    }
    features(context, &names, found);
}

/// Whether code still needs the facade for 0.2.
fn has_facade(dependency: &Dependency) -> bool {
    let Some(DeValue::Array(features)) = dependency.field("features").map(toml::Spanned::get_ref)
    else {
        return false;
    };
    features
        .iter()
        .any(|feature| feature.get_ref().as_str() == Some("p2"))
}

/// The dependency on what replaces our crate; `None` if it is not on one line.
fn depended(
    context: &ManifestContext,
    dependency: &Dependency,
    new: &str,
    version: &str,
    is_renamed: bool,
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    if !is_renamed {
        edits.push(Edit::replace(dependency.key.clone(), new));
    }
    if dependency.is_inherited() && !context.text[dependency.value.span()].starts_with('{') {
        // `compat-api.workspace = true`: the version is elsewhere.
        return Some(edits);
    }
    let is_plain = matches!(dependency.value.get_ref(), DeValue::String(_));
    if !is_plain && !context.text[dependency.value.span()].starts_with('{') {
        edits.extend(tabled(context, dependency, new, version, is_renamed)?);
        return Some(edits);
    }
    let mut fields = Vec::new();
    if is_renamed && dependency.name != new {
        fields.push(format!("package = \"{new}\""));
    }
    fields.push(if dependency.is_inherited() {
        "workspace = true".to_owned()
    } else {
        format!("version = \"{version}\"")
    });
    fields.push(format!("features = {}", features_of(dependency)));
    if dependency.field("optional").is_some() {
        fields.push("optional = true".to_owned());
    }
    edits.push(Edit::replace(
        dependency.value.span(),
        format!("{{ {} }}", fields.join(", ")),
    ));
    Some(edits)
}

/// The features that are left, as a list.
fn features_of(dependency: &Dependency) -> String {
    let given = dependency.field("features").map(Spanned::get_ref);
    let mut features: Vec<&str> = match given {
        Some(DeValue::Array(list)) => list
            .iter()
            .filter_map(|feature| feature.get_ref().as_str())
            .collect(),
        _ => Vec::new(),
    };
    features.retain(|feature| !BACKENDS.contains(feature) && *feature != "async-spawn");
    features.push("async-spawn");
    let features: Vec<_> = features
        .iter()
        .map(|feature| format!("\"{feature}\""))
        .collect();
    format!("[{}]", features.join(", "))
}

/// Where the crate comes from, and what chose a backend: a version is in the place of it all.
const SOURCES: [&str; 8] = [
    "path",
    "git",
    "branch",
    "tag",
    "rev",
    "version",
    "registry",
    "default-features",
];

/// The entries of a table `[dependencies.NAME]`, line by line; `None` if it is another kind of table.
fn tabled(
    context: &ManifestContext,
    dependency: &Dependency,
    new: &str,
    version: &str,
    is_renamed: bool,
) -> Option<Vec<Edit>> {
    let DeValue::Table(table) = dependency.value.get_ref() else {
        return None;
    };
    let line = context.text[..dependency.key.start].rfind('\n');
    let line = line.map_or(0, |at| at + 1);
    if !context.text[line..].starts_with('[') {
        return None;
    }
    let mut fields: Vec<_> = table.iter().collect();
    fields.sort_by_key(|(key, _)| key.span().start);
    let mut edits = Vec::new();
    let mut has_version = dependency.is_inherited();
    let mut end = context.text[line..].find('\n').map(|at| line + at)?;
    for (key, value) in &fields {
        let name: &str = key.get_ref();
        let place = key.span().start..value.span().end;
        end = place.end;
        if name == "package" && is_renamed {
            edits.push(Edit::replace(value.span(), format!("\"{new}\"")));
        } else if name == "features" {
            edits.push(Edit::replace(value.span(), features_of(dependency)));
        } else if SOURCES.contains(&name) && !has_version {
            has_version = true;
            edits.push(Edit::replace(place, format!("version = \"{version}\"")));
        } else if SOURCES.contains(&name) {
            edits.push(Edit::delete(whole_lines(context.text, place)));
        }
    }
    if dependency.field("features").is_none() {
        let features = features_of(dependency);
        // Behind the last entry that stays, or the last's own edit would be in the way.
        let at = fields
            .iter()
            .map(|(_, value)| value.span().end)
            .find(|at| edits.iter().any(|edit| edit.range.end == *at))
            .unwrap_or(end);
        edits.push(Edit::insert(at, format!("\nfeatures = {features}")));
    }
    Some(edits)
}

/// Features of the package that forward to our crates.
fn features(context: &ManifestContext, names: &[(&str, &str)], found: &mut Vec<Finding>) {
    let table = |name: &str| {
        let mut entries = context.table.iter();
        let (_, value) = entries.find(|(key, _)| key.get_ref() == name)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    };
    let Some(features) = table("features") else {
        return;
    };
    let lists = || {
        features
            .iter()
            .filter_map(|(key, value)| match value.get_ref() {
                DeValue::Array(list) => Some((key, value, list)),
                _ => None,
            })
    };
    let entries = |list: &'_ toml::de::DeArray<'_>| -> Vec<String> {
        let texts = list.iter().filter_map(|entry| entry.get_ref().as_str());
        texts.map(str::to_owned).collect()
    };
    // Our crate's feature that an entry turns on: `compat-api/native`.
    let forwarded = |entry: &str| {
        let (of, feature) = entry.split_once('/')?;
        let of = of.trim_end_matches('?');
        let (_, new) = names.iter().find(|(name, _)| *name == of)?;
        Some((*new, feature.to_owned()))
    };
    let chooses = |entry: &String| {
        forwarded(entry).is_some_and(|(_, feature)| BACKENDS.contains(&feature.as_str()))
    };
    // They do nothing but choose.
    let gone: Vec<&str> = lists()
        .filter(|(_, _, list)| {
            let entries = entries(list);
            !entries.is_empty() && entries.iter().all(chooses)
        })
        .map(|(key, ..)| key.get_ref().as_ref())
        .collect();
    let kept = |entry: &String| !chooses(entry) && !gone.contains(&entry.as_str());
    let mut edits = Vec::new();
    let (mut first, mut left) = (None, 0);
    for (key, value, list) in lists() {
        let name: &str = key.get_ref();
        let before = entries(list);
        let after: Vec<String> = before
            .iter()
            .filter(|entry| kept(entry))
            .map(|entry| match forwarded(entry) {
                Some((new, feature)) => format!("{new}/{feature}"),
                None => entry.clone(),
            })
            .collect();
        let is_gone =
            gone.contains(&name) || name == "default" && after.is_empty() && !before.is_empty();
        if is_gone {
            let place = key.span().start..value.span().end;
            edits.push(Edit::delete(whole_lines(context.text, place)));
        } else {
            left += 1;
            if before != after {
                let after: Vec<_> = after.iter().map(|entry| format!("\"{entry}\"")).collect();
                edits.push(Edit::replace(
                    value.span(),
                    format!("[{}]", after.join(", ")),
                ));
            }
        }
        if is_gone || before != after {
            first = first.or(Some(key.span()));
        }
    }
    let Some(place) = first else { return };
    if left == 0
        && let Some(header) = header(context, features)
    {
        edits.push(Edit::delete(whole_lines(context.text, header)));
    }
    let finding = Finding::new(place, "a feature chooses a backend, of which one is left");
    found.push(finding.fix(Fix::risky(edits)));
}

/// The line `[features]` that stands before the table's entries.
fn header(context: &ManifestContext, features: &DeTable) -> Option<Range<usize>> {
    let first = features.iter().map(|(key, _)| key.span().start).min()?;
    let start = context.text[..first].rfind("[features]")?;
    Some(start..start + "[features]".len())
}
