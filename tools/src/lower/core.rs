//! Makes the component at the bottom, which implements `isyswasfa:core` and every imported pipe in one module.
//!
//! It is one module, and not one for each pipe: so the destructor of a pipe calls no other component, which not every engine
//! allows, and calls cost nothing.

use super::module::{Changes, change};
use super::part::{Part, decode, imported, is_wanted, keep_functions, split_name};
use super::pipe;
use super::place::Place;
use anyhow::Result;
use isyswasfa_wit::names::{BYTES, NAMESPACE, PIPES, POLLABLES, TASKS};
use isyswasfa_wit::{CORE_WIT, IO_WIT};
use std::collections::BTreeSet;
use wit_parser::{InterfaceId, Remap, Resolve};

/// The module, as `cargo xtask embedded` has built it from the folder `lower/core`.
const MODULE: &[u8] = include_bytes!("core.wasm");

/// The WIT of its exports for drivers.
const LOWER_WIT: &str = include_str!("core.wit");

/// The interface that tells whether nothing goes on any more.
pub const IDLE: &str = "isyswasfa:lower/idle@0.1.0";

/// The WIT of its other imports.
const STDERR_WIT: &str = include_str!("stderr.wit");

/// Adds `isyswasfa:core` and the interfaces of the lowered core to the WIT of a component.
pub fn with_core(from: Resolve) -> Result<(Resolve, Remap)> {
    let mut resolve = Resolve::default();
    resolve.push_source("io.wit", IO_WIT)?;
    resolve.push_source("core.wit", CORE_WIT)?;
    resolve.push_source("lower.wit", LOWER_WIT)?;
    let mut stderr = Resolve::default();
    stderr.push_source("stderr.wit", STDERR_WIT)?;
    resolve.merge(stderr)?;
    let remap = resolve.merge(from)?;
    Ok((resolve, remap))
}

/// The core with everything that `component` imports of it.
pub fn for_imports(component: &[u8], place: &mut Place<'_>) -> Result<Part> {
    let (from, from_world) = decode(component)?;
    let imports: BTreeSet<String> = from.worlds[from_world]
        .imports
        .keys()
        .map(|key| from.name_world_key(key))
        .filter(|name| name.starts_with(NAMESPACE))
        .collect();
    let (mut resolve, _) = with_core(from)?;

    let mut world = format!(
        "package isyswasfa:core-world;
         world core {{
             import wasi:io/poll@0.2.0;
             import wasi:io/streams@0.2.0;
             import wasi:cli/stderr@0.2.0;
             export {TASKS};
             export {BYTES};
             export {POLLABLES};
             export {IDLE};\n",
    );
    let pipes = || imports.iter().filter(|name| name.starts_with(PIPES));
    for pipe in pipes() {
        world.push_str(&format!("export {pipe};\n"));
    }
    world.push('}');
    let package = resolve.push_source("core-world.wit", &world)?;
    let world = resolve.packages[package].worlds["core"];
    let wanted = imported(component)?;
    let exports = resolve.worlds[world].exports.clone();
    keep_functions(&mut resolve, &exports, &wanted);

    let mut changes = Changes {
        trap: &|_, _| false,
        keep: &|name| match split_name(name) {
            Some((_, function)) if function.starts_with("[dtor]") => true,
            Some((interface, function)) => is_wanted(&wanted, interface, function),
            None => true,
        },
        imports: Vec::new(),
        functions: Vec::new(),
    };
    for name in pipes() {
        pipe::add(&mut changes, &resolve, name, interface(&resolve, name)?)?;
    }
    let (module, moved) = place.put(MODULE)?;
    let module = change(&module, &changes)?;
    Ok(Part {
        module,
        moved,
        resolve,
        world,
    })
}

/// The interface with this full name.
fn interface(resolve: &Resolve, name: &str) -> Result<InterfaceId> {
    let mut interfaces = resolve.interfaces.iter().map(|(id, _)| id);
    interfaces
        .find(|id| resolve.id_of(*id).as_deref() == Some(name))
        .ok_or_else(|| anyhow::anyhow!("there is no WIT of `{name}`"))
}
