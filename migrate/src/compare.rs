//! The comparison of two WIT packages by meaning: what was added, removed or changed, and what that means for implementers and callers.

use crate::items::{Item, Items, items};
use wit_parser::{PackageId, Resolve};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub name: String,
    pub change: Kind,
    pub before: Option<Item>,
    pub after: Option<Item>,
    /// Whether a component built for one package no longer fits the other.
    pub breaks: bool,
    pub implementer: &'static str,
    pub caller: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Added,
    Removed,
    Changed,
}

/// The differences of the two packages, by name.
pub fn compare(before: &(Resolve, PackageId), after: &(Resolve, PackageId)) -> Vec<Difference> {
    let (before, after) = (of(before), of(after));
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| difference(name, before.get(name), after.get(name), &after))
        .collect()
}

fn of((resolve, package): &(Resolve, PackageId)) -> Items {
    let name = &resolve.packages[*package].name;
    let items = items(resolve, |found| {
        (&found.namespace, &found.name) == (&name.namespace, &name.name)
    });
    // The package may have been renamed.
    let prefix = format!("{}:{}/", name.namespace, name.name);
    items
        .into_iter()
        .map(|(name, item)| (name.strip_prefix(&prefix).unwrap_or(&name).to_owned(), item))
        .collect()
}

fn difference(
    name: &str,
    before: Option<&Item>,
    after: Option<&Item>,
    all: &Items,
) -> Option<Difference> {
    let parent_kind = name
        .rsplit_once('.')
        .and_then(|(parent, _)| all.get(parent))
        .map_or("", |parent| parent.kind);
    let (change, breaks, implementer, caller) = match (before, after) {
        (Some(before), Some(after)) if before == after => return None,
        (Some(before), Some(after))
            if before.kind == after.kind && before.signature == after.signature =>
        {
            (
                Kind::Changed,
                false,
                "only how stable it is said to be changed",
                "nothing to do",
            )
        }
        (Some(before), Some(after))
            if after.signature.starts_with("async ")
                && before.signature == after.signature["async ".len()..] =>
        {
            (
                Kind::Changed,
                true,
                "may wait now: make it async",
                "await the call",
            )
        }
        (Some(_), Some(_)) => (
            Kind::Changed,
            true,
            "implement the new shape",
            "adapt each use",
        ),
        (Some(before), None) => match before.kind {
            "import" => (
                Kind::Removed,
                false,
                "no longer needs it",
                "no longer has to provide it",
            ),
            "export" => (
                Kind::Removed,
                true,
                "need not provide it",
                "can't rely on it any more",
            ),
            _ => (
                Kind::Removed,
                true,
                "need not provide it",
                "find another way",
            ),
        },
        (None, Some(after)) => match (after.kind, parent_kind) {
            ("import", _) => (Kind::Added, true, "may use it", "must provide it"),
            ("export", _) => (Kind::Added, true, "must provide it", "may use it"),
            ("case", _) => (Kind::Added, true, "may answer it", "must be ready for it"),
            ("field" | "flag", _) => (Kind::Added, true, "must know it", "must know it"),
            ("func" | "method" | "static" | "constructor" | "resource", _) => {
                (Kind::Added, true, "must implement it", "may use it")
            }
            _ => (Kind::Added, false, "may use it", "may use it"),
        },
        (None, None) => return None,
    };
    Some(Difference {
        name: name.to_owned(),
        change,
        before: before.cloned(),
        after: after.cloned(),
        breaks,
        implementer,
        caller,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(text: &str) -> (Resolve, PackageId) {
        let mut resolve = Resolve::default();
        let id = resolve.push_source("a.wit", text).unwrap();
        (resolve, id)
    }

    #[test]
    fn what_it_means() {
        let before = package(
            "package a:b@1.0.0; interface i { f: func() -> u32; g: func(); enum e { x } type t = u8; } world w { export i; }",
        );
        let after = package(
            "package a:b@2.0.0; interface i { f: async func() -> u32; h: func(); enum e { x, y } type t = u8; } world w { export i; }",
        );
        let found: Vec<_> = compare(&before, &after)
            .into_iter()
            .map(|found| (found.name, found.change, found.breaks, found.caller))
            .collect();
        let expected = [
            ("i.e.y", Kind::Added, true, "must be ready for it"),
            ("i.f", Kind::Changed, true, "await the call"),
            ("i.g", Kind::Removed, true, "find another way"),
            ("i.h", Kind::Added, true, "may use it"),
        ];
        assert_eq!(
            found,
            expected.map(|(name, change, breaks, caller)| (
                name.to_owned(),
                change,
                breaks,
                caller
            ))
        );
        assert!(compare(&before, &before).is_empty());
    }
}
