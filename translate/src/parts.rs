//! How many lists and handles the values of a world's functions have. Each takes code in the glue, and types that are made of each other can
//! have many in few bytes.

use crate::error::{Error, Result};
use std::collections::HashMap;
use wit_parser::{Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

/// So many are in order, whatever the size of the component.
const ROOM: u64 = 10_000;

/// Beyond that, one for so many bytes: code that makes a list takes more.
const BYTES: u64 = 64;

/// Refuses a world with more of them than a component of `size` bytes may have.
pub fn check(resolve: &Resolve, world: WorldId, size: usize) -> Result<()> {
    let mut parts = Parts {
        resolve,
        known: HashMap::new(),
    };
    let world = &resolve.worlds[world];
    let mut all = 0_u64;
    for item in world.imports.values().chain(world.exports.values()) {
        let functions = match item {
            WorldItem::Function(function) => vec![function],
            WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.values().collect(),
            WorldItem::Type { .. } => continue,
        };
        for function in functions {
            let params = function.params.iter().map(|param| param.ty);
            for ty in params.chain(function.result) {
                all = all.saturating_add(parts.of(&ty));
            }
        }
    }
    let most = ROOM + size as u64 / BYTES;
    if all > most {
        return Err(Error::Unsupported(format!(
            "the parameters and results of the component's functions have more than {most} lists, strings and handles"
        )));
    }
    Ok(())
}

struct Parts<'a> {
    resolve: &'a Resolve,
    known: HashMap<TypeId, u64>,
}

impl Parts<'_> {
    fn of(&mut self, ty: &Type) -> u64 {
        match ty {
            Type::String => 1,
            Type::Id(id) => self.of_id(*id),
            _ => 0,
        }
    }

    fn of_id(&mut self, id: TypeId) -> u64 {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let resolve = self.resolve;
        let (own, types): (u64, Vec<Type>) = match &resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                (0, record.fields.iter().map(|field| field.ty).collect())
            }
            TypeDefKind::Tuple(tuple) => (0, tuple.types.clone()),
            TypeDefKind::Variant(variant) => {
                (0, variant.cases.iter().filter_map(|case| case.ty).collect())
            }
            TypeDefKind::Option(ty) | TypeDefKind::Type(ty) => (0, vec![*ty]),
            TypeDefKind::FixedLengthList(ty, length) => {
                (self.of(ty).saturating_mul((*length).into()), Vec::new())
            }
            TypeDefKind::Result(result) => (0, result.ok.into_iter().chain(result.err).collect()),
            TypeDefKind::List(ty) => (1, vec![*ty]),
            TypeDefKind::Map(key, value) => (1, vec![*key, *value]),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => (1, ty.iter().copied().collect()),
            TypeDefKind::Handle(_) => (1, Vec::new()),
            _ => (0, Vec::new()),
        };
        let mut parts = own;
        for ty in &types {
            parts = parts.saturating_add(self.of(ty));
        }
        self.known.insert(id, parts);
        parts
    }
}
