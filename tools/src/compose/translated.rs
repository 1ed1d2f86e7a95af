//! Native components among those of the split ABI: they are translated, since only components of one ABI can call each other.

use super::Error;
use super::part::Part;
use crate::abi::Abi;
use crate::{artifact, translate};
use isyswasfa_translate::{Moves, compatible};
use isyswasfa_wit::names::{is_split, original_name};
use std::collections::{HashMap, HashSet};
use wasmparser::component_types::ComponentEntityType;

/// Translates the native ones, if there are split ones: the names of those that were translated, each once. What has nothing async is
/// split where it meets them.
pub(super) fn translate_native(parts: &mut [Part]) -> Result<Vec<String>, Error> {
    let of = |parts: &[Part], abi| parts.iter().any(|part| part.abi() == abi);
    if !of(parts, Abi::Split) {
        return Ok(Vec::new());
    }
    let moves = moves(parts)?;
    let mut done: HashMap<Vec<u8>, Part> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    for part in parts.iter_mut().filter(|part| part.abi() == Abi::Native) {
        if !names.iter().any(|name| name == part.name()) {
            names.push(part.name().to_owned());
        }
        if let Some(same) = done.get(part.wasm()) {
            *part = same.clone();
            continue;
        }
        let translated = Part::try_from(translate::among(part.artifact(), &moves)?)?;
        let native = std::mem::replace(part, translated.clone());
        done.insert(native.into_wasm(), translated);
    }
    for number in 0..parts.len() {
        if uses_a_part(&parts[number], parts, &moves)? {
            let part = translate::among(parts[number].artifact(), &moves)?;
            parts[number] = part.try_into()?;
        }
    }
    Ok(names)
}

/// Whether the part has nothing async, and imports an interface of which another part has async functions too: all that it imports of
/// it is there as it was.
fn uses_a_part(part: &Part, parts: &[Part], moves: &Moves) -> Result<bool, Error> {
    if part.abi() != Abi::Plain {
        return Ok(false);
    }
    for import in part.imports().iter().filter(|name| moves.has(name)) {
        let wanted = functions(part, import, false)?;
        for provider in parts.iter().filter(|it| it.abi() == Abi::Split) {
            for export in provider.exports() {
                let is_it = original_name(export).is_some_and(|name| compatible(&name, import));
                if is_it && wanted.is_subset(&functions(provider, export, true)?) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// The functions of an interface that the part imports or exports.
fn functions(part: &Part, name: &str, exported: bool) -> Result<HashSet<String>, Error> {
    let invalid = |reason| artifact::Error::Malformed {
        file: part.name().to_owned(),
        reason,
    };
    let types = part.artifact().types().map_err(invalid)?;
    let types = types.as_ref();
    let item = if exported {
        types.component_item_for_export(name)
    } else {
        types.component_item_for_import(name)
    };
    let Some(ComponentEntityType::Instance(id)) = item.map(|item| item.ty) else {
        return Ok(HashSet::new());
    };
    let items = types[id].exports.iter();
    let functions = items.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
    Ok(functions.map(|(name, _)| name.to_string()).collect())
}

/// The interfaces that are split in one of the parts: so they are in all.
fn moves(parts: &[Part]) -> Result<Moves, Error> {
    let mut moves = Moves::default();
    for part in parts {
        match part.abi() {
            Abi::Split => {
                let names = part.imports().iter().chain(part.exports());
                names
                    .filter(|name| is_split(name))
                    .filter_map(|name| original_name(name))
                    .for_each(|name| moves.add(name));
            }
            Abi::Native => {
                let added = moves.add_of(part.wasm());
                added.map_err(|reason| translate::Error::Refused {
                    name: part.name().to_owned(),
                    reason,
                })?;
            }
            Abi::Plain => {}
        }
    }
    Ok(moves)
}
