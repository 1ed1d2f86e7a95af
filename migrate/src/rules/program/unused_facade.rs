//! Finds the feature `p2` of `compat-api` in a manifest whose code has no path into the facade any more.
//!
//! ## Why
//! The feature is the API of 0.2. Code that is at 0.3's own API does not need it, and can only come back to it by mistake.
//!
//! ## Before
//! ```toml
//! [dependencies]
//! compat-api = { version = "0.1", features = ["p2"] }
//! ```
//!
//! ## After
//! ```toml
//! [dependencies]
//! compat-api = { version = "0.1" }
//! ```
//!
//! ## Fix
//! Safe. It is made if all files of the package are looked at, and for a workspace's list if none of its packages has such a path.

use crate::edit::{Edit, Fix};
use crate::facade::idiom::{Plan, ProgramContext};
use crate::finding::Finding;
use crate::manifest;
use crate::source::Kind;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub fn check(context: &ProgramContext, plan: &mut Plan) {
    for (file, source) in context.sources.iter().enumerate() {
        if source.kind != Kind::Cargo {
            continue;
        }
        let folder = source.path.parent().unwrap_or(Path::new(""));
        let has_code = context
            .sources
            .iter()
            .any(|other| other.kind == Kind::Rust && other.path.starts_with(folder));
        if !has_code || context.has_paths(folder) {
            continue;
        }
        let places = manifest::parsed(&source.text, |table| {
            let mut places = Vec::new();
            each(table, &source.text, &mut places);
            places
        });
        for (place, removed) in places.unwrap_or_default() {
            let finding = Finding::new(place, "no path leads into the facade any more")
                .fix(Fix::safe(vec![Edit::delete(removed)]));
            plan.find(file, finding);
        }
    }
}

/// The places of `"p2"` in lists of features of `compat-api`, and what goes with them.
fn each(table: &DeTable, text: &str, places: &mut Vec<(Range<usize>, Range<usize>)>) {
    for (key, value) in table.iter() {
        let DeValue::Table(inner) = value.get_ref() else {
            continue;
        };
        if key.get_ref() == "compat-api" {
            let features = inner.iter().find(|(key, _)| key.get_ref() == "features");
            if let Some((key, list)) = features {
                places.extend(feature(text, key.span(), list));
            }
        } else {
            each(inner, text, places);
        }
    }
}

fn feature(
    text: &str,
    key: Range<usize>,
    list: &Spanned<DeValue>,
) -> Option<(Range<usize>, Range<usize>)> {
    let DeValue::Array(features) = list.get_ref() else {
        return None;
    };
    let at = features
        .iter()
        .position(|feature| feature.get_ref().as_str() == Some("p2"))?;
    let place = features.get(at)?.span();
    let removed = if features.len() > 1 {
        match features.get(at + 1) {
            Some(next) => place.start..next.span().start,
            None => features.get(at - 1)?.span().end..place.end,
        }
    } else {
        // `features = […]` goes, with a comma on one side or the line.
        let whole = key.start..list.span().end;
        let before = text[..whole.start].trim_end_matches([' ', '\t']);
        let after = text[whole.end..].trim_start_matches([' ', '\t']);
        if before.ends_with(',') {
            before.len() - 1..whole.end
        } else if let Some(rest) = after.strip_prefix(',') {
            whole.start..text.len() - rest.trim_start_matches([' ', '\t']).len()
        } else {
            crate::edit::whole_lines(text, whole)
        }
    };
    Some((place, removed))
}
