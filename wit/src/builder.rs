//! The builder of the split interfaces, which adds them to a copy of the original resolve in the order of their use.

use crate::container::{Container, Ends, Names};
use crate::core::Core;
use crate::functions::poll;
use crate::names::{MOVED, PIPES, PIPES_VERSION, POLL, moved_package};
use crate::pipe_name::Namer;
use crate::place::Place;
use crate::plan::{Home, Plan};
use crate::refused::{Reason, Refused};
use crate::{FunctionId, SplitFunction};
use std::collections::HashMap;
use wit_parser::{
    Docs, FunctionKind, IndexMap, Interface, InterfaceId, Package, PackageId, PackageName, Resolve,
    Stability, Type, TypeId, TypeOwner,
};

/// A split under construction.
pub(crate) struct Builder<'a> {
    pub from: &'a Resolve,
    pub plan: &'a Plan,
    pub to: Resolve,
    pub core: Core,
    /// The named types of the interfaces that have moved.
    pub types: HashMap<TypeId, TypeId>,
    pub interfaces: IndexMap<InterfaceId, InterfaceId>,
    pub functions: IndexMap<FunctionId, SplitFunction>,
    /// The pipes that have an interface of their own, by name.
    pub pipes: IndexMap<String, BuiltPipe>,
    pub pipe_interfaces: Vec<InterfaceId>,
    /// The pipes that are defined in the interface of the resources of their payloads.
    pub hosted: HashMap<(Place, String), BuiltPipe>,
    packages: HashMap<PackageId, PackageId>,
}

/// A pipe that has been built.
#[derive(Clone, Copy)]
pub(crate) struct BuiltPipe {
    pub ends: Ends,
    pub payload: Option<Type>,
}

impl<'a> Builder<'a> {
    pub fn new(from: &'a Resolve, plan: &'a Plan) -> Result<Self, Refused> {
        let mut to = from.clone();
        forget_external_ids(&mut to);
        let core = Core::install(&mut to)?;
        Ok(Builder {
            from,
            plan,
            to,
            core,
            types: HashMap::new(),
            interfaces: IndexMap::default(),
            functions: IndexMap::default(),
            pipes: IndexMap::default(),
            pipe_interfaces: Vec::new(),
            hosted: HashMap::new(),
            packages: HashMap::new(),
        })
    }

    /// Builds the interfaces of pipes.
    pub fn build_pipes(&mut self) -> Result<(), Refused> {
        for pipe in self.plan.pipes.values() {
            if pipe.home != Home::Pipes || self.pipes.contains_key(&pipe.name) {
                continue;
            }
            let package = self.pipes_package();
            if self.to.packages[package]
                .interfaces
                .contains_key(&pipe.name)
            {
                return Err(Refused {
                    item: format!("{PIPES}{}", pipe.name),
                    reason: Reason::PackageTaken {
                        package: self.to.packages[package].name.to_string(),
                    },
                });
            }
            let payload = match pipe.payload {
                Some(_) => String::new(),
                None => " without a payload".to_owned(),
            };
            let kind = if pipe.is_stream { "stream" } else { "future" };
            let docs = format!("A {kind}{payload}, in the shape of `isyswasfa:core/bytes`.");
            let id = self.new_interface(Some(pipe.name.clone()), package, &docs);
            let namer = Namer::new(self.from, &self.plan.places, None);
            let names = Names::new(self.to.id_of(id).unwrap_or_default(), [].into_iter());
            let mut c = Container::new(None, TypeOwner::Interface(id), names, namer);
            let built = self.fill_pipe(&mut c, pipe)?;
            self.pipes.insert(pipe.name.clone(), built);
            self.pipe_interfaces.push(id);
            self.finish(id, c);
        }
        Ok(())
    }

    /// Builds the interfaces that move and have a name. The inline ones follow with their world.
    pub fn build_interfaces(&mut self) -> Result<(), Refused> {
        for id in &self.plan.places.interfaces {
            let Some(name) = &self.from.interfaces[*id].name else {
                continue;
            };
            if !self.plan.moved.contains(id) {
                continue;
            }
            let package = self.from.interfaces[*id]
                .package
                .expect("an interface with a name is in a package");
            let package = self.moved_package(package, *id)?;
            let new = self.build_interface(*id, Some(name.clone()), package, true)?;
            self.to.packages[package]
                .interfaces
                .insert(name.clone(), new);
            self.interfaces.insert(*id, new);
        }
        Ok(())
    }

    /// Makes the split of the interface `id`, under its name or inline. Other interfaces use its types only if `shared`.
    pub fn build_interface(
        &mut self,
        id: InterfaceId,
        name: Option<String>,
        package: PackageId,
        shared: bool,
    ) -> Result<InterfaceId, Refused> {
        let from = self.from;
        let old = &from.interfaces[id];
        let place = Place::Interface(id);
        let new = self.new_interface(name, package, "");
        let namer = Namer::new(from, &self.plan.places, Some(place));
        let kept = old
            .types
            .keys()
            .chain(old.functions.keys())
            .map(String::as_str);
        let names = Names::new(self.plan.places.path(from, place), kept);
        let mut c = Container::new(Some(place), TypeOwner::Interface(new), names, namer);
        c.shared = shared;

        self.claim_pipes(&mut c)?;
        for (name, id) in &old.types {
            let id = self.named(&mut c, *id);
            c.types.insert(name.clone(), id);
        }
        for function in old.functions.values() {
            let (functions, note) = self.function(&mut c, function);
            c.names
                .replace(&function.name, functions, &mut c.functions)?;
            if let Some(note) = note {
                self.functions
                    .insert((Some(id), function.name.clone()), note);
            }
        }
        self.host_pipes(&mut c)?;
        if self.plan.moved.contains(&id) && !c.functions.is_empty() {
            c.add(poll(
                POLL.to_owned(),
                FunctionKind::Freestanding,
                Stability::Unknown,
            ))?;
        }

        let stability = self.stability_in(&old.stability, Some(place));
        if shared {
            self.types.extend(&c.named);
        }
        let interface = &mut self.to.interfaces[new];
        (interface.docs, interface.stability, interface.span) =
            (old.docs.clone(), stability, old.span);
        self.finish(new, c);
        Ok(new)
    }

    fn finish(&mut self, id: InterfaceId, c: Container<'a>) {
        let interface = &mut self.to.interfaces[id];
        interface.types = c.types;
        interface.functions = c.functions;
    }

    fn new_interface(
        &mut self,
        name: Option<String>,
        package: PackageId,
        docs: &str,
    ) -> InterfaceId {
        let docs = Docs {
            contents: (!docs.is_empty()).then(|| docs.to_owned()),
        };
        let id = self.to.interfaces.alloc(Interface {
            name: name.clone(),
            types: IndexMap::default(),
            functions: IndexMap::default(),
            docs,
            stability: Stability::Unknown,
            package: Some(package),
            span: Default::default(),
            clone_of: None,
        });
        if let Some(name) = name {
            self.to.packages[package].interfaces.insert(name, id);
        }
        id
    }

    /// The moved package of `package`. `item`, an interface or world, is named if it is refused.
    pub fn moved_package(
        &mut self,
        package: PackageId,
        interface: InterfaceId,
    ) -> Result<PackageId, Refused> {
        let item = self
            .plan
            .places
            .path(self.from, Place::Interface(interface));
        self.moved_package_for(package, item)
    }

    /// The moved package of `package`. `item` is named if it is refused.
    pub fn moved_package_for(
        &mut self,
        package: PackageId,
        item: String,
    ) -> Result<PackageId, Refused> {
        if let Some(moved) = self.packages.get(&package) {
            return Ok(*moved);
        }
        let name = moved_package(&self.from.packages[package].name);
        if self.to.package_names.contains_key(&name) {
            return Err(Refused {
                item,
                reason: Reason::PackageTaken {
                    package: name.to_string(),
                },
            });
        }
        let docs = self.from.packages[package].docs.clone();
        let moved = self.new_package(name, docs);
        self.packages.insert(package, moved);
        Ok(moved)
    }

    fn pipes_package(&mut self) -> PackageId {
        let name = PackageName {
            namespace: MOVED.to_owned(),
            name: "pipes".to_owned(),
            version: Some(PIPES_VERSION),
        };
        match self.to.package_names.get(&name) {
            Some(package) => *package,
            None => self.new_package(name, Docs::default()),
        }
    }

    fn new_package(&mut self, name: PackageName, docs: Docs) -> PackageId {
        let id = self.to.packages.alloc(Package {
            name: name.clone(),
            docs,
            interfaces: IndexMap::default(),
            worlds: IndexMap::default(),
        });
        self.to.package_names.insert(name, id);
        id
    }

    /// The annotation that something in `place` has after the split. `@since` of the very version that moves becomes the moved
    /// version, since a pre-release is earlier.
    pub fn stability_in(&self, stability: &Stability, place: Option<Place>) -> Stability {
        let package = match place {
            Some(Place::Interface(id)) => self.from.interfaces[id].package,
            Some(Place::World) => self.from.worlds[self.plan.places.world].package,
            None => None,
        };
        let moved = package.and_then(|id| moved_package(&self.from.packages[id].name).version);
        match (stability, moved) {
            (Stability::Stable { since, deprecated }, Some(moved)) => Stability::Stable {
                since: since.clone().min(moved),
                deprecated: deprecated.clone(),
            },
            (stability, _) => stability.clone(),
        }
    }
}

/// Removes all `@external-id`s from `resolve`: WASI 0.2 has no place for these notes to a host.
pub(crate) fn forget_external_ids(resolve: &mut Resolve) {
    for (_, ty) in resolve.types.iter_mut() {
        ty.external_id = None;
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        interface
            .functions
            .values_mut()
            .for_each(|function| function.external_id = None);
    }
    for (_, world) in resolve.worlds.iter_mut() {
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            match item {
                wit_parser::WorldItem::Interface { external_id, .. } => *external_id = None,
                wit_parser::WorldItem::Function(function) => function.external_id = None,
                wit_parser::WorldItem::Type { .. } => {}
            }
        }
    }
}
