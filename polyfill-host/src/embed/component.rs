//! Compiles components of either ABI, and defines their WASI imports.

use std::borrow::Cow;
use std::path::Path;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result};
use wasmtime_wasi::WasiView;

use super::imports::is_concurrent;
use crate::abi::Shape;
#[cfg(feature = "adapter")]
use crate::adapter;
use crate::engine::Features;
use crate::split::SplitView;
use crate::wasi;

/// The features that a component needs of an engine. An engine with [`Features::Async`] runs all components; one with
/// [`Features::Plain`] runs split ones much faster.
///
/// # Errors
///
/// If `wasm` is not the binary of a component.
pub fn features(wasm: &[u8]) -> Result<Features> {
    let shape = Shape::read(Path::new("the component"), wasm)?;
    Ok(if shape.is_split() {
        Features::Plain
    } else {
        Features::Async
    })
}

/// Compiles a component. With the feature `adapter`, a split component that uses files or sockets gets the embedded adapter,
/// which implements them on WASI 0.2.
///
/// # Errors
///
/// If `wasm` is not the binary of a component, or not one that the engine understands, or it needs the adapter and the feature
/// is off.
pub fn component(engine: &Engine, wasm: &[u8]) -> Result<Component> {
    let shape = Shape::read(Path::new("the component"), wasm)?;
    if !shape.is_split() {
        return Component::new(engine, wasm);
    }
    Component::new(engine, plug(wasm, &shape)?)
}

/// The component, with the adapter plugged behind imports that the host does not implement itself.
#[cfg(feature = "adapter")]
fn plug<'a>(wasm: &'a [u8], _: &Shape) -> Result<Cow<'a, [u8]>> {
    Ok(adapter::plug(wasm)?)
}

/// The component, unless it needs the adapter.
#[cfg(not(feature = "adapter"))]
fn plug<'a>(wasm: &'a [u8], shape: &Shape) -> Result<Cow<'a, [u8]>> {
    let needs_adapter = |import: &&String| {
        crate::abi::InterfaceName::parse(import).is_some_and(|name| {
            name.is_split() && ["wasi:filesystem", "wasi:sockets"].contains(&name.package)
        })
    };
    match shape.imports.iter().find(needs_adapter) {
        Some(import) => wasmtime::bail!(
            "the component imports `{import}`, which needs the feature `adapter` of `polyfill-host`"
        ),
        None => Ok(wasm.into()),
    }
}

/// Defines all of WASI but http for components of both ABIs: 0.2, and 0.3 in the form of each ABI.
///
/// # Errors
///
/// If any of it is defined already.
pub fn add_wasi_to_linker<T: SplitView + WasiView>(linker: &mut Linker<T>) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    if !is_concurrent(linker.engine()) {
        return wasi::add_to_linker(linker);
    }
    wasi::add_split_to_linker(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)
}
