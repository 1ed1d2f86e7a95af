//! Finds the pipes that are imported from an interface, and those of them that its provider lacks.

use super::super::fit::is_compatible;
use super::super::part::Part;
use crate::surface::decode;
use isyswasfa_wit::names::{InterfaceName, NAMESPACE, POLL, READER, START, original_name};
use std::collections::{BTreeMap, BTreeSet};
use wit_parser::{
    Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, WorldKey,
};

/// A pipe as WIT. It can be put into any interface that has the types that it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pipe {
    /// The definitions of its own types. `None`: no importer has a function with items, so none reads or writes.
    pub types: Option<Types>,
}

/// The types of a pipe's items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Types {
    /// The item.
    pub item: String,
    /// Definitions of types that only this pipe has.
    pub definitions: String,
    /// Types that the interface itself has.
    pub uses: BTreeSet<String>,
    /// Types of the split ABI's own interfaces: the interface, the type, and its local name.
    pub foreign: BTreeSet<(String, String, String)>,
}

/// The imports from one interface.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub pipes: BTreeMap<String, Pipe>,
    /// All other functions.
    functions: BTreeSet<String>,
}

/// The missing items of a part's interface.
#[derive(Debug)]
pub(super) struct Lacking {
    /// The part's export.
    pub export: String,
    /// The name to export it under.
    pub name: String,
    /// The pipes to add. Empty: the export has items of the split that have to be removed.
    pub pipes: BTreeMap<String, Pipe>,
}

/// The pipes that the parts import, by interface, without those of WASI and the core.
pub(super) fn wanted(parts: &[Part]) -> BTreeMap<String, Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for part in parts {
        let is_split =
            |name: &String| InterfaceName::parse(name).is_some_and(|name| name.is_split());
        if !part.imports().iter().any(is_split) {
            continue;
        }
        // A part that cannot be read is refused when it is composed.
        let Ok((resolve, world)) = decode(part.artifact()) else {
            continue;
        };
        for (key, item) in &resolve.worlds[world].imports {
            let WorldItem::Interface { id, .. } = item else {
                continue;
            };
            let name = resolve.name_world_key(key);
            if !is_split(&name) {
                continue;
            }
            let pipes: Vec<_> = pipes_of(&resolve, *id).collect();
            if pipes.is_empty() {
                continue;
            }
            let wanted = wanted.entry(name).or_default();
            for pipe in &pipes {
                let known = wanted.pipes.entry((*pipe).to_owned()).or_default();
                if known.types.is_none() {
                    known.types = Types::of(&resolve, *id, pipe);
                }
            }
            let functions = resolve.interfaces[*id].functions.keys();
            let is_of_pipe = |name: &&String| {
                let item = name.rsplit(']').next().unwrap_or(name);
                pipes.iter().any(|pipe| {
                    item.strip_prefix(pipe)
                        .is_some_and(|it| it.starts_with('-'))
                })
            };
            let functions = functions.filter(|name| !is_of_pipe(name) && *name != POLL);
            wanted.functions.extend(functions.cloned());
        }
    }
    wanted
}

/// The items of `wanted` that `part` lacks in order to serve `import`. `None`: it lacks nothing, or cannot serve the import at
/// all.
pub(super) fn lacking(part: &Part, import: &str, wanted: &Wanted) -> Option<Lacking> {
    let exports = part.exports();
    let moved = exports.iter().find(|export| is_compatible(export, import));
    let export = moved.or_else(|| {
        // Without pipes an interface of ordinary functions has not moved.
        let original = original_name(import)?;
        exports.iter().find(|export| **export == original)
    })?;
    let (resolve, world) = decode(part.artifact()).ok()?;
    let id = resolve.worlds[world]
        .exports
        .iter()
        .find_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } if resolve.name_world_key(key) == *export => Some(*id),
            _ => None,
        })?;
    let own: Vec<_> = pipes_of(&resolve, id).collect();
    let pipes = wanted.pipes.iter();
    let pipes = pipes.filter(|(pipe, _)| !own.contains(&pipe.as_str()));
    let pipes: BTreeMap<_, _> = pipes
        .map(|(name, pipe)| (name.clone(), pipe.clone()))
        .collect();
    let functions = &resolve.interfaces[id].functions;
    let has_functions = wanted
        .functions
        .iter()
        .all(|name| functions.contains_key(name));
    (!pipes.is_empty() && (moved.is_some() || has_functions)).then(|| Lacking {
        export: export.clone(),
        name: moved.map_or(import, String::as_str).to_owned(),
        pipes,
    })
}

/// The same for an `import` that had not moved when its importer was built, since no WIT of the importer has a stream of its
/// resources. `None`: the part lacks nothing, or cannot serve the import at all.
pub(super) fn unmoved(part: &Part, import: &str) -> Option<Lacking> {
    let exports = part.exports();
    if exports.iter().any(|export| is_compatible(export, import)) {
        return None;
    }
    let (export, name) = exports.iter().find_map(|export| {
        let name = original_name(export)?;
        is_compatible(&name, import).then_some((export, name))
    })?;
    let (resolve, world) = decode(part.artifact()).ok()?;
    let mut interfaces = resolve.worlds[world].exports.keys();
    let id = interfaces.find_map(|key| match key {
        WorldKey::Interface(id) if resolve.name_world_key(key) == *export => Some(*id),
        _ => None,
    })?;
    // Async functions are bridged, or refused.
    let mut functions = resolve.interfaces[id].functions.keys();
    let is_sync = !functions.any(|name| name.ends_with(START));
    is_sync.then(|| Lacking {
        export: export.clone(),
        name,
        pipes: BTreeMap::new(),
    })
}

/// The names of the pipes that an interface defines.
pub(super) fn pipes_of(resolve: &Resolve, id: InterfaceId) -> impl Iterator<Item = &str> {
    let types = resolve.interfaces[id].types.iter();
    types.filter_map(move |(name, ty)| {
        let pipe = name.strip_suffix(READER)?.strip_suffix('-')?;
        let is_pipe = pipe.starts_with("stream-") || pipe.starts_with("future-");
        let is_defined = matches!(resolve.types[*ty].kind, TypeDefKind::Resource);
        (is_pipe && is_defined).then_some(pipe)
    })
}

impl Types {
    /// The types of `pipe` in an interface, from one of the pipe's functions that mentions an item.
    fn of(resolve: &Resolve, id: InterfaceId, pipe: &str) -> Option<Types> {
        let item = crate::lower::item(resolve, id, &format!("{pipe}-"))?;
        let mut types = Types::default();
        let mut speller = Speller {
            resolve,
            interface: id,
            prefix: format!("{pipe}-"),
            defined: BTreeSet::new(),
            types: &mut types,
        };
        let item = speller.ty(&item)?;
        types.item = item;
        Some(types)
    }
}

/// Writes types as WIT.
struct Speller<'a> {
    resolve: &'a Resolve,
    interface: InterfaceId,
    /// The prefix of the pipe's own types.
    prefix: String,
    defined: BTreeSet<String>,
    types: &'a mut Types,
}

impl Speller<'_> {
    fn ty(&mut self, ty: &Type) -> Option<String> {
        let id = match isyswasfa_wit::primitive(*ty) {
            Ok(name) => return Some(name.to_owned()),
            Err(id) => id,
        };
        let resolve = self.resolve;
        let def = &resolve.types[id];
        if def.name.is_some() {
            return self.named(id);
        }
        let mut or_none = |ty: &Option<Type>| match ty {
            Some(ty) => self.ty(ty),
            None => Some("_".to_owned()),
        };
        Some(match &def.kind {
            TypeDefKind::Result(result) => {
                format!(
                    "result<{}, {}>",
                    or_none(&result.ok)?,
                    or_none(&result.err)?
                )
            }
            TypeDefKind::List(ty) => format!("list<{}>", self.ty(ty)?),
            TypeDefKind::Option(ty) => format!("option<{}>", self.ty(ty)?),
            TypeDefKind::Tuple(tuple) => {
                let types: Option<Vec<_>> = tuple.types.iter().map(|ty| self.ty(ty)).collect();
                format!("tuple<{}>", types?.join(", "))
            }
            TypeDefKind::Handle(Handle::Own(id)) => self.named(*id)?,
            TypeDefKind::Type(ty) => self.ty(ty)?,
            _ => return None,
        })
    }

    /// The name of a type. The pipe's own types are also defined.
    fn named(&mut self, id: TypeId) -> Option<String> {
        let resolve = self.resolve;
        let def = &resolve.types[id];
        let name = def.name.clone()?;
        let spelled = format!("%{name}");
        let of = resolve.types[isyswasfa_wit::origin(resolve, id)].clone();
        let owner = match of.owner {
            TypeOwner::Interface(owner) => owner,
            _ => return None,
        };
        let foreign = resolve.id_of(owner).filter(|_| owner != self.interface);
        if let Some(foreign) = foreign.filter(|name| name.starts_with(NAMESPACE)) {
            self.types.foreign.insert((foreign, of.name?, name));
            return Some(spelled);
        }
        if !name.starts_with(&self.prefix) || !self.defined.insert(name.clone()) {
            if !self.defined.contains(&name) {
                self.types.uses.insert(name);
            }
            return Some(spelled);
        }
        let definition = match &def.kind {
            TypeDefKind::Record(record) => {
                let fields: Option<Vec<_>> = record
                    .fields
                    .iter()
                    .map(|field| Some(format!("%{}: {}", field.name, self.ty(&field.ty)?)))
                    .collect();
                format!("record {spelled} {{ {} }}", fields?.join(", "))
            }
            TypeDefKind::Variant(variant) => {
                let cases: Option<Vec<_>> = variant
                    .cases
                    .iter()
                    .map(|case| match &case.ty {
                        Some(ty) => Some(format!("%{}({})", case.name, self.ty(ty)?)),
                        None => Some(format!("%{}", case.name)),
                    })
                    .collect();
                format!("variant {spelled} {{ {} }}", cases?.join(", "))
            }
            TypeDefKind::Enum(of) => {
                let cases: Vec<_> = of
                    .cases
                    .iter()
                    .map(|case| format!("%{}", case.name))
                    .collect();
                format!("enum {spelled} {{ {} }}", cases.join(", "))
            }
            TypeDefKind::Flags(of) => {
                let flags: Vec<_> = of
                    .flags
                    .iter()
                    .map(|flag| format!("%{}", flag.name))
                    .collect();
                format!("flags {spelled} {{ {} }}", flags.join(", "))
            }
            // A resource of another interface, renamed for the pipe.
            _ => return None,
        };
        self.types.definitions.push_str(&definition);
        self.types.definitions.push('\n');
        Some(spelled)
    }
}
