//! The places where types and functions are defined: interfaces, and the world itself.

use std::collections::{HashMap, HashSet};
use wit_parser::{
    InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, World, WorldId, WorldItem, WorldKey,
};

/// An interface, or the world that is being split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Interface(InterfaceId),
    World,
}

/// The places of a world, with their names.
pub(crate) struct Places {
    pub world: WorldId,
    /// All interfaces that the world reaches, each after those that it uses.
    pub interfaces: Vec<InterfaceId>,
    labels: HashMap<InterfaceId, String>,
}

impl Places {
    pub fn of(resolve: &Resolve, world: WorldId) -> Places {
        let mut places = Places {
            world,
            interfaces: Vec::new(),
            labels: HashMap::new(),
        };
        let mut seen = HashSet::new();
        let World {
            imports, exports, ..
        } = &resolve.worlds[world];
        for (key, item) in imports.iter().chain(exports) {
            match item {
                WorldItem::Interface { id, .. } => {
                    if let (WorldKey::Name(label), None) = (key, &resolve.interfaces[*id].name) {
                        places.labels.insert(*id, label.clone());
                    }
                    visit(resolve, *id, &mut seen, &mut places.interfaces);
                }
                WorldItem::Type { id, .. } => {
                    if let Some(id) = resolve.type_interface_dep(*id) {
                        visit(resolve, id, &mut seen, &mut places.interfaces);
                    }
                }
                WorldItem::Function(_) => {}
            }
        }
        places
    }

    /// All places, each after those that it uses.
    pub fn all(&self) -> impl Iterator<Item = Place> + use<> {
        let interfaces = self.interfaces.clone().into_iter();
        interfaces.map(Place::Interface).chain([Place::World])
    }

    /// The place that defines `id`, which is a named type.
    pub fn owner(&self, resolve: &Resolve, id: TypeId) -> Option<Place> {
        match resolve.types[id].owner {
            TypeOwner::Interface(id) => Some(Place::Interface(id)),
            TypeOwner::World(_) => Some(Place::World),
            TypeOwner::None => None,
        }
    }

    /// The WIT path of `place`: `wasi:http/types@0.3.2`, `a:b/world`, `a:b/world#label` for an inline interface.
    pub fn path(&self, resolve: &Resolve, place: Place) -> String {
        let world = || {
            let world = &resolve.worlds[self.world];
            match world.package {
                Some(package) => resolve.id_of_name(package, &world.name),
                None => world.name.clone(),
            }
        };
        match place {
            Place::World => world(),
            Place::Interface(id) => match resolve.id_of(id) {
                Some(path) => path,
                None => format!("{}#{}", world(), self.label(id)),
            },
        }
    }

    /// The path of the item `item` in `place`.
    pub fn item_path(&self, resolve: &Resolve, place: Place, item: &str) -> String {
        let inline = matches!(place, Place::Interface(id) if resolve.interfaces[id].name.is_none());
        let between = if inline { "." } else { "#" };
        format!("{}{between}{item}", self.path(resolve, place))
    }

    /// The label of an inline interface.
    pub fn label(&self, id: InterfaceId) -> &str {
        self.labels.get(&id).map_or("", |label| label)
    }

    /// Whether `user` is `used`, or uses something of it, directly or indirectly.
    pub fn uses(&self, resolve: &Resolve, user: Place, used: Place) -> bool {
        match (user, used) {
            // A world can name everything that it reaches, and nothing can name items of a world.
            (Place::World, _) => true,
            (_, Place::World) => false,
            (Place::Interface(user), Place::Interface(used)) => {
                let (mut seen, mut found) = (HashSet::new(), Vec::new());
                visit(resolve, user, &mut seen, &mut found);
                found.contains(&used)
            }
        }
    }
}

/// The definition behind `id`, through aliases and `use`s: never a `TypeDefKind::Type` of another definition.
pub fn origin(resolve: &Resolve, mut id: TypeId) -> TypeId {
    while let TypeDefKind::Type(Type::Id(of)) = resolve.types[id].kind {
        id = of;
    }
    id
}

/// Whether a mention of `id` is a mention of a stream or a future.
pub(crate) fn is_pipe(resolve: &Resolve, id: TypeId) -> bool {
    let kind = &resolve.types[origin(resolve, id)].kind;
    matches!(kind, TypeDefKind::Stream(_) | TypeDefKind::Future(_))
}

/// Appends `id` to `order`, after all that it uses. A loop, not a recursion: chains of `use` can be long.
fn visit(
    resolve: &Resolve,
    id: InterfaceId,
    seen: &mut HashSet<InterfaceId>,
    order: &mut Vec<InterfaceId>,
) {
    let uses = |id: InterfaceId| {
        resolve
            .interface_direct_deps(id)
            .collect::<Vec<_>>()
            .into_iter()
    };
    if !seen.insert(id) {
        return;
    }
    let mut stack = vec![(id, uses(id))];
    while let Some((id, rest)) = stack.last_mut() {
        match rest.next() {
            Some(used) if seen.insert(used) => stack.push((used, uses(used))),
            Some(_) => {}
            None => {
                order.push(*id);
                stack.pop();
            }
        }
    }
}
