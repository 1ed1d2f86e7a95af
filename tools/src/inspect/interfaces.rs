//! What a component imports and exports, in the words of the WIT that it was made from: what the split has turned into
//! several functions and resources is shown as the `async func`, `stream` or `future` that it stands for.

use super::signature::Speller;
use crate::abi::{InterfaceName, Shape, original_name};
use crate::surface::{self, Imported};
use anyhow::Result;
use isyswasfa_wit::names::{GET, POLL, POLL_SUFFIX, RESULT, SET, START};
use serde::Serialize;
use std::collections::HashMap;
use wit_parser::{
    Function as WitFunction, FunctionKind, InterfaceId, Resolve, WorldItem, WorldKey,
};

/// An import or an export: an interface, or a function of the world itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name in the component.
    pub name: String,
    /// Its name in the WIT that the component was made from, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<String>,
    /// The components behind it, if polyfill-host is to [bridge](crate::bridges) the import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridged_to: Option<String>,
    /// Whether it is an import of types alone, which no host has to provide.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_types: bool,
    /// Its functions, those that the component uses if it is an import. Those of the split ABI itself are left out.
    pub functions: Vec<Function>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Function {
    /// `handle`; of a resource, `request.get-method`.
    pub name: String,
    /// `async func(request: request) -> result<response, error-code>`
    pub signature: String,
}

/// Imports and exports of the component in `wasm`.
///
/// # Errors
/// If its types are none that WIT could express.
pub(super) fn of(wasm: &[u8], shape: &Shape) -> Result<(Vec<Item>, Vec<Item>)> {
    if shape.imports.is_empty() && shape.exports.is_empty() {
        return Ok((vec![], vec![]));
    }
    let (resolve, world) = surface::decode(wasm)?;
    let world = &resolve.worlds[world];
    let imported = surface::imported(wasm)?;
    Ok((
        items(&resolve, &world.imports, Some(&imported)),
        items(&resolve, &world.exports, None),
    ))
}

/// `imported`: what there is in each interface, if they are imports.
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
    let is_abis_own = parsed
        .as_ref()
        .is_some_and(|name| ["isyswasfa:core", "isyswasfa:pipes"].contains(&name.package));
    let is_there = |function: &&WitFunction| {
        imported.is_none_or(|imported| imported.functions.contains(&function.name))
    };
    let all = resolve.interfaces[id].functions.values().filter(is_there);
    let all: Vec<_> = all.collect();
    let functions = match is_abis_own {
        true => vec![],
        false => functions(&Speller::new(resolve), &all),
    };
    let stands_for = parsed
        .filter(InterfaceName::is_split)
        .and_then(|_| original_name(&name));
    Item {
        stands_for,
        bridged_to: None,
        only_types: imported.is_some_and(Imported::is_only_types),
        name,
        functions,
    }
}

/// All of them, the two halves of an async function as one.
fn functions(speller: &Speller<'_>, all: &[&WitFunction]) -> Vec<Function> {
    let has = |name: &str| all.iter().any(|it| it.name == name);
    let of_the_split = |function: &WitFunction| {
        let name = &function.name;
        let is_poll = name == POLL
            || name.ends_with(&format!(".{POLL}"))
            || name
                .strip_suffix(POLL_SUFFIX)
                .is_some_and(|base| has(&format!("{base}{START}")));
        let is_second_half = name.strip_suffix(RESULT).is_some_and(|base| {
            let method = base.replacen("[static]", "[method]", 1);
            has(&format!("{base}{START}")) || has(&format!("{method}{START}"))
        });
        is_poll || is_second_half || speller.is_of_pipe(function)
    };
    let shown = all.iter().filter(|it| !of_the_split(it));
    shown.map(|function| unsplit(speller, function)).collect()
}

fn unsplit(speller: &Speller<'_>, function: &WitFunction) -> Function {
    let name = speller.name(function);
    if let Some(name) = name.strip_suffix(START) {
        return Function {
            name: name.to_owned(),
            signature: speller.async_signature(function),
        };
    }
    for (suffix, keyword) in [(GET, "get"), (SET, "set")] {
        if let Some(name) = name.strip_suffix(suffix) {
            return Function {
                name: name.to_owned(),
                signature: speller.signature(keyword, function),
            };
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
