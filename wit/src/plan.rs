//! The plan of a split, made before anything is built: which interfaces move, and where each pipe is defined.

use crate::pipe_name::Namer;
use crate::place::{Place, Places, origin};
use crate::refused::{Reason, Refused};
use crate::survey::Survey;
use std::collections::{BTreeSet, HashMap, HashSet};
use wit_parser::{IndexMap, InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldId};

/// Where a pipe is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Home {
    /// `isyswasfa:core/bytes` itself.
    Bytes,
    /// An interface of its own: the payload has no resource of a user's interface.
    Pipes,
    /// Where the resources of its payload are defined.
    Place(Place),
}

impl Home {
    /// The place, if it is one of the user's.
    pub fn place(self) -> Option<Place> {
        match self {
            Home::Place(place) => Some(place),
            Home::Bytes | Home::Pipes => None,
        }
    }
}

/// A stream or a future, and the pipe that it becomes.
#[derive(Debug, Clone)]
pub(crate) struct PlannedPipe {
    pub home: Home,
    /// `stream-u32`, `future-result-x3f2a9c1b7d40e511`.
    pub name: String,
    pub is_stream: bool,
    pub payload: Option<Type>,
}

/// The plan of a split.
pub(crate) struct Plan {
    pub places: Places,
    pub survey: Survey,
    /// The interfaces that move, inline ones included.
    pub moved: HashSet<InterfaceId>,
    /// Every stream and future, the inner of two nested ones first.
    pub pipes: IndexMap<TypeId, PlannedPipe>,
    /// Whether anything in the world changes.
    pub changes: bool,
}

impl Plan {
    /// `moves` says of an interface whether it moves in any case.
    pub fn of(
        resolve: &Resolve,
        world: WorldId,
        moves: &dyn Fn(&str) -> bool,
    ) -> Result<Plan, Refused> {
        let places = Places::of(resolve, world);
        let survey = Survey::of(resolve, &places)?;

        // (1) Each pipe gets a home and a name.
        let mut namers = HashMap::new();
        let mut pipes = IndexMap::default();
        for (id, found) in &survey.pipes {
            let (is_stream, payload) = match &resolve.types[*id].kind {
                TypeDefKind::Stream(payload) => (true, *payload),
                TypeDefKind::Future(payload) => (false, *payload),
                _ => unreachable!("only streams and futures are found as pipes"),
            };
            let home = home(resolve, &places, &found.resources).map_err(|reason| Refused {
                item: found.item.clone(),
                reason,
            })?;
            let home = match home {
                Some(place) => Home::Place(place),
                None if is_stream && payload.is_some_and(|ty| is_byte(resolve, ty)) => Home::Bytes,
                None => Home::Pipes,
            };
            let seen_from = home.place();
            let namer = namers
                .entry(seen_from)
                .or_insert_with(|| Namer::new(resolve, &places, seen_from));
            let name = namer.pipe(&resolve.types[*id].kind);
            pipes.insert(
                *id,
                PlannedPipe {
                    home,
                    name,
                    is_stream,
                    payload,
                },
            );
        }
        drop(namers);

        // (2) An interface moves if it changes, if it gets a pipe, or if it uses something of one that moves.
        let mut moved: HashSet<InterfaceId> = HashSet::new();
        let homes: HashSet<Place> = pipes
            .values()
            .filter_map(|pipe: &PlannedPipe| pipe.home.place())
            .collect();
        for id in &places.interfaces {
            let place = Place::Interface(*id);
            let uses_moved = resolve
                .interface_direct_deps(*id)
                .any(|used| moved.contains(&used));
            let must_move = || resolve.id_of(*id).is_some_and(|name| moves(&name));
            if survey.changed.contains(&place)
                || homes.contains(&place)
                || uses_moved
                || must_move()
            {
                moved.insert(*id);
            }
        }
        let changes = !moved.is_empty()
            || survey.changed.contains(&Place::World)
            || has_labels(resolve, world);
        Ok(Plan {
            places,
            survey,
            moved,
            pipes,
            changes,
        })
    }
}

/// The place among those that define `resources` which uses all the others. None if there are no resources.
pub(crate) fn home(
    resolve: &Resolve,
    places: &Places,
    resources: &BTreeSet<TypeId>,
) -> Result<Option<Place>, Reason> {
    let owners: BTreeSet<Place> = resources
        .iter()
        .filter_map(|id| places.owner(resolve, *id))
        .collect();
    if owners.is_empty() {
        return Ok(None);
    }
    let uses_all = |user: &Place| owners.iter().all(|used| places.uses(resolve, *user, *used));
    match owners.iter().copied().find(uses_all) {
        Some(place) => Ok(Some(place)),
        None => {
            let interfaces = owners
                .iter()
                .map(|place| places.path(resolve, *place))
                .collect();
            Err(Reason::PipeBetween { interfaces })
        }
    }
}

fn is_byte(resolve: &Resolve, ty: Type) -> bool {
    match ty {
        Type::Id(id) => match resolve.types[origin(resolve, id)].kind {
            TypeDefKind::Type(ty) => is_byte(resolve, ty),
            _ => false,
        },
        ty => ty == Type::U8,
    }
}

/// Whether an interface is imported or exported under a label of its own, which WASI 0.2 does not know.
fn has_labels(resolve: &Resolve, world: WorldId) -> bool {
    let world = &resolve.worlds[world];
    world
        .imports
        .iter()
        .chain(&world.exports)
        .any(|(key, item)| resolve.implements_interface(key, item).is_some())
}
