//! The public surface of a crate: everything that can be reached from outside.

use super::paths::{join, leaves, renames, resolve};
use super::signature::{described, is_hidden, is_public, last, public_name, signature};
use super::source::Crate;
use std::collections::{BTreeMap, BTreeSet};
use syn::{Item, UseTree};

impl Crate {
    /// All that can be reached from outside.
    pub(super) fn listed(&self) -> BTreeSet<String> {
        let mut list = BTreeSet::new();
        self.list("", "", &mut list, &mut BTreeSet::new());
        list
    }

    /// Lists what is public in the module at `place`, as if it were at `path`.
    fn list(
        &self,
        place: &str,
        path: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        let Some(items) = self.modules.get(place) else {
            list.insert(format!("pub use {path}"));
            return;
        };
        if !seen.insert((place.to_owned(), path.to_owned())) {
            return;
        }
        for item in items {
            if let Item::Use(uses) = item {
                if is_public(&uses.vis) && !is_hidden(&uses.attrs) {
                    self.list_use(place, path, &uses.tree, "", list, seen);
                }
            } else if let Some(name) = public_name(item) {
                self.list_item(place, &name, item, &join(path, &name), list, seen);
            }
        }
    }

    fn list_item(
        &self,
        place: &str,
        name: &str,
        item: &Item,
        path: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        match item {
            Item::Mod(_) => self.list(&join(place, name), path, list, seen),
            item => {
                let mut lines = described(item, path);
                lines.extend(self.implemented(place, name, path));
                list.extend(lines.iter().map(|line| self.unrenamed(place, line)));
            }
        }
    }

    /// The line with the names that its types have at home.
    fn unrenamed(&self, place: &str, line: &str) -> String {
        let mut renamed = BTreeMap::new();
        for item in self.modules.get(place).into_iter().flatten() {
            if let Item::Use(uses) = item {
                renames(&uses.tree, &mut |name, new| renamed.insert(new, name));
            }
        }
        let words = line.split(' ').map(|word| {
            let start = word.len() - word.trim_start_matches('(').len();
            let (before, rest) = word.split_at(start);
            let end = rest.trim_end_matches([')', ',']).len();
            let (name, after) = rest.split_at(end);
            let name = renamed.get(name).map_or(name, String::as_str);
            format!("{before}{name}{after}")
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// `pub use`, of which `prefix` has been read.
    fn list_use(
        &self,
        place: &str,
        path: &str,
        tree: &UseTree,
        prefix: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        match tree {
            UseTree::Path(tree) => {
                let prefix = join(prefix, &tree.ident.to_string());
                self.list_use(place, path, &tree.tree, &prefix, list, seen);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.list_use(place, path, tree, prefix, list, seen);
                }
            }
            UseTree::Glob(_) => self.list(&resolve(place, prefix), path, list, seen),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.list_renamed(place, path, prefix, &name, &name, list, seen);
            }
            UseTree::Rename(rename) => {
                let (name, new) = (rename.ident.to_string(), rename.rename.to_string());
                self.list_renamed(place, path, prefix, &name, &new, list, seen);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "two names, two places, and what all have"
    )]
    fn list_renamed(
        &self,
        place: &str,
        path: &str,
        prefix: &str,
        name: &str,
        new: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        let from = resolve(place, prefix);
        let path = join(path, new);
        let module = join(&from, name);
        if self.modules.contains_key(&module) {
            return self.list(&module, &path, list, seen);
        }
        let items = self.modules.get(&from).into_iter().flatten();
        let found: Vec<_> = items
            .filter(|item| public_name(item).as_deref() == Some(name))
            .collect();
        for item in &found {
            self.list_item(&from, name, item, &path, list, seen);
        }
        if !found.is_empty() {
            return;
        }
        match self.reexport(&from, name) {
            Some((place, name)) => {
                for item in self.modules[&place].iter() {
                    if public_name(item).as_deref() == Some(&name) {
                        self.list_item(&place, &name, item, &path, list, seen);
                    }
                }
            }
            // From another crate, or a macro, which has no place in a module.
            None if new == "export" => {
                list.insert(format!("macro {path}"));
            }
            None => {
                list.insert(format!("pub use {path}"));
            }
        }
    }

    /// Where a name that a module re-exports is defined.
    fn reexport(&self, place: &str, name: &str) -> Option<(String, String)> {
        for item in self.modules.get(place)? {
            let Item::Use(uses) = item else { continue };
            let mut found = None;
            leaves(&uses.tree, "", &mut |prefix, own| {
                let from = resolve(place, prefix);
                let here = own == name || own == "*";
                let defined = self.modules.get(&from).is_some_and(|items| {
                    items
                        .iter()
                        .any(|item| public_name(item).as_deref() == Some(name))
                });
                if here && defined {
                    found = Some((from, name.to_owned()));
                }
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// What the type `name`, defined at `place`, has and is, wherever below it that is written.
    fn implemented(&self, place: &str, name: &str, path: &str) -> Vec<String> {
        let mut all = Vec::new();
        let near = self.modules.iter().filter(|(own, _)| {
            *own == place
                || place.starts_with(own.as_str()) && own.starts_with("http_compat")
                || own.starts_with(&format!("{place}::"))
        });
        for item in near.flat_map(|(_, items)| items) {
            let Item::Impl(implementation) = item else {
                continue;
            };
            if last(&implementation.self_ty) != name {
                continue;
            }
            match &implementation.trait_ {
                Some((of, _)) => {
                    let of = of.segments.last().expect("a name").ident.to_string();
                    // The others are the generator's own affair.
                    if [
                        "Debug",
                        "Display",
                        "Error",
                        "Clone",
                        "Copy",
                        "Default",
                        "From",
                        "Drop",
                        "Body",
                        "IncomingMessage",
                    ]
                    .contains(&of.as_str())
                    {
                        all.push(format!("impl {of} for {path}"));
                    }
                }
                None => {
                    for item in &implementation.items {
                        if let syn::ImplItem::Fn(function) = item
                            && is_public(&function.vis)
                            && !is_hidden(&function.attrs)
                        {
                            let path = join(path, &function.sig.ident.to_string());
                            all.push(format!("fn {path} {}", signature(&function.sig)));
                        }
                    }
                }
            }
        }
        all
    }
}
