//! The paths of modules and of what they use.

use syn::UseTree;

pub(super) fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}::{name}"),
    }
}

/// The module that a path in a `use` names. `crate::isyswasfa` is the crate itself: the other backend is not looked at.
pub(super) fn resolve(place: &str, prefix: &str) -> String {
    let mut at = place.to_owned();
    for part in prefix.split("::") {
        at = match part {
            "" | "self" => at,
            "crate" | "isyswasfa" => String::new(),
            "super" => at
                .rsplit_once("::")
                .map(|(parent, _)| parent.to_owned())
                .unwrap_or_default(),
            name => join(&at, name),
        };
    }
    at
}

/// All names in a `use`, each with what is in front of it; `*` for all.
pub(super) fn leaves(tree: &UseTree, prefix: &str, found: &mut dyn FnMut(&str, &str)) {
    match tree {
        UseTree::Path(tree) => leaves(&tree.tree, &join(prefix, &tree.ident.to_string()), found),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| leaves(tree, prefix, found)),
        UseTree::Glob(_) => found(prefix, "*"),
        UseTree::Name(name) => found(prefix, &name.ident.to_string()),
        UseTree::Rename(rename) => found(prefix, &rename.rename.to_string()),
    }
}

/// All `name as new` in a `use`.
pub(super) fn renames(tree: &UseTree, found: &mut dyn FnMut(String, String) -> Option<String>) {
    match tree {
        UseTree::Path(tree) => renames(&tree.tree, found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| renames(tree, found)),
        UseTree::Rename(rename) => {
            found(rename.ident.to_string(), rename.rename.to_string());
        }
        UseTree::Glob(_) | UseTree::Name(_) => {}
    }
}
