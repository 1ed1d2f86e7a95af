//! Decides whether an export can serve an import, by name and by type.

use anyhow::Context;
use isyswasfa_wit::names::{InterfaceName, original_function, original_name};
use semver::Version;
use wac_graph::types::{ItemKind, SubtypeChecker, Types};

/// How an export serves an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// The export has the type of the import.
    Direct,
    /// The types differ only in `async`: the host bridges the two.
    Bridged,
}

/// Whether `name` means `import`. It may be the full name, the name without the version or with a compatible one, or the
/// interface's own name. The name of an async function stands for its halves.
pub(super) fn is_named(import: &str, name: &str) -> bool {
    if import == name || is_compatible(name, import) {
        return true;
    }
    match InterfaceName::parse(import) {
        Some(interface) => {
            name == interface.interface
                || name.split_once('/') == Some((interface.package, interface.interface))
        }
        None => original_function(import) == name,
    }
}

/// Whether the two are one interface in compatible versions, by semantic versioning. The pre-releases of the split ABI count as
/// ordinary versions.
pub(super) fn is_compatible(export: &str, import: &str) -> bool {
    if export == import {
        return true;
    }
    let (Some(export), Some(import)) = (InterfaceName::parse(export), InterfaceName::parse(import))
    else {
        return false;
    };
    let is_same = same_interface(&export, &import);
    match (&export.version, &import.version) {
        (Some(one), Some(other)) => {
            let is_release = one.pre.is_empty() || export.is_split();
            is_same && is_release && one.pre == other.pre && track(one) == track(other)
        }
        _ => false,
    }
}

/// Whether the two are compatible once the split of either is undone.
pub(super) fn is_bridgeable(export: &str, import: &str) -> bool {
    let original = |name: &str| match original_name(name) {
        Some(name) => name,
        None => original_function(name).to_owned(),
    };
    is_compatible(&original(export), &original(import))
}

/// Whether the two are one interface in any versions.
pub(super) fn is_same(export: &str, import: &str) -> bool {
    match (InterfaceName::parse(export), InterfaceName::parse(import)) {
        (Some(export), Some(import)) => same_interface(&export, &import),
        _ => export == import,
    }
}

fn same_interface(one: &InterfaceName<'_>, other: &InterfaceName<'_>) -> bool {
    (one.package, one.interface) == (other.package, other.interface)
}

/// The common part of compatible versions.
fn track(version: &Version) -> (u64, u64, u64) {
    match (version.major, version.minor, version.patch) {
        (0, 0, patch) => (0, 0, patch),
        (0, minor, _) => (0, minor, 0),
        (major, _, _) => (major, 0, 0),
    }
}

/// Whether `import` is an interface under a label, which is not the name of any export.
pub(super) fn is_label(import: &str, kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Instance(_)) && InterfaceName::parse(import).is_none()
}

/// Whether the type `export` is a subtype of `import`.
///
/// # Errors
/// The reason why not.
pub(super) fn is_subtype(types: &Types, export: ItemKind, import: ItemKind) -> anyhow::Result<()> {
    let mut cache = Default::default();
    SubtypeChecker::new(&mut cache).is_subtype(export, types, import, types)
}

/// Whether `export` matches `import` except for `async`, or why not; `None` if `async` is not the difference. Both are given
/// with their sync forms.
pub(super) fn is_bridged(
    types: &Types,
    (export, sync_export): (ItemKind, anyhow::Result<Option<ItemKind>>),
    (import, sync_import): (ItemKind, anyhow::Result<Option<ItemKind>>),
) -> Option<anyhow::Result<()>> {
    let (export, import) = match (sync_export, sync_import) {
        (Ok(Some(form)), Ok(None)) => (form, import),
        (Ok(None), Ok(Some(form))) => (export, form),
        (Err(reason), Ok(None)) | (Ok(None), Err(reason)) => return Some(Err(reason)),
        _ => return None,
    };
    let same = is_subtype(types, export, import);
    Some(same.context("they differ in more than `async`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_versions_are_compatible() {
        for (export, import) in [
            ("a:b/c@1.2.0", "a:b/c@1.9.3"),
            ("a:b/c@0.3.1", "a:b/c@0.3.2"),
            ("a:b/c@0.3.2-isyswasfa", "a:b/c@0.3.1-isyswasfa"),
            ("a:b/c@1.0.0-rc.1.isyswasfa", "a:b/c@1.0.0-rc.1.isyswasfa"),
            ("run", "run"),
        ] {
            assert!(is_compatible(export, import), "{export} {import}");
        }
        for (export, import) in [
            ("a:b/c@1.2.0", "a:b/c@2.0.0"),
            ("a:b/c@0.2.1", "a:b/c@0.3.1"),
            ("a:b/c@0.0.1", "a:b/c@0.0.2"),
            ("a:b/c@0.3.1", "a:b/c@0.3.1-isyswasfa"),
            ("a:b/c@0.3.0-rc.1", "a:b/c@0.3.1-rc.1"),
            ("a:b/c@1.0.0", "a:b/d@1.0.0"),
            ("a:b/c@1.0.0", "a:b/c"),
        ] {
            assert!(!is_compatible(export, import), "{export} {import}");
        }
    }

    #[test]
    fn a_bridge_sees_through_the_split() {
        for (export, import) in [
            ("a:b/c@1.2.0", "a:b/c@1.0.0-isyswasfa"),
            ("a:b/c@1.2.0-isyswasfa", "a:b/c@1.9.0"),
            ("a:b/c", "a:b/c@0.0.0-isyswasfa"),
            ("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0-rc.1.isyswasfa"),
            ("a:b/c@1.0.0", "a:b/c@1.0.0"),
            ("f", "f-isyswasfa-result"),
            ("f-isyswasfa-start", "f"),
        ] {
            assert!(is_bridgeable(export, import), "{export} {import}");
        }
        for (export, import) in [
            ("a:b/c@2.0.0", "a:b/c@1.0.0-isyswasfa"),
            ("a:b/d@1.0.0", "a:b/c@1.0.0-isyswasfa"),
            ("a:b/c", "a:b/c@1.0.0-isyswasfa"),
            ("f", "g-isyswasfa-start"),
        ] {
            assert!(!is_bridgeable(export, import), "{export} {import}");
        }
    }

    #[test]
    fn an_import_has_long_and_short_names() {
        let import = "wasi:http/handler@0.3.2-isyswasfa";
        for name in [
            import,
            "wasi:http/handler",
            "handler",
            "wasi:http/handler@0.3.0-isyswasfa",
        ] {
            assert!(is_named(import, name), "{name}");
        }
        for name in ["wasi:http/types", "http", "echo", "wasi:http/handler@0.3.2"] {
            assert!(!is_named(import, name), "{name}");
        }
        assert!(is_named("echo", "echo"));
        assert!(is_named("top-isyswasfa-start", "top"));
        assert!(!is_named("topmost-isyswasfa-start", "top"));
    }
}
