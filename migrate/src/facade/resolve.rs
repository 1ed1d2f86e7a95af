//! The meaning of paths, across modules, `use`s, globs, re-exports and crates.

use super::tree::{Def, Entry, ModId, Program};
use crate::moves::moves;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Type,
    Value,
}

const COMPAT_API: &str = "compat_api";

fn is_compat_api(package: &str) -> bool {
    package.replace('-', "_") == COMPAT_API
}

/// How many `use`s may lead to each other. A cycle of globs ends here.
const MOST_STEPS: usize = 24;

impl<'a> Program<'a> {
    /// What a path stands for, and how many of its segments name that: `Type::method` names the type with one.
    pub fn resolve(
        &self,
        module: ModId,
        path: &[String],
        space: Space,
    ) -> Option<(Def<'a>, usize)> {
        self.resolve_in(module, path, space, 0)
    }

    fn resolve_in(
        &self,
        module: ModId,
        path: &[String],
        space: Space,
        steps: usize,
    ) -> Option<(Def<'a>, usize)> {
        if steps > MOST_STEPS {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let only = |def: Def<'a>| self.walk(def, rest, 1, space, steps);
        match first.as_str() {
            "" => {
                let (name, rest) = rest.split_first()?;
                self.walk(self.outside(module, name)?, rest, 2, space, steps)
            }
            "crate" | "$crate" => only(Def::Mod(self.modules[module].root)),
            "self" => only(Def::Mod(self.around(module))),
            "super" => only(Def::Mod(
                self.modules[self.around(module)]
                    .parent
                    .map(|parent| self.around(parent))?,
            )),
            name => {
                let wanted = if rest.is_empty() { space } else { Space::Type };
                let mut at = module;
                loop {
                    if let Some(def) = self.lookup(at, name, wanted, steps) {
                        return only(def);
                    }
                    match (self.modules[at].is_block, self.modules[at].parent) {
                        (true, Some(parent)) => at = parent,
                        _ => break,
                    }
                }
                only(self.outside(module, name)?)
            }
        }
    }

    /// The module that a block is in.
    pub fn around(&self, mut module: ModId) -> ModId {
        while let (true, Some(parent)) =
            (self.modules[module].is_block, self.modules[module].parent)
        {
            module = parent;
        }
        module
    }

    /// A crate by its name in code.
    fn outside(&self, module: ModId, name: &str) -> Option<Def<'a>> {
        let package = &self.packages[self.modules[module].package];
        if package.wasi.iter().any(|wasi| wasi == name) {
            return Some(Def::Wasi(Vec::new()));
        }
        let other = package.others.get(name);
        if is_compat_api(other.map_or(name, String::as_str)) {
            return Some(Def::Other(vec![COMPAT_API.to_owned()]));
        }
        match other.and_then(|other| self.libraries.get(other)) {
            Some(root) => Some(Def::Mod(*root)),
            None if other.is_some() || ["std", "core", "alloc"].contains(&name) => {
                Some(Def::Other(vec![name.to_owned()]))
            }
            None => None,
        }
    }

    /// What a name stands for in a module.
    fn lookup(&self, module: ModId, name: &str, space: Space, steps: usize) -> Option<Def<'a>> {
        let found = &self.modules[module];
        let name = name.trim_start_matches("r#");
        let mut other = None;
        for entry in found.names.get(name).into_iter().flatten() {
            let def = match entry {
                Entry::Def(def) => Some(def.clone()),
                Entry::Use(path) => self.imported(module, path, space, steps),
            };
            match def {
                Some(def) if fits(&def, space) => return Some(def),
                def => other = other.or(def),
            }
        }
        if other.is_some() {
            return other;
        }
        if found.has_bindings && matches!(name, "wasi") {
            return Some(Def::Wasi(Vec::new()));
        }
        if found.has_bindings && name == "exports" {
            return Some(Def::Wasi(vec!["exports".to_owned()]));
        }
        for path in &found.globs {
            let Some((def, used)) = self.resolve_in(module, path, Space::Type, steps + 4) else {
                continue;
            };
            if used < path.len() {
                continue;
            }
            let inner = match def {
                Def::Mod(inner) if inner != module => self.lookup(inner, name, space, steps + 4),
                Def::Adt(id) => self.variant(id, name),
                Def::Wasi(path) => has(&path, name).then(|| Def::Wasi(joined(&path, name))),
                _ => None,
            };
            if inner.is_some() {
                return inner;
            }
        }
        None
    }

    /// What a `use` brings in. `use wasi::…` beside a `mod wasi` means the module.
    fn imported(
        &self,
        module: ModId,
        path: &[String],
        space: Space,
        steps: usize,
    ) -> Option<Def<'a>> {
        // `use a;` in the crate's root names the crate, not itself.
        let is_own = path.len() == 1;
        if is_own {
            return self.outside(module, &path[0]);
        }
        let (def, used) = self.resolve_in(module, path, space, steps + 1)?;
        (used == path.len()).then_some(def)
    }

    fn variant(&self, id: usize, name: &str) -> Option<Def<'a>> {
        let adt = &self.adts[id];
        let index = adt
            .variants
            .iter()
            .position(|(variant, _)| variant == name)?;
        adt.is_enum.then_some(Def::Variant(id, index))
    }

    fn walk(
        &self,
        mut def: Def<'a>,
        rest: &[String],
        mut used: usize,
        space: Space,
        steps: usize,
    ) -> Option<(Def<'a>, usize)> {
        for (index, name) in rest.iter().enumerate() {
            let wanted = if index + 1 == rest.len() {
                space
            } else {
                Space::Type
            };
            def = match def {
                Def::Mod(module) if name == "super" => Def::Mod(self.modules[module].parent?),
                Def::Mod(module) if name == "self" => Def::Mod(module),
                Def::Mod(module) => self.lookup(module, name, wanted, steps + 1)?,
                Def::Adt(id) => match self.variant(id, name) {
                    Some(variant) => variant,
                    None => return Some((def, used)),
                },
                Def::Wasi(path)
                    if path.last().is_some_and(|last| last == "exports") && name == "wasi" =>
                {
                    Def::Wasi(path)
                }
                Def::Wasi(path) => Def::Wasi(joined(&path, name)),
                // The facade: as any bindings of 0.2.
                Def::Other(path) if path == [COMPAT_API] && name == "p2" => Def::Wasi(Vec::new()),
                Def::Other(path) => Def::Other(joined(&path, name)),
                _ => return Some((def, used)),
            };
            used += 1;
        }
        Some((def, used))
    }
}

fn joined(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Whether a module of the bindings has such an item: a glob brings in nothing else.
fn has(path: &[String], name: &str) -> bool {
    match path {
        [] => [
            "cli",
            "clocks",
            "filesystem",
            "http",
            "io",
            "random",
            "sockets",
            "exports",
        ]
        .contains(&name),
        [package] => {
            let module = crate::rust::kebab(name);
            matches!(
                (package.as_str(), name),
                ("http", "proxy") | ("cli", "command")
            ) || moves().knows(&format!("wasi:{package}/{module}"))
        }
        [exports, package] if exports == "exports" => matches!(
            (package.as_str(), name),
            ("http", "incoming_handler") | ("cli", "run")
        ),
        _ => {
            let item = super::wasi::item(&joined(path, name));
            super::wasi::exists(&item)
        }
    }
}

fn fits(def: &Def, space: Space) -> bool {
    match def {
        Def::Mod(_) | Def::Trait(_) | Def::Alias(..) => space == Space::Type,
        Def::Fn(_) | Def::Value(..) => space == Space::Value,
        _ => true,
    }
}
