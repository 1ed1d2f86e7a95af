//! Finds paths to items of crates that wrap WASI which are elsewhere, or gone, in their first version on 0.3.
//!
//! ## Why
//! `wrapper-dependency` names that version. What moved in it is in `data/wrappers`.
//!
//! ## Before
//! ```rust,ignore
//! use spin_sdk::http_component;
//! use spin_sdk::pg4::Connection;
//!
//! #[http_component]
//! async fn handle(request: spin_sdk::http::IncomingRequest) {}
//! ```
//!
//! ## After
//! ```rust,ignore
//! use spin_sdk::http_service;
//! use spin_sdk::pg::Connection;
//!
//! #[http_service]
//! async fn handle(request: spin_sdk::http::IncomingRequest) {}
//! ```
//!
//! ## Fix
//! Unsafe: the names fit the newer version only. What has no counterpart is reported.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::wrappers::{Item, Wrapper, wrappers};
use proc_macro2::Ident;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    for wrapper in wrappers().iter().filter(|found| !found.paths.is_empty()) {
        let ident = wrapper.ident();
        // Names that are brought in and called otherwise now.
        let mut renamed: Vec<(String, String)> = Vec::new();
        let mut places = Vec::new();
        for leaf in &context.file.names.leaves {
            let path: Vec<_> = leaf.path.iter().collect();
            if path.first().is_some_and(|first| **first == ident)
                && let Some(finding) = moved(context, wrapper, &path)
            {
                let last = path[path.len() - 1].to_string();
                let new = finding.fix.as_ref().and_then(|fix| fix.edits.last());
                if let Some(edit) = new.filter(|edit| {
                    leaf.rename.is_none() && edit.range == context.at(path[path.len() - 1].span())
                }) {
                    renamed.push((last, edit.text.clone()));
                }
                places.push(finding);
            }
        }
        context.file.each_path(&mut |path| {
            let idents: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
            match idents.as_slice() {
                [first, _, ..] if **first == ident => {
                    places.extend(moved(context, wrapper, &idents))
                }
                // A name that a `use` brought in follows it.
                [first, ..] => {
                    let name = first.to_string();
                    let new = renamed.iter().find(|(old, _)| *old == name);
                    if let Some((_, new)) = new {
                        let place = context.at(first.span());
                        let finding = Finding::new(
                            place.clone(),
                            format!(
                                "`{name}` is `{new}` in `{}` {}",
                                wrapper.name,
                                first_version(wrapper)
                            ),
                        );
                        places.push(
                            finding.fix(Fix::risky(vec![Edit::replace(place, new.as_str())])),
                        );
                    }
                }
                [] => {}
            }
        });
        found.extend(places);
    }
}

fn first_version(wrapper: &Wrapper) -> String {
    wrapper
        .first
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}

/// The finding about a path into the crate, by the longest part of it that is known.
fn moved(context: &RustContext, wrapper: &Wrapper, path: &[&Ident]) -> Option<Finding> {
    let names: Vec<_> = path[1..].iter().map(ToString::to_string).collect();
    let known = |length: &usize| wrapper.paths.contains_key(&names[..*length].join("::"));
    let length = (1..=names.len()).rev().find(known)?;
    let old = names[..length].join("::");
    let Item { to, note } = &wrapper.paths[&old];
    let (name, first) = (&wrapper.name, first_version(wrapper));
    let place = context.at(path[1].span()).start..context.at(path[length].span()).end;
    let Some(to) = to else {
        let finding = Finding::new(
            place,
            format!(
                "`{}::{old}` is not the same in `{name}` {first}",
                wrapper.ident()
            ),
        );
        return Some(finding.help(note.clone()));
    };
    let finding = Finding::new(
        place,
        format!(
            "`{}::{old}` is `{}::{to}` in `{name}` {first}",
            wrapper.ident(),
            wrapper.ident()
        ),
    );
    let finding = if note.is_empty() {
        finding
    } else {
        finding.help(note.clone())
    };
    // Only the last name changes, so that it is written in the same way in a group of a `use`.
    let (was, is) = (old.rsplit_once("::"), to.rsplit_once("::"));
    let same_place = was.map(|(before, _)| before) == is.map(|(before, _)| before);
    if !same_place {
        return Some(finding);
    }
    let new = is.map_or(to.as_str(), |(_, last)| last);
    let at = context.at(path[length].span());
    Some(finding.fix(Fix::risky(vec![Edit::replace(at, new)])))
}
