//! Finds versions of WASI 0.3's release candidates, and the draft of 2024.
//!
//! ## Why
//! `0.3.0-rc-2025-09-16`, `0.3.0-rc-2026-01-06` and `0.3.0-rc-2026-03-15` never link with the final 0.3: a host matches a
//! pre-release exactly. Nor does `0.3.0-draft`, which the experiment of 2024 used. In the first two, `wasi:http/handler` was also what a client imported; that is `wasi:http/client` now.
//!
//! ## Before
//! ```wit
//! world app {
//!   import wasi:http/handler@0.3.0-rc-2026-01-06;
//!   import wasi:clocks/system-clock@0.3.0-rc-2026-01-06;
//! }
//! ```
//!
//! ## After
//! ```wit
//! world app {
//!   import wasi:http/handler@0.3.2;
//!   import wasi:clocks/system-clock@0.3.2;
//! }
//! ```
//!
//! ## Fix
//! Safe where 0.3.2 has an interface or world of that name. For an imported handler of the first two candidates unsafe: a middleware
//! still imports `handler`, a client `client`.

use super::WitContext;
use crate::edit::Fix;
use crate::finding::Finding;
use crate::moves::TO;
use crate::proposals::proposal;
use crate::wit::moved::path_edits;
use crate::wit::{Item, Path, WorldItem};
use isyswasfa_wit::wasi::WASI_0_3;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    let mut paths: Vec<(&Path, bool)> = context
        .uses()
        .map(|(_, used)| (&used.path, false))
        .collect();
    paths.extend(
        context
            .externs()
            .into_iter()
            .map(|(_, _, path, is_export)| (path, !is_export)),
    );
    for world in context.worlds() {
        paths.extend(world.items.iter().filter_map(|item| match item {
            WorldItem::Include(include) => Some((&include.path, false)),
            _ => None,
        }));
    }
    for (path, is_import) in paths {
        let Some((name, version)) = context.package.wasi_path(context.file, path) else {
            continue;
        };
        // What is drafted for 0.3 beside WASI is no candidate of WASI.
        let package = name.trim_start_matches("wasi:").split('/').next();
        if !is_candidate(&version) || package.and_then(proposal).is_some() {
            continue;
        }
        let finding = Finding::new(
            path.range.clone(),
            format!("`{name}@{version}` is a release candidate: no host of the final 0.3 links it"),
        );
        let early = matches!(version.pre.as_str(), "rc-2025-09-16" | "rc-2026-01-06");
        let edits = path_edits(path, &name).filter(|_| exists(&name));
        found.push(match edits {
            Some(edits) if is_import && early && name == "wasi:http/handler" => {
                let help = format!("a middleware imports `wasi:http/handler@{TO}`, what sends requests `wasi:http/client@{TO}`");
                finding.help(help).fix(Fix::risky(edits))
            }
            // The types of the draft were others: a body was a resource.
            Some(edits) if version.pre.as_str() == "draft" => finding.fix(Fix::risky(edits)),
            Some(edits) => finding.fix(Fix::safe(edits)),
            None => finding.help(format!("WASI {TO} has no `{name}`")),
        });
    }
}

/// A candidate, or the draft that the experiment of 2024 used.
pub fn is_candidate(version: &semver::Version) -> bool {
    (version.major, version.minor) == (0, 3)
        && (version.pre.starts_with("rc") || version.pre.as_str() == "draft")
}

/// Is there such an interface or world in 0.3.2?
pub fn exists(name: &str) -> bool {
    let Some((package, name)) = name.trim_start_matches("wasi:").split_once('/') else {
        return false;
    };
    let Some(file) = WASI_0_3.files.iter().find(|file| file.package == package) else {
        return false;
    };
    crate::wit::parse(file.text).is_ok_and(|file| {
        file.items().any(|(_, item)| match item {
            Item::Interface(interface) => interface.name.text == name,
            Item::World(world) => world.name.text == name,
            Item::Use(_) => false,
        })
    })
}
