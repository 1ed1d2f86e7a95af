//! Refuses components whose packages use types of one another in a circle: `wit_component::decode` would follow it for ever.

use crate::error::{Error, Result};
use isyswasfa_wit::names::InterfaceName;
use std::collections::{BTreeSet, HashMap};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wasmparser::types::TypesRef;

/// Refuses a component whose packages use one another. `imports` and `exports` are the names of what it has.
///
/// # Errors
/// If they do.
pub fn refuse_circles<'n>(
    types: TypesRef<'_>,
    imports: impl Iterator<Item = &'n str>,
    exports: impl Iterator<Item = &'n str>,
) -> Result<()> {
    let Some(circle) = circle_of_packages(types, imports, exports)? else {
        return Ok(());
    };
    let packages: Vec<_> = circle.iter().map(|name| format!("`{name}`")).collect();
    Err(Error::Unsupported(format!(
        "packages use types of one another in a circle, which WIT does not allow: {}",
        packages.join(", ")
    )))
}

/// Packages of a component's interfaces that use types of one another.
fn circle_of_packages<'n>(
    types: TypesRef<'_>,
    imports: impl Iterator<Item = &'n str>,
    exports: impl Iterator<Item = &'n str>,
) -> Result<Option<BTreeSet<String>>> {
    let imports = imports.map(|name| (name, types.component_item_for_import(name)));
    let exports = exports.map(|name| (name, types.component_item_for_export(name)));
    // The package of each type, and the packages that each package uses.
    let mut owners: HashMap<ComponentAnyTypeId, String> = HashMap::new();
    let mut uses: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (name, item) in imports.chain(exports) {
        let (Some(interface), Some(item)) = (InterfaceName::parse(name), item) else {
            continue;
        };
        let ComponentEntityType::Instance(instance) = item.ty else {
            // `wit_component::decode` does not expect this either.
            return Err(Error::Unsupported(format!(
                "`{name}` is an interface's name, but what has it is no interface"
            )));
        };
        let package = match &interface.version {
            Some(version) => format!("{}@{version}", interface.package),
            None => interface.package.to_owned(),
        };
        for item in types[instance].exports.values() {
            let ComponentEntityType::Type {
                referenced,
                created,
            } = item.ty
            else {
                continue;
            };
            let mut ty = Some(referenced);
            while let Some(id) = ty {
                if let Some(owner) = owners.get(&id) {
                    if *owner != package {
                        uses.entry(package.clone())
                            .or_default()
                            .insert(owner.clone());
                    }
                    break;
                }
                ty = types.peel_alias(id);
            }
            owners.entry(created).or_insert_with(|| package.clone());
        }
    }
    // A package that uses no remaining package is in no circle.
    let mut left: BTreeSet<String> = uses.keys().cloned().collect();
    loop {
        let free: Vec<_> = left
            .iter()
            .filter(|package| uses[*package].is_disjoint(&left))
            .cloned()
            .collect();
        if free.is_empty() {
            return Ok((!left.is_empty()).then_some(left));
        }
        left.retain(|package| !free.contains(package));
    }
}
