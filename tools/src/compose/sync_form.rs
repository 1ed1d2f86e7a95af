//! The sync form of an async interface or function, which both sides of a bridge have in common.

use anyhow::{Result, bail};
use isyswasfa_wit::names::{CORE, InterfaceName, POLL, RESULT, START, original_function};
use std::collections::HashMap;
use wac_graph::types::{
    DefinedType, FuncType, FuncTypeId, Interface, InterfaceId, ItemKind, ResourceId, Type, Types,
    ValueType, WorldId,
};

/// The items of an interface or a world, by name.
type Items = indexmap::IndexMap<String, ItemKind>;

/// The sync forms of imports and exports of worlds.
#[derive(Default)]
pub(super) struct SyncForms {
    interfaces: HashMap<InterfaceId, Form<InterfaceId>>,
    functions: HashMap<(WorldId, Side, String), Form<FuncTypeId>>,
}

/// `None` if nothing is async. The error names the item that cannot cross a bridge.
type Form<T> = Result<Option<T>, String>;

/// A side of a world: imports or exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Import,
    Export,
}

impl SyncForms {
    pub(super) fn of(types: &mut Types, worlds: impl Iterator<Item = WorldId>) -> Self {
        let mut forms = SyncForms::default();
        for world in worlds {
            let own = types[world].clone();
            for (side, items) in [(Side::Import, own.imports), (Side::Export, own.exports)] {
                forms.add(types, (world, side), items);
            }
        }
        forms
    }

    fn add(&mut self, types: &mut Types, at: (WorldId, Side), items: Items) {
        for (name, kind) in &items {
            match *kind {
                ItemKind::Instance(interface) => {
                    let form = sync_form(types, interface).map_err(|reason| reason.to_string());
                    self.interfaces.insert(interface, form);
                }
                ItemKind::Func(_) => {
                    let form = sync_function_of(types, &items, name);
                    let form = form.map_err(|reason| reason.to_string());
                    self.functions.insert((at.0, at.1, name.clone()), form);
                }
                _ => {}
            }
        }
    }

    /// The sync form of an interface.
    ///
    /// # Errors
    /// The item that cannot cross a bridge, if there is one.
    pub(super) fn interface(&self, interface: InterfaceId) -> Result<Option<InterfaceId>> {
        found(self.interfaces.get(&interface))
    }

    /// The sync form of a function of a world itself. A half stands for its function.
    ///
    /// # Errors
    /// The item that cannot cross a bridge, if there is one.
    pub(super) fn function(
        &self,
        world: WorldId,
        side: Side,
        name: &str,
    ) -> Result<Option<FuncTypeId>> {
        found(self.functions.get(&(world, side, name.to_owned())))
    }
}

fn found<T: Copy>(form: Option<&Form<T>>) -> Result<Option<T>> {
    match form {
        Some(Ok(form)) => Ok(*form),
        Some(Err(reason)) => bail!("{reason}"),
        None => Ok(None),
    }
}

fn sync_form(types: &mut Types, interface: InterfaceId) -> Result<Option<InterfaceId>> {
    let own = types[interface].clone();
    let mut items = own.exports.iter();
    if !items.any(|(name, kind)| is_async(types, name, *kind)) {
        return Ok(None);
    }
    let mut exports = Items::default();
    for (name, kind) in &own.exports {
        match kind {
            ItemKind::Func(func) => {
                if let Some((name, func)) = sync_function(types, &own.exports, name, *func)? {
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

/// The sync form of the function `name` of a world. A half stands for its function.
fn sync_function_of(types: &mut Types, items: &Items, name: &str) -> Result<Option<FuncTypeId>> {
    let original = original_function(name);
    let start = format!("{original}{START}");
    let whole = [start.as_str(), original];
    let whole = whole.iter().find_map(|name| match items.get(*name) {
        Some(ItemKind::Func(func)) => Some((*name, *func)),
        _ => None,
    });
    match whole {
        Some((name, func)) if is_async(types, name, ItemKind::Func(func)) => {
            let sync = sync_function(types, items, name, func)?;
            Ok(sync.map(|(_, func)| func))
        }
        _ => Ok(None),
    }
}

fn is_async(types: &Types, name: &str, kind: ItemKind) -> bool {
    match kind {
        ItemKind::Func(func) => name.ends_with(START) || types[func].is_async,
        _ => false,
    }
}

/// The function before the split, without `async`; nothing for functions that the split has added.
fn sync_function(
    types: &mut Types,
    items: &Items,
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
            let Some(ItemKind::Func(result)) = items.get(&result) else {
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

/// Whether the resource belongs to the split ABI, and only halves mention it.
fn is_of_core(types: &Types, resource: ResourceId) -> bool {
    let owner = types[resource].alias.and_then(|alias| alias.owner);
    let owner = owner.and_then(|owner| types[owner].id.as_deref());
    owner
        .and_then(InterfaceName::parse)
        .is_some_and(|name| name.package == CORE)
}

/// Whether values of the type contain handles.
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
