//! One of our own components with only what is wanted of it: what leads to nothing else is taken away, imports with it.

use super::module::{Changes, change};
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{InterfaceId, Resolve, WorldId, WorldItem};

/// The component with the exports that are `wanted`, and those that they need the types of. Of its imports those stay for
/// which `stays` says so, given the names of what is exported.
pub fn prune(
    component: &[u8],
    wanted: impl Fn(&str) -> bool,
    stays: impl Fn(&str, &HashSet<String>) -> bool,
) -> Result<Vec<u8>> {
    let (mut resolve, world) = decode(component)?;
    let kept = keep(&resolve, world, wanted);
    let mut exported = HashSet::new();
    let mut exports = resolve.worlds[world].exports.clone();
    exports.retain(|key, item| match item {
        WorldItem::Interface { id, .. } if kept.contains(id) => {
            exported.insert(resolve.name_world_key(key));
            true
        }
        _ => false,
    });
    resolve.worlds[world].exports = exports;

    let exports = |name: &str| exported.contains(name);
    let changes = Changes {
        trap: &|module, _| match module.strip_prefix("[export]") {
            Some(interface) => !exports(interface),
            None => !stays(module, &exported),
        },
        keep: &|name| {
            let name = name.strip_prefix("cabi_post_").unwrap_or(name);
            name.split_once('#')
                .is_none_or(|(interface, _)| exports(interface))
        },
        imports: Vec::new(),
        functions: Vec::new(),
    };
    let module = change(main_module(component)?, &changes)?;
    encode(module, &resolve, world)
}

/// A component of a module and its world.
pub fn encode(module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Result<Vec<u8>> {
    let mut module = module;
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default()
        .module(&module)?
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

/// The wanted exports, and those whose types they use.
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

/// The module that a component was made of: the first in it.
fn main_module(component: &[u8]) -> Result<&[u8]> {
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
