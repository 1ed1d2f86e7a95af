//! From the bytes of a component of either ABI to one that is compiled, and what all of them may import.

use std::path::Path;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result};
use wasmtime_wasi::WasiView;

use super::imports::is_concurrent;
use crate::abi::Shape;
use crate::adapter;
use crate::engine::Features;
use crate::split::SplitView;
use crate::wasi;

/// What an engine must understand for a component: one for [`Features::Async`] runs all components, one for
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

/// Compiles a component. Of split ones that use files or sockets, [the adapter](crate::adapter) becomes a part.
///
/// # Errors
///
/// If `wasm` is not the binary of a component, or not one that the engine understands.
pub fn component(engine: &Engine, wasm: &[u8]) -> Result<Component> {
    let shape = Shape::read(Path::new("the component"), wasm)?;
    if !shape.is_split() {
        return Component::new(engine, wasm);
    }
    let plugged = adapter::plug(wasm)?;
    Component::new(engine, plugged)
}

/// Defines what components of both ABIs may import of WASI but http: 0.2, and 0.3 in the form of each.
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
