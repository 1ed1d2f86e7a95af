//! Our own components, as modules with their worlds, pruned to the wanted exports and the imports that those need.

use super::module::{Changes, change};
use super::place::{Moved, Place};
use crate::abi::InterfaceName;
use crate::artifact::Artifact;
use crate::surface::Imported;
use anyhow::{Context, Result, bail};
use semver::Version;
use std::collections::{HashMap, HashSet};
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{
    Function, InterfaceId, Resolve, TypeDef, TypeId, TypeOwner, WorldId, WorldItem, WorldKey,
};

/// Names of functions, by the names of their interfaces.
pub type Functions = HashMap<String, HashSet<String>>;

/// A module of ours with its world.
pub struct Part {
    pub module: Vec<u8>,
    /// How it was moved, if it shares the memory of a guest.
    pub moved: Option<Moved>,
    pub resolve: Resolve,
    pub world: WorldId,
}

impl Part {
    /// The whole of a component.
    ///
    /// # Errors
    /// If the component is malformed, or cannot be moved.
    pub fn of(component: &[u8], place: &mut Place<'_>) -> Result<Part> {
        let (resolve, world) = decode(component)?;
        let (module, moved) = place.put(main_module(component)?)?;
        Ok(Part {
            module,
            moved,
            resolve,
            world,
        })
    }

    /// A component of its own.
    ///
    /// # Errors
    /// If the module does not fit its world.
    pub fn component(&self) -> Result<Vec<u8>> {
        encode(self.module.clone(), &self.resolve, self.world)
    }

    /// A function that the module imports: from the interface in that version, or else in a compatible one. (`wit-component`
    /// makes one import of those that are compatible with each other, and leaves the module's names as they are.)
    pub fn import(&self, module: &str, name: &str) -> Option<&Function> {
        let find = |is_it: &dyn Fn(&str) -> bool| {
            let mut imports = self.resolve.worlds[self.world].imports.iter();
            imports.find_map(|(key, item)| match (key, item) {
                (WorldKey::Name(key), WorldItem::Function(function)) => {
                    (module == ROOT && key == name).then_some(function)
                }
                (key, WorldItem::Interface { id, .. }) => {
                    let functions = &self.resolve.interfaces[*id].functions;
                    let function = functions.get(name)?;
                    is_it(&self.resolve.name_world_key(key)).then_some(function)
                }
                _ => None,
            })
        };
        find(&|key| key == module).or_else(|| find(&|key| is_compatible(key, module)))
    }

    /// Whether its world has this export.
    pub fn exports(&self, name: &str) -> bool {
        let mut exports = self.resolve.worlds[self.world].exports.keys();
        exports.any(|key| self.resolve.name_world_key(key) == name)
    }
}

/// Whether these are compatible versions of one interface, by semantic versioning.
fn is_compatible(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (InterfaceName::parse(one), InterfaceName::parse(other)) else {
        return false;
    };
    let track = |version: &Version| match (version.major, version.minor) {
        _ if !version.pre.is_empty() => None,
        (0, 0) => Some((0, 0, version.patch)),
        (0, minor) => Some((0, minor, 0)),
        (major, _) => Some((major, 0, 0)),
    };
    let is_same = (one.package, one.interface) == (other.package, other.interface);
    let (one, other) = (
        one.version.as_ref().and_then(track),
        other.version.as_ref().and_then(track),
    );
    is_same && one.is_some() && one == other
}

pub use isyswasfa_wit::names::ROOT;

/// The resource behind a type, through all aliases, and its interface.
pub fn resource(resolve: &Resolve, id: TypeId) -> (&TypeDef, Option<String>) {
    let ty = &resolve.types[isyswasfa_wit::origin(resolve, id)];
    let interface = match ty.owner {
        TypeOwner::Interface(interface) => resolve.id_of(interface),
        _ => None,
    };
    (ty, interface)
}

/// The component with the `wanted` exports and functions, and with the interfaces whose types they need. Imports stay if they
/// are still needed, and `stays` (given the interface, the function, and the names of the exports) is true.
pub fn prune(
    component: &[u8],
    wanted: &Functions,
    stays: impl Fn(&str, &str, &HashSet<String>) -> bool,
    place: &mut Place<'_>,
) -> Result<Part> {
    let Part {
        module,
        moved,
        mut resolve,
        world,
    } = Part::of(component, place)?;
    let kept = keep(&resolve, world, |export| wanted.contains_key(export));
    let mut exported = HashSet::new();
    let mut exports = resolve.worlds[world].exports.clone();
    exports.retain(|key, item| match item {
        WorldItem::Interface { id, .. } if kept.contains(id) => {
            exported.insert(resolve.name_world_key(key));
            true
        }
        _ => false,
    });
    keep_functions(&mut resolve, &exports, wanted);
    resolve.worlds[world].exports = exports;

    let changes = Changes {
        trap: &|module, name| match module.strip_prefix("[export]") {
            Some(interface) => !exported.contains(interface),
            None => !stays(module, name, &exported),
        },
        keep: &|name| match split_name(name) {
            Some((interface, function)) if function.starts_with("[dtor]") => {
                exported.contains(interface)
            }
            Some((interface, function)) => is_wanted(wanted, interface, function),
            None => true,
        },
        imports: Vec::new(),
        functions: Vec::new(),
    };
    Ok(Part {
        module: change(&module, &changes)?,
        moved,
        resolve,
        world,
    })
}

/// Removes functions that are not wanted.
pub fn keep_functions(
    resolve: &mut Resolve,
    items: &wit_parser::IndexMap<WorldKey, WorldItem>,
    wanted: &Functions,
) {
    for (key, item) in items {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let interface = resolve.name_world_key(key);
        let functions = &mut resolve.interfaces[*id].functions;
        functions.retain(|function, _| is_wanted(wanted, &interface, function));
    }
}

/// Whether the function is wanted.
pub fn is_wanted(wanted: &Functions, interface: &str, function: &str) -> bool {
    let functions = wanted.get(interface);
    functions.is_some_and(|functions| functions.contains(function))
}

/// The interface and the function of a module's export.
pub fn split_name(export: &str) -> Option<(&str, &str)> {
    let name = export.strip_prefix("cabi_post_").unwrap_or(export);
    name.split_once('#')
}

/// The functions that a component imports, by their interfaces.
pub fn imported(component: &[u8]) -> Result<Functions> {
    let artifact = Artifact::new("component", component.to_vec())?;
    Ok(functions(crate::surface::imported(&artifact)?))
}

/// The functions of imported interfaces.
pub fn functions(imported: HashMap<String, Imported>) -> Functions {
    let interfaces = imported.into_iter();
    interfaces
        .map(|(name, imported)| (name, imported.functions))
        .collect()
}

/// A component of a module and its world.
pub fn encode(module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Result<Vec<u8>> {
    let mut module = module;
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default()
        .module(&module)?
        // A world may have `wasi:io` in two patch versions, one of them only in part: both stay.
        .merge_imports_based_on_semver(false)
        .validate(true)
        .encode()
}

/// The world of a component.
pub fn decode(component: &[u8]) -> Result<(Resolve, WorldId)> {
    match wit_component::decode(component)? {
        DecodedWasm::Component(resolve, world) => Ok((resolve, world)),
        DecodedWasm::WitPackage(..) => bail!("a WIT package is no component"),
    }
}

/// The wanted exports, and the exports whose types they use.
fn keep(resolve: &Resolve, world: WorldId, wanted: impl Fn(&str) -> bool) -> HashSet<InterfaceId> {
    let exports = &resolve.worlds[world].exports;
    let mut kept = HashSet::new();
    let mut look: Vec<_> = exports
        .iter()
        .filter_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } if wanted(&resolve.name_world_key(key)) => Some(*id),
            _ => None,
        })
        .collect();
    while let Some(id) = look.pop() {
        if kept.insert(id) {
            look.extend(resolve.interface_direct_deps(id));
        }
    }
    kept
}

/// The main module of a component: the first one in it.
pub fn main_module(component: &[u8]) -> Result<&[u8]> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection {
            unchecked_range, ..
        } = payload?
        {
            let range = unchecked_range.start as usize..unchecked_range.end as usize;
            return component
                .get(range)
                .context("the component's module is cut short");
        }
    }
    bail!("the component has no module")
}
