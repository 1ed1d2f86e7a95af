//! Finds dependencies on crates that bind WASI 0.2, and versions of wit-bindgen without async.
//!
//! ## Why
//! `wasi` (0.12 to 0.14) and `wasip2` bind 0.2; `wasip3` binds 0.3. `wit-bindgen` knows the final async ABI since 0.61; tasks need its feature
//! `async-spawn`.
//!
//! ## Before
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! wasip2 = "1.0"
//! wit-bindgen = { version = "0.41", features = ["realloc"] }
//! ```
//!
//! ## After
//! ```toml
//! [package]
//! name = "app"
//!
//! [dependencies]
//! wasip3 = { version = "0.10", features = ["async-spawn"] }
//! wit-bindgen = { version = "0.63", features = ["realloc", "async-spawn"] }
//! ```
//!
//! ## Fix
//! Unsafe: code that has not moved yet no longer compiles. With `--target compat` it becomes a dependency on `compat-api` or `polyfill-guest`;
//! `--compat-api FOLDER` says where they are, if they are not the published ones. cargo-component's `wit-bindgen-rt` is reported: its bindings are made by `wit_bindgen::generate!` now.

use super::{Dependency, ManifestContext};
use crate::edit::{Edit, Fix};
use crate::engine::Target;
use crate::finding::Finding;
use crate::source::Kind;
use toml::de::DeValue;

const WASIP3: &str = "0.10";
const WIT_BINDGEN: (u64, &str) = (61, "0.63");

pub fn check(context: &ManifestContext, found: &mut Vec<Finding>) {
    if context.kind != Kind::Cargo {
        return;
    }
    for dependency in context
        .dependencies()
        .iter()
        .filter(|dependency| !dependency.is_inherited())
    {
        match dependency.package() {
            "wasip2" => found.push(bindings(context, dependency)),
            // Before 0.12 the crate bound another interface altogether.
            "wasi" if minor(dependency).is_some_and(|minor| minor >= 12) => {
                found.push(bindings(context, dependency))
            }
            // 0.7 is the first of the final 0.3.
            "wasip3" if minor(dependency).is_some_and(|minor| minor < 7) => {
                found.push(candidate(dependency))
            }
            "wit-bindgen" if minor(dependency).is_some_and(|minor| minor < WIT_BINDGEN.0) => {
                found.push(generator(context, dependency))
            }
            name if name.starts_with("isyswasfa-") || is_fork(dependency) => {
                let finding = Finding::new(
                    dependency.key.clone(),
                    format!("`{name}` is of the experiment of 2024, which 0.3 replaces"),
                );
                found.push(finding.help("depend on `compat-api`, for interfaces of your own on `polyfill-guest` (hosts of 0.2 and 0.3), or on `wasip3` and `wit-bindgen` (0.3)"));
            }
            "wit-bindgen-rt" => {
                let finding = Finding::new(
                    dependency.key.clone(),
                    "`wit-bindgen-rt` goes with bindings that cargo-component has generated for 0.2",
                );
                found.push(finding.help(format!("depend on `wit-bindgen` {} and put `wit_bindgen::generate!` in the place of `mod bindings`", WIT_BINDGEN.1)));
            }
            _ => {}
        }
    }
}

/// The experiment's own version of wit-bindgen.
fn is_fork(dependency: &Dependency) -> bool {
    let Some(DeValue::Array(features)) = dependency.field("features").map(|found| found.get_ref())
    else {
        return false;
    };
    dependency.package() == "wit-bindgen"
        && features
            .iter()
            .any(|feature| feature.get_ref().as_str() == Some("isyswasfa"))
}

/// The `y` of `0.y`.
fn minor(dependency: &Dependency) -> Option<u64> {
    let version = dependency
        .version()?
        .trim_start_matches(['=', '^', '~', '>', ' ']);
    let mut parts = version.split(['.', '+', ',']);
    (parts.next()? == "0")
        .then(|| parts.next()?.parse().ok())
        .flatten()
}

fn bindings(context: &ManifestContext, dependency: &Dependency) -> Finding {
    let name = dependency.package();
    let finding = Finding::new(
        dependency.key.clone(),
        format!("the crate `{name}` binds WASI 0.2"),
    );
    if context.target == Target::Compat {
        return ours(context, dependency, finding, "compat-api");
    }
    let help = format!("depend on `wasip3` {WASIP3}");
    let plain = dependency.name == name && matches!(dependency.value.get_ref(), DeValue::String(_));
    let there = context
        .dependencies()
        .iter()
        .any(|other| other.package() == "wasip3");
    if !plain || there {
        return finding.help(help);
    }
    let edits = vec![
        Edit::replace(dependency.key.clone(), "wasip3"),
        Edit::replace(
            dependency.value.span(),
            format!("{{ version = \"{WASIP3}\", features = [\"async-spawn\"] }}"),
        ),
    ];
    finding.help(help).fix(Fix::risky(edits))
}

/// The dependency as one on a crate of ours, which has the features of what it replaces.
fn ours(
    context: &ManifestContext,
    dependency: &Dependency,
    finding: Finding,
    package: &str,
) -> Finding {
    let source = context.compat.source(package, context.folder);
    let finding = finding.help(format!("depend on `{package}` ({source})"));
    let mut all = context.dependencies().into_iter();
    let there = all.any(|other| other.package() == package);
    let is_renamed = dependency.field("package").is_some();
    // It comes from elsewhere, and so does its version.
    let is_elsewhere = ["path", "git"]
        .iter()
        .any(|field| dependency.field(field).is_some());
    if there || is_renamed || is_elsewhere {
        return finding;
    }
    let key = Edit::replace(dependency.key.clone(), package);
    let value = match dependency.value.get_ref() {
        DeValue::String(_) => Edit::replace(dependency.value.span(), format!("{{ {source} }}")),
        DeValue::Table(table) => {
            let version = table.iter().find(|(key, _)| key.get_ref() == "version");
            let Some((name, value)) = version else {
                return finding;
            };
            Edit::replace(name.span().start..value.span().end, source)
        }
        _ => return finding,
    };
    finding.fix(Fix::risky(vec![key, value]))
}

fn candidate(dependency: &Dependency) -> Finding {
    let finding = Finding::new(
        dependency.key.clone(),
        "this version of `wasip3` binds a release candidate: no host of the final 0.3 links it",
    )
    .help(format!("`{WASIP3}`"));
    let version = match dependency.value.get_ref() {
        DeValue::String(_) => Some(dependency.value.span()),
        _ => dependency.field("version").map(toml::Spanned::span),
    };
    match version {
        Some(place) => finding.fix(Fix::risky(vec![Edit::replace(
            place,
            format!("\"{WASIP3}\""),
        )])),
        None => finding,
    }
}

fn generator(context: &ManifestContext, dependency: &Dependency) -> Finding {
    let finding = Finding::new(
        dependency.key.clone(),
        "this version of `wit-bindgen` doesn't know the final async ABI",
    );
    if context.target == Target::Compat {
        return ours(context, dependency, finding, "polyfill-guest");
    }
    let version = WIT_BINDGEN.1;
    let finding = finding.help(format!("`{version}`, with the feature `async-spawn`"));
    if let DeValue::String(_) = dependency.value.get_ref() {
        let edit = Edit::replace(
            dependency.value.span(),
            format!("{{ version = \"{version}\", features = [\"async-spawn\"] }}"),
        );
        return finding.fix(Fix::risky(vec![edit]));
    }
    let Some(found) = dependency.field("version") else {
        return finding;
    };
    // In a table of its own, fields stand on lines of their own.
    let is_inline = context.text[dependency.value.span()].starts_with('{');
    let line = context.text[..dependency.key.start].rfind('\n');
    if !is_inline && !context.text[line.map_or(0, |at| at + 1)..].starts_with('[') {
        return finding;
    }
    let between = if is_inline { ", " } else { "\n" };
    let mut edits = vec![Edit::replace(found.span(), format!("\"{version}\""))];
    match dependency
        .field("features")
        .map(|features| (features.span(), features.get_ref()))
    {
        Some((range, DeValue::Array(list))) => {
            if !list
                .iter()
                .any(|feature| feature.get_ref().as_str() == Some("async-spawn"))
            {
                match list.iter().last() {
                    Some(last) => edits.push(Edit::insert(last.span().end, ", \"async-spawn\"")),
                    None => edits.push(Edit::replace(range, "[\"async-spawn\"]")),
                }
            }
        }
        Some(_) => return finding,
        None => edits.push(Edit::insert(
            found.span().end,
            format!("{between}features = [\"async-spawn\"]"),
        )),
    }
    finding.fix(Fix::risky(edits))
}
