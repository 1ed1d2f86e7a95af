//! What an interface with async functions would be without `async`: what both sides of a bridge have in common.

use anyhow::{Result, bail};
use isyswasfa_wit::names::{POLL, RESULT, START};
use std::collections::HashMap;
use wac_graph::types::{
    DefinedType, FuncType, FuncTypeId, Interface, InterfaceId, ItemKind, ResourceId, Type, Types,
    ValueType, WorldId,
};

/// The sync forms of interfaces.
#[derive(Default)]
pub(super) struct SyncForms(HashMap<InterfaceId, Result<Option<InterfaceId>, String>>);

impl SyncForms {
    /// Of all interfaces that these worlds import and export.
    pub(super) fn of(types: &mut Types, worlds: impl Iterator<Item = WorldId>) -> Self {
        let mut forms = HashMap::new();
        for world in worlds {
            let world = &types[world];
            let items = world.imports.values().chain(world.exports.values());
            let interfaces = items.filter_map(|kind| match kind {
                ItemKind::Instance(interface) => Some(*interface),
                _ => None,
            });
            for interface in interfaces.collect::<Vec<_>>() {
                let form = sync_form(types, interface).map_err(|reason| reason.to_string());
                forms.insert(interface, form);
            }
        }
        SyncForms(forms)
    }

    /// That of one of them; `None` if nothing in it is async.
    ///
    /// # Errors
    /// If something in it cannot cross a bridge: what.
    pub(super) fn get(&self, interface: InterfaceId) -> Result<Option<InterfaceId>> {
        match self.0.get(&interface) {
            Some(Ok(form)) => Ok(*form),
            Some(Err(reason)) => bail!("{reason}"),
            None => Ok(None),
        }
    }
}

fn sync_form(types: &mut Types, interface: InterfaceId) -> Result<Option<InterfaceId>> {
    let own = types[interface].clone();
    if !own
        .exports
        .iter()
        .any(|(name, kind)| is_async(types, name, *kind))
    {
        return Ok(None);
    }
    let mut exports = own.exports.clone();
    exports.clear();
    for (name, kind) in &own.exports {
        match kind {
            ItemKind::Func(func) => {
                if let Some((name, func)) = sync_function(types, &own, name, *func)? {
                    exports.insert(name, ItemKind::Func(func));
                }
            }
            ItemKind::Type(Type::Resource(resource)) if is_of_core(types, *resource) => {}
            kind => {
                exports.insert(name.clone(), *kind);
            }
        }
    }
    Ok(Some(types.add_interface(Interface {
        id: own.id,
        uses: Default::default(),
        exports,
    })))
}

fn is_async(types: &Types, name: &str, kind: ItemKind) -> bool {
    match kind {
        ItemKind::Func(func) => name.ends_with(START) || types[func].is_async,
        _ => false,
    }
}

/// The function as it was before the split, without `async`; nothing for what the split added.
fn sync_function(
    types: &mut Types,
    interface: &Interface,
    name: &str,
    func: FuncTypeId,
) -> Result<Option<(String, FuncTypeId)>> {
    if name == POLL || name.ends_with(RESULT) {
        return Ok(None);
    }
    let mut sync = FuncType {
        is_async: false,
        ..types[func].clone()
    };
    let name = match name.strip_suffix(START) {
        Some(original) => {
            let result = format!("{original}{RESULT}");
            let Some(ItemKind::Func(result)) = interface.exports.get(&result) else {
                bail!("it has `{name}`, but no `{result}`");
            };
            sync.result = types[*result].result;
            original
        }
        None => name,
    };
    let values = sync.params.values().copied().chain(sync.result);
    if name.starts_with('[') || values.into_iter().any(|ty| has_handles(types, ty)) {
        let name = name.rsplit(']').next().unwrap_or(name);
        bail!("`{name}` passes a resource, a stream or a future, which stays in its own store");
    }
    let id = types.add_func_type(sync);
    Ok(Some((name.to_owned(), id)))
}

/// Whether the resource is one of the split ABI's own, which only its halves mention.
fn is_of_core(types: &Types, resource: ResourceId) -> bool {
    let owner = types[resource].alias.and_then(|alias| alias.owner);
    let owner = owner.and_then(|owner| types[owner].id.as_deref());
    owner.is_some_and(|id| id.starts_with("isyswasfa:core/"))
}

/// Whether a value of the type has handles in it.
fn has_handles(types: &Types, ty: ValueType) -> bool {
    let id = match ty {
        ValueType::Primitive(_) => return false,
        ValueType::Borrow(_) | ValueType::Own(_) => return true,
        ValueType::Defined(id) => id,
    };
    let has = |ty: ValueType| has_handles(types, ty);
    match &types[id] {
        DefinedType::Tuple(types) => types.iter().any(|ty| has(*ty)),
        DefinedType::List(ty)
        | DefinedType::FixedSizeList(ty, _)
        | DefinedType::Option(ty)
        | DefinedType::Alias(ty) => has(*ty),
        DefinedType::Map(key, value) => has(*key) || has(*value),
        DefinedType::Result { ok, err } => ok.is_some_and(has) || err.is_some_and(has),
        DefinedType::Variant(variant) => variant.cases.values().any(|ty| ty.is_some_and(has)),
        DefinedType::Record(record) => record.fields.values().any(|ty| has(*ty)),
        DefinedType::Flags(_) | DefinedType::Enum(_) => false,
        DefinedType::Stream(_) | DefinedType::Future(_) => true,
    }
}
