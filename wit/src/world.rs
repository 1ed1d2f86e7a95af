//! The builder of the split world.

use crate::builder::Builder;
use crate::container::{Container, Names};
use crate::functions::poll;
use crate::names::{POLL, POLL_SUFFIX, function_name};
use crate::pipe_name::Namer;
use crate::place::Place;
use crate::refused::Refused;
use std::collections::HashSet;
use wit_parser::{
    Docs, Function, FunctionKind, IndexMap, InterfaceId, PackageId, Resolve, Stability, Type,
    TypeDefKind, TypeOwner, World, WorldId, WorldItem, WorldKey,
};

type Items = IndexMap<WorldKey, WorldItem>;

impl<'a> Builder<'a> {
    /// Builds the world, after all named interfaces that move.
    pub fn build_world(&mut self) -> Result<WorldId, Refused> {
        let from = self.from;
        let old = &from.worlds[self.plan.places.world];
        let path = self.plan.places.path(from, Place::World);
        let package = old.package.expect("a parsed world is in a package");
        let package = self.moved_package_for(package, path.clone())?;
        let id = self.to.worlds.alloc(World {
            name: old.name.clone(),
            imports: IndexMap::default(),
            exports: IndexMap::default(),
            package: Some(package),
            docs: old.docs.clone(),
            stability: self.stability_in(&old.stability, Some(Place::World)),
            includes: Vec::new(),
            span: old.span,
        });
        self.to.packages[package]
            .worlds
            .insert(old.name.clone(), id);
        let namer = Namer::new(from, &self.plan.places, Some(Place::World));
        let names = Names::new(path.clone(), labels(&old.imports));
        let mut c = Container::new(Some(Place::World), TypeOwner::World(id), names, namer);

        // (1) Interfaces: the split ABI's own, then what the world had.
        let mut imports = Items::default();
        let own = [self.core.tasks, self.core.bytes]
            .into_iter()
            .chain(self.pipe_interfaces.clone());
        for interface in own {
            imports.insert(WorldKey::Interface(interface), import(interface));
        }
        self.interfaces_of(&old.imports, package, &mut imports)?;
        let mut exports = Items::default();
        self.interfaces_of(&old.exports, package, &mut exports)?;

        // (2) Types, and the functions that mention them.
        self.claim_pipes(&mut c)?;
        for item in old.imports.values() {
            if let WorldItem::Type { id, .. } = item {
                let name = from.types[*id]
                    .name
                    .clone()
                    .expect("a world's type has a name");
                let id = self.named(&mut c, *id);
                c.types.insert(name, id);
            }
        }
        c.functions = self.functions_of(&old.imports, &mut c, None)?;
        self.host_pipes(&mut c)?;
        let exported = self.functions_of(
            &old.exports,
            &mut c,
            Some(Names::new(path, labels(&old.exports))),
        )?;

        // (3) All of it, in the order in which WIT prints it: a type stands before what mentions it.
        for id in c.types.values() {
            let item = WorldItem::Type {
                id: *id,
                span: Default::default(),
            };
            imports.insert(
                WorldKey::Name(self.to.types[*id].name.clone().unwrap_or_default()),
                item,
            );
        }
        for (name, function) in c.functions {
            imports.insert(WorldKey::Name(name), WorldItem::Function(function));
        }
        imports.sort_by_cached_key(|_, item| rank(&self.to, item));
        let mut all_exports = Items::default();
        for (name, function) in exported {
            all_exports.insert(WorldKey::Name(name), WorldItem::Function(function));
        }
        all_exports.extend(exports);
        let world = &mut self.to.worlds[id];
        (world.imports, world.exports) = (imports, all_exports);
        Ok(id)
    }

    /// Adds the interfaces among `old` to `items`, in their split form.
    fn interfaces_of(
        &mut self,
        old: &Items,
        package: PackageId,
        items: &mut Items,
    ) -> Result<(), Refused> {
        for (key, item) in old {
            let WorldItem::Interface {
                id,
                stability,
                docs,
                span,
                ..
            } = item
            else {
                continue;
            };
            let (key, new) = match key {
                WorldKey::Interface(id) => {
                    let new = self.interfaces.get(id).copied().unwrap_or(*id);
                    (WorldKey::Interface(new), new)
                }
                // An inline interface, or a named one under a label: WASI 0.2 knows only the former.
                WorldKey::Name(_) => {
                    let inline = self.from.interfaces[*id].name.is_none();
                    let new = self.build_interface(*id, None, package, inline)?;
                    if inline {
                        self.interfaces.insert(*id, new);
                    }
                    (key.clone(), new)
                }
            };
            let stability = self.stability_in(stability, Some(Place::World));
            let item = WorldItem::Interface {
                id: new,
                stability,
                external_id: None,
                docs: docs.clone(),
                span: *span,
            };
            items.insert(key, item);
        }
        Ok(())
    }

    /// The functions among `old` in their split form, and the poll functions of those that the split changed. `names` are the names
    /// of the exports, if `old` are exports.
    fn functions_of(
        &mut self,
        old: &Items,
        c: &mut Container<'a>,
        mut names: Option<Names>,
    ) -> Result<IndexMap<String, Function>, Refused> {
        let mut new = IndexMap::default();
        let mut polled = HashSet::new();
        for item in old.values() {
            let WorldItem::Function(function) = item else {
                continue;
            };
            let (functions, note) = self.function(c, function);
            names
                .as_mut()
                .unwrap_or(&mut c.names)
                .replace(&function.name, functions, &mut new)?;
            if let Some(note) = note {
                self.functions.insert((None, function.name.clone()), note);
            }
            if !self.plan.survey.changes(self.from, function) {
                continue;
            }
            let poll = match function.kind.resource() {
                Some(resource) if !polled.insert(resource) => continue,
                Some(resource) => {
                    let kind = FunctionKind::Static(self.named(c, resource));
                    let resource = self.from.types[resource].name.as_deref();
                    poll(
                        function_name(&kind, resource, POLL),
                        kind,
                        Stability::Unknown,
                    )
                }
                None => {
                    let name = format!("{}{POLL_SUFFIX}", function.item_name());
                    let stability = self.stability(&function.stability, c);
                    poll(name, FunctionKind::Freestanding, stability)
                }
            };
            if new.contains_key(&poll.name) {
                continue; // a getter and a setter have one name
            }
            names.as_mut().unwrap_or(&mut c.names).claim(&poll.name)?;
            new.insert(poll.name.clone(), poll);
        }
        Ok(new)
    }
}

/// The names in a world's imports or exports.
fn labels(items: &Items) -> impl Iterator<Item = &str> {
    items.keys().filter_map(|key| match key {
        WorldKey::Name(name) => Some(name.as_str()),
        WorldKey::Interface(_) => None,
    })
}

/// A plain import.
pub(crate) fn import(id: InterfaceId) -> WorldItem {
    WorldItem::Interface {
        id,
        stability: Stability::Unknown,
        external_id: None,
        docs: Docs::default(),
        span: Default::default(),
    }
}

/// Interfaces, then types that are used, then types that are defined, then functions.
fn rank(resolve: &Resolve, item: &WorldItem) -> u32 {
    match item {
        WorldItem::Interface { .. } => 0,
        WorldItem::Type { id, .. } => match resolve.types[*id].kind {
            TypeDefKind::Type(Type::Id(of))
                if resolve.types[of].owner != resolve.types[*id].owner =>
            {
                1
            }
            _ => 2,
        },
        WorldItem::Function(function) if function.kind.resource().is_none() => 3,
        WorldItem::Function(_) => 4,
    }
}
