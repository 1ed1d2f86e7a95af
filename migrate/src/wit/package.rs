//! The WIT package of one folder, and the resolution of names in its files.

use super::tree::*;
use super::wasi::definition_0_2;
use std::collections::HashMap;

/// An item of WASI, by the interface that defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasiItem {
    /// `wasi:io/streams`
    pub interface: String,
    pub item: String,
    pub version: semver::Version,
}

impl WasiItem {
    pub fn is(&self, interface: &str, item: &str) -> bool {
        self.interface == interface && self.item == item
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Wasi(WasiItem),
    /// The package's own, a primitive, or another package's.
    Other,
}

#[derive(Default)]
pub struct Package<'a> {
    pub files: Vec<&'a File>,
    /// The package's own interfaces, by name.
    interfaces: HashMap<&'a str, (&'a File, Scope<'a>)>,
    /// The `use`s of all its files, by the interface's name.
    uses: HashMap<&'a str, Vec<&'a Use>>,
}

impl<'a> Package<'a> {
    /// Its name, in each file that says it.
    pub fn names(&self) -> impl Iterator<Item = &'a PackageName> {
        self.files.iter().filter_map(|file| file.package.as_ref())
    }

    pub fn new(files: Vec<&'a File>) -> Self {
        let mut interfaces = HashMap::new();
        let mut uses: HashMap<_, Vec<_>> = HashMap::new();
        for file in &files {
            for scope in file.scopes() {
                for used in &scope.uses {
                    uses.entry(used.path.name.text.as_str())
                        .or_default()
                        .push(*used);
                }
                if !scope.is_world && !scope.inline {
                    interfaces
                        .entry(scope.name.text.as_str())
                        .or_insert((*file, scope));
                }
            }
        }
        Self {
            files,
            interfaces,
            uses,
        }
    }

    /// All paths into WASI that a file imports, exports, includes or uses, with their versions.
    pub fn wasi_paths<'b>(&self, file: &'b File) -> Vec<(&'b Path, String, semver::Version)> {
        let mut paths = Vec::new();
        for (_, item) in file.items() {
            let Item::World(world) = item else { continue };
            for item in &world.items {
                match item {
                    WorldItem::Import(Extern {
                        kind: ExternKind::Path(path),
                        ..
                    })
                    | WorldItem::Export(Extern {
                        kind: ExternKind::Path(path),
                        ..
                    }) => paths.push(path),
                    WorldItem::Include(include) => paths.push(&include.path),
                    _ => {}
                }
            }
        }
        paths.extend(
            file.scopes()
                .iter()
                .flat_map(|scope| &scope.uses)
                .map(|used| &used.path),
        );
        paths
            .into_iter()
            .filter_map(|path| {
                self.wasi_path(file, path)
                    .map(|(name, version)| (path, name, version))
            })
            .collect()
    }

    /// `wasi:io/streams` and the version, if the path leads to an interface or world of WASI.
    pub fn wasi_path(&self, file: &File, path: &Path) -> Option<(String, semver::Version)> {
        match &path.package {
            Some((namespace, package)) => {
                if namespace.text != "wasi" {
                    return None;
                }
                let version = semver::Version::parse(&path.version.as_ref()?.text).ok()?;
                Some((format!("wasi:{}/{}", package.text, path.name.text), version))
            }
            None => file.items.iter().find_map(|item| match item {
                Item::Use(used)
                    if used.rename.as_ref().unwrap_or(&used.path.name).text == path.name.text =>
                {
                    used.path.package.as_ref()?;
                    self.wasi_path(file, &used.path)
                }
                _ => None,
            }),
        }
    }

    /// What a type's name stands for in a scope, through `use`s of the package's own interfaces and through aliases.
    pub fn origin(&self, file: &File, scope: &Scope, name: &str) -> Origin {
        self.origin_within(file, scope, name, 0)
    }

    fn origin_within(&self, file: &File, scope: &Scope, name: &str, depth: usize) -> Origin {
        if depth > 16 {
            return Origin::Other; // A cycle: not valid WIT.
        }
        for used in &scope.uses {
            let Some(found) = used.names.iter().find(|found| found.local().text == name) else {
                continue;
            };
            if let Some((interface, version)) = self.wasi_path(file, &used.path) {
                let (interface, item) = definition_0_2(&interface, &found.name.text);
                return Origin::Wasi(WasiItem {
                    interface: interface.to_owned(),
                    item: item.to_owned(),
                    version,
                });
            }
            return match self.own_interface(&used.path) {
                Some((file, scope)) => self.origin_within(file, scope, &found.name.text, depth + 1),
                None => Origin::Other,
            };
        }
        for ty in &scope.types {
            if ty.name.text == name
                && let TypeDefKind::Alias(ty) = &ty.kind
                && let Some(name) = ty.name()
            {
                return self.origin_within(file, scope, name, depth + 1);
            }
        }
        Origin::Other
    }

    /// Is `name` of the interface `used` by another scope of the package?
    pub fn is_used_elsewhere(&self, scope: &Scope, name: &str) -> bool {
        let uses = self.uses.get(scope.name.text.as_str());
        !scope.is_world
            && !scope.inline
            && uses.into_iter().flatten().any(|used| {
                used.names.iter().any(|found| found.name.text == name)
                    && self
                        .own_interface(&used.path)
                        .is_some_and(|(_, found)| found.name == scope.name)
            })
    }

    /// An interface of this package, by its name.
    pub fn interface(&self, name: &str) -> Option<&Scope<'a>> {
        self.interfaces.get(name).map(|(_, scope)| scope)
    }

    /// The interface of this package that a path leads to.
    fn own_interface(&self, path: &Path) -> Option<(&'a File, &Scope<'a>)> {
        if let Some((namespace, name)) = &path.package {
            let own = self.files.iter().find_map(|file| file.package.as_ref())?;
            if (&own.namespace.text, &own.name.text) != (&namespace.text, &name.text) {
                return None;
            }
        }
        let (file, scope) = self.interfaces.get(path.name.text.as_str())?;
        Some((file, scope))
    }
}
