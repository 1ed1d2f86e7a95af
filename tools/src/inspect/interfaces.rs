//! The imports and exports of a component, as in the WIT before the split: functions and resources of the split ABI are shown
//! as the `async func`, `stream` or `future` that they stand for.

use super::signature::Speller;
use crate::abi::InterfaceName;
use crate::artifact::Artifact;
use crate::surface::{self, Imported};
use anyhow::Result;
use isyswasfa_wit::names::{Role, original_name, split_name};
use serde::Serialize;
use std::collections::HashMap;
use wit_parser::{
    Function as WitFunction, FunctionKind, InterfaceId, Resolve, WorldItem, WorldKey,
};

/// An import or an export: an interface, or a function of the world itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// Its name in the component.
    pub name: String,
    /// Its name before the split, if that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<String>,
    /// The components behind it, if the import is [bridged](crate::bridges).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridged_to: Option<String>,
    /// Whether it is an import of types alone, which no host has to provide.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_types: bool,
    /// Its functions; for an import, those that the component uses. Functions of the split ABI itself are left out.
    pub functions: Vec<Function>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// `handle`; of a resource, `request.get-method`.
    pub name: String,
    /// `async func(request: request) -> result<response, error-code>`
    pub signature: String,
}

/// Imports and exports of a component.
///
/// # Errors
/// If WIT cannot express its types.
pub(super) fn of(artifact: &Artifact) -> Result<(Vec<Item>, Vec<Item>)> {
    let shape = artifact.shape();
    if shape.imports.is_empty() && shape.exports.is_empty() {
        return Ok((vec![], vec![]));
    }
    let (resolve, world) = surface::decode(artifact)?;
    let world = &resolve.worlds[world];
    let imported = surface::imported(artifact)?;
    Ok((
        items(&resolve, &world.imports, Some(&imported)),
        items(&resolve, &world.exports, None),
    ))
}

/// `imported`: the contents of each interface, if they are imports.
fn items<'a>(
    resolve: &Resolve,
    items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
    imported: Option<&HashMap<String, Imported>>,
) -> Vec<Item> {
    let mut found = Vec::new();
    let mut own = Vec::new();
    for (key, item) in items {
        match item {
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let imported = imported.and_then(|imported| imported.get(&name));
                found.push(interface(resolve, name, *id, imported));
            }
            WorldItem::Function(function) => own.push(function),
            WorldItem::Type { .. } => {}
        }
    }
    let functions = functions(&Speller::new(resolve), &own).into_iter();
    found.extend(functions.map(|function| Item {
        name: function.name.clone(),
        stands_for: None,
        bridged_to: None,
        only_types: false,
        functions: vec![function],
    }));
    found
}

fn interface(
    resolve: &Resolve,
    name: String,
    id: InterfaceId,
    imported: Option<&Imported>,
) -> Item {
    let parsed = InterfaceName::parse(&name);
    let is_abis_own = parsed.as_ref().is_some_and(InterfaceName::is_core);
    let is_there = |function: &&WitFunction| {
        imported.is_none_or(|imported| imported.functions.contains(&function.name))
    };
    let all = resolve.interfaces[id].functions.values().filter(is_there);
    let all: Vec<_> = all.collect();
    let functions = if is_abis_own {
        vec![]
    } else {
        functions(&Speller::new(resolve), &all)
    };
    Item {
        stands_for: original_name(&name),
        bridged_to: None,
        only_types: imported.is_some_and(Imported::is_only_types),
        name,
        functions,
    }
}

/// The functions, with the two halves of an async function as one.
fn functions(speller: &Speller<'_>, all: &[&WitFunction]) -> Vec<Function> {
    let has = |name: &str| all.iter().any(|it| it.name == name);
    let of_the_split = |function: &WitFunction| {
        let has_start = |original: &str| has(&split_name(original).0);
        let is_added = match Role::of(&function.name) {
            // The poll function of the interface, of a resource, or of a function.
            Some((Role::Poll, original)) => !is_function(original) || has_start(original),
            Some((Role::Result, original)) => {
                has_start(original) || has_start(&original.replacen("[static]", "[method]", 1))
            }
            _ => false,
        };
        is_added || speller.is_of_pipe(function)
    };
    let shown = all.iter().filter(|it| !of_the_split(it));
    shown.map(|function| unsplit(speller, function)).collect()
}

/// Whether a poll function belongs to a function, and not to an interface or a resource.
fn is_function(original: &str) -> bool {
    let is_resource = original.starts_with('[') && !original.contains('.');
    !original.is_empty() && !is_resource
}

fn unsplit(speller: &Speller<'_>, function: &WitFunction) -> Function {
    let name = speller.name(function);
    if let Some((role, original)) = Role::of(&name) {
        let signature = match role {
            Role::Start => Some(speller.async_signature(function)),
            Role::Get => Some(speller.signature("get", function)),
            Role::Set => Some(speller.signature("set", function)),
            // The name only looks like a half.
            Role::Result | Role::Poll => None,
        };
        if let Some(signature) = signature {
            let name = original.to_owned();
            return Function { name, signature };
        }
    }
    let keyword = match &function.kind {
        FunctionKind::Constructor(_) => "constructor",
        kind if kind.is_async() => "async func",
        _ => "func",
    };
    Function {
        signature: speller.signature(keyword, function),
        name,
    }
}
