//! Finds pipes of a world's interfaces that only items outside the world mention.
//!
//! The pipe of a resource is part of the interface that defines the resource. That interface must be the same in every
//! world of the same WIT, or components built for two worlds could not be composed. So everything in the resolve that streams
//! the resource counts.

use crate::place::{Place, Places};
use crate::plan::home;
use crate::survey::{FoundPipe, Survey, parts};
use std::collections::HashSet;
use wit_parser::{Resolve, Type, TypeId, TypeOwner, WorldItem};

impl Survey {
    /// Adds the pipes that one of `places` defines and only interfaces and worlds outside `places` mention, with the pipes nested in them.
    ///
    /// An item out there that cannot be split is skipped: it is not part of this world.
    pub(crate) fn look_elsewhere(&mut self, resolve: &Resolve, places: &Places) {
        let own = std::mem::take(&mut self.pipes);
        let inside: HashSet<_> = places.interfaces.iter().copied().collect();
        for (id, interface) in resolve.interfaces.iter() {
            if inside.contains(&id) {
                continue;
            }
            let item = || places.path(resolve, Place::Interface(id));
            let functions = interface.functions.values();
            let types = interface.types.values().map(|id| Type::Id(*id));
            for ty in functions
                .flat_map(|function| function.parameter_and_result_types())
                .chain(types)
            {
                let _ = self.look(resolve, ty, 0, &item);
            }
        }
        for (id, world) in resolve.worlds.iter() {
            if id == places.world {
                continue;
            }
            let item = || world.name.clone();
            for part in world.imports.values().chain(world.exports.values()) {
                match part {
                    WorldItem::Function(function) => {
                        for ty in function.parameter_and_result_types() {
                            let _ = self.look(resolve, ty, 0, &item);
                        }
                    }
                    WorldItem::Type { id, .. } => {
                        let _ = self.look(resolve, Type::Id(*id), 0, &item);
                    }
                    WorldItem::Interface { .. } => {}
                }
            }
        }
        let mut found = std::mem::replace(&mut self.pipes, own);

        // The pipes that are defined here, and the pipes in their payloads.
        let belongs = |pipe: &FoundPipe| {
            let is_shared = |id: &TypeId| match resolve.types[*id].owner {
                TypeOwner::Interface(id) => inside.contains(&id),
                TypeOwner::World(_) | TypeOwner::None => false,
            };
            pipe.resources.iter().all(is_shared)
                && matches!(
                    home(resolve, places, &pipe.resources),
                    Ok(Some(Place::Interface(_)))
                )
        };
        let roots: Vec<_> = found
            .iter()
            .filter(|(_, pipe)| belongs(pipe))
            .map(|(id, _)| *id)
            .collect();
        let kept = reached(resolve, roots);
        found.retain(|id, _| kept.contains(id));
        self.pipes.extend(found);
    }
}

/// These types, and all types that they are made of.
fn reached(resolve: &Resolve, mut look: Vec<TypeId>) -> HashSet<TypeId> {
    let mut seen = HashSet::new();
    while let Some(id) = look.pop() {
        if seen.insert(id) {
            let parts = parts(&resolve.types[id].kind).into_iter();
            look.extend(parts.filter_map(|ty| match ty {
                Type::Id(id) => Some(id),
                _ => None,
            }));
        }
    }
    seen
}
