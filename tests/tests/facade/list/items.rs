//! The public items of modules, wherever they are declared.

use super::tree::{Declared, Module, Tree};
use std::collections::BTreeMap;

/// A public item.
pub type Item = Declared;

/// Public items, by their paths.
#[derive(Default)]
pub struct Items(pub BTreeMap<String, Item>);

impl Items {
    /// Adds what is in a module and in its public modules, under `prefix`.
    pub fn collect(&mut self, tree: &Tree, path: &str, prefix: &str) {
        let Some(module) = tree.module(path) else {
            return;
        };
        for (name, item) in &module.items {
            // Methods of private types have no type that they could be called on.
            let ty = name.split("::").next().unwrap_or_default();
            if module.items.contains_key(ty) {
                self.0.insert(format!("{prefix}{name}"), item.clone());
            }
        }
        for (name, target) in &module.uses {
            self.follow(tree, path, target, &format!("{prefix}{name}"));
        }
        for inner in &module.modules {
            self.collect(
                tree,
                &format!("{path}::{inner}"),
                &format!("{prefix}{inner}::"),
            );
        }
    }

    /// Adds the target of a `use` in the module `from`, as `name`.
    fn follow(&mut self, tree: &Tree, from: &str, target: &[String], name: &str) {
        let mut place: Vec<&str> = from.split("::").collect();
        let mut rest = target;
        match rest[0].as_str() {
            "crate" => place.clear(),
            "super" | "self" => {}
            inner => panic!("`{from}` uses `{inner}` of another crate"),
        }
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "crate" | "self" => {}
                "super" => drop(place.pop()),
                _ => break,
            }
            rest = others;
        }
        place.extend(rest.iter().map(String::as_str));
        let place = place.join("::");
        let (module, item) = place.rsplit_once("::").unwrap_or(("", &place));
        match tree.module(module) {
            // It is listed there. Bindings call that another name of a type.
            Some(_) if tree.is_public(module) => {
                let says = "a type".to_owned();
                let is_async = false;
                self.0.insert(name.to_owned(), Item { says, is_async });
            }
            Some(module) => self.take(tree, module, item, &place, name),
            None => self.take_beside(tree, &place, name),
        }
    }

    /// Adds an item of a module of the same crate, and what belongs to it.
    fn take(&mut self, tree: &Tree, module: &Module, item: &str, place: &str, name: &str) {
        if let Some((_, target)) = module.uses.iter().find(|(used, _)| used == item) {
            let (from, _) = place.rsplit_once("::").expect("a module");
            return self.follow(tree, from, target, name);
        }
        for (path, declared) in &module.items {
            if path == item {
                self.0.insert(name.to_owned(), declared.clone());
            } else if let Some(rest) = path.strip_prefix(&format!("{item}::")) {
                self.0.insert(format!("{name}::{rest}"), declared.clone());
            }
        }
    }

    /// Adds an item or module of WASI 0.3's bindings, and what belongs to it.
    fn take_beside(&mut self, tree: &Tree, place: &str, name: &str) {
        // The macros are exported from the root.
        if !place.contains("::") {
            return;
        }
        let mut found = false;
        for (path, declared) in &tree.beside.0 {
            let path = match path.strip_prefix(place) {
                Some("") => name.to_owned(),
                Some(rest) if rest.starts_with("::") => format!("{name}{rest}"),
                _ => continue,
            };
            found = true;
            self.0.insert(path, declared.clone());
        }
        assert!(found, "there is no `{place}`");
    }
}
