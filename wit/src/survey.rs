//! The survey of a world, made before anything is built: what changes, which pipes it mentions, and what cannot be expressed.

use crate::names::spoken;
use crate::place::{Place, Places, origin};
use crate::refused::{Reason, Refused};
use std::collections::{BTreeSet, HashMap, HashSet};
use wit_parser::{Function, Handle, IndexMap, Resolve, Type, TypeDefKind, TypeId, WorldItem};

/// The deepest nesting of types. Engines allow 100, and a split wraps types in others.
const DEPTH: u32 = 90;

/// The longest tuple that a fixed-length list may become. Engines allow 10,000.
const TUPLE: u64 = 10_000;

/// The most values that a value may be made of. Engines allow a million in all types of a component together.
const VALUES: u64 = 100_000;

/// The result of a survey.
pub(crate) struct Survey {
    /// The places whose own definitions change.
    pub changed: HashSet<Place>,
    /// Every stream and future of the world, and those beyond it whose pipes are defined in it; the inner of two nested ones
    /// first.
    pub pipes: IndexMap<TypeId, FoundPipe>,
    facts: HashMap<TypeId, Facts>,
}

/// A stream or a future.
pub(crate) struct FoundPipe {
    /// The path of the item that mentions it first.
    pub item: String,
    /// The resources that its payload mentions, where they are defined.
    pub resources: BTreeSet<TypeId>,
}

/// The facts about one type.
#[derive(Clone)]
pub(crate) struct Facts {
    /// Its nesting, after the split.
    depth: u32,
    /// How many values it is made of, after the split.
    values: u64,
    changes: bool,
    borrows: bool,
    resources: BTreeSet<TypeId>,
}

impl Survey {
    pub fn of(resolve: &Resolve, places: &Places) -> Result<Survey, Refused> {
        let mut survey = Survey {
            changed: HashSet::new(),
            pipes: IndexMap::default(),
            facts: HashMap::new(),
        };
        // (1) The world, and everything that it reaches.
        for place in places.all() {
            let (types, functions) = definitions(resolve, places, place);
            for (name, id) in types {
                let item = || places.item_path(resolve, place, name);
                if survey.look(resolve, Type::Id(id), 0, &item)?.changes {
                    survey.changed.insert(place);
                }
            }
            for function in functions {
                let item = || places.item_path(resolve, place, &spoken(resolve, function));
                for ty in function.parameter_and_result_types() {
                    survey.look(resolve, ty, 0, &item)?;
                }
                if survey.changes(resolve, function) {
                    survey.changed.insert(place);
                }
            }
        }
        // (2) Items outside it that mention its resources.
        survey.look_elsewhere(resolve, places);
        Ok(survey)
    }

    /// Whether the split changes `function` itself, not only the versions of what it mentions.
    pub fn changes(&self, resolve: &Resolve, function: &Function) -> bool {
        let changes = |ty| match ty {
            Type::Id(id) => self
                .facts
                .get(&origin(resolve, id))
                .is_some_and(|facts| facts.changes),
            _ => false,
        };
        function.kind.is_async()
            || function.kind.accessor().is_some()
            || function.parameter_and_result_types().any(changes)
    }

    /// The facts about `ty`, after a look at it and at everything that it is made of.
    pub(crate) fn look(
        &mut self,
        resolve: &Resolve,
        ty: Type,
        above: u32,
        item: &dyn Fn() -> String,
    ) -> Result<Facts, Refused> {
        let refuse = |reason| Refused {
            item: item(),
            reason,
        };
        let mut facts = Facts {
            depth: 1,
            values: 1,
            changes: false,
            borrows: false,
            resources: BTreeSet::new(),
        };
        let id = match ty {
            Type::ErrorContext => return Err(refuse(Reason::ErrorContext)),
            // Aliases add no level, and chains of them may be long.
            Type::Id(id) => origin(resolve, id),
            _ => return Ok(facts),
        };
        if let Some(facts) = self.facts.get(&id) {
            return Ok(facts.clone());
        }
        if above > DEPTH {
            return Err(refuse(Reason::TooDeep { limit: DEPTH }));
        }
        let kind = &resolve.types[id].kind;
        for part in parts(kind) {
            let part = self.look(resolve, part, above + 1, item)?;
            facts.depth = facts.depth.max(1 + part.depth);
            facts.values = facts.values.saturating_add(part.values);
            facts.changes |= part.changes;
            facts.borrows |= part.borrows;
            facts.resources.extend(part.resources);
        }
        match kind {
            TypeDefKind::Handle(handle) => {
                let (Handle::Own(resource) | Handle::Borrow(resource)) = *handle;
                facts.borrows = matches!(handle, Handle::Borrow(_));
                facts.resources.insert(origin(resolve, resource));
            }
            TypeDefKind::Map(..) => {
                facts.depth += 1;
                facts.changes = true;
            }
            TypeDefKind::FixedLengthList(_, length) => {
                let length = u64::from(*length);
                facts.values = (facts.values - 1).saturating_mul(length).saturating_add(1);
                facts.changes = true;
                if length > TUPLE {
                    return Err(refuse(Reason::TooLong { limit: TUPLE }));
                }
            }
            TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                if facts.borrows {
                    return Err(refuse(Reason::BorrowInPipe));
                }
                facts.values = 1;
                facts.changes = true;
                self.pipes.insert(
                    id,
                    FoundPipe {
                        item: item(),
                        resources: facts.resources.clone(),
                    },
                );
            }
            _ => {}
        }
        if facts.depth > DEPTH {
            return Err(refuse(Reason::TooDeep { limit: DEPTH }));
        }
        if facts.values > VALUES {
            return Err(refuse(Reason::TooLarge { limit: VALUES }));
        }
        self.facts.insert(id, facts.clone());
        Ok(facts)
    }
}

/// The named types and the functions of `place`, in its own order.
pub(crate) fn definitions<'a>(
    resolve: &'a Resolve,
    places: &Places,
    place: Place,
) -> (Vec<(&'a str, TypeId)>, Vec<&'a Function>) {
    match place {
        Place::Interface(id) => {
            let interface = &resolve.interfaces[id];
            let types = interface
                .types
                .iter()
                .map(|(name, id)| (name.as_str(), *id))
                .collect();
            (types, interface.functions.values().collect())
        }
        Place::World => {
            let (mut types, mut functions) = (Vec::new(), Vec::new());
            let world = &resolve.worlds[places.world];
            for item in world.imports.values().chain(world.exports.values()) {
                match item {
                    WorldItem::Type { id, .. } => {
                        types.push((resolve.types[*id].name.as_deref().unwrap_or_default(), *id));
                    }
                    WorldItem::Function(function) => functions.push(function),
                    WorldItem::Interface { .. } => {}
                }
            }
            (types, functions)
        }
    }
}

/// The types that a definition mentions.
pub(crate) fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => vec![*ty],
        TypeDefKind::Stream(payload) | TypeDefKind::Future(payload) => {
            payload.iter().copied().collect()
        }
        TypeDefKind::Resource
        | TypeDefKind::Handle(_)
        | TypeDefKind::Flags(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => Vec::new(),
    }
}
