//! Makes components of core modules in WAT and of WIT, and a store's data to run them in.

// Each test file uses its part.
#![allow(dead_code)]

use std::path::Path;

use polyfill_host::engine::{EngineOptions, Features};
use polyfill_host::split::{SplitCtx, SplitPre, SplitView};
use polyfill_host::{http, wasi};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// A store's data with everything in it.
pub struct State {
    pub split: SplitCtx,
    pub wasi: WasiCtx,
    pub table: ResourceTable,
}

impl Default for State {
    fn default() -> Self {
        State {
            split: SplitCtx::default(),
            wasi: WasiCtx::builder().build(),
            table: ResourceTable::new(),
        }
    }
}

impl SplitView for State {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
    }

    fn table(&mut self) -> Option<&mut ResourceTable> {
        Some(&mut self.table)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// An engine without a pool, which tests would fill.
pub fn engine() -> Engine {
    let options = EngineOptions::unpooled();
    options.engine(Features::Plain).unwrap()
}

/// A linker with all that the library has.
pub fn linker(engine: &Engine) -> Linker<State> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker).unwrap();
    wasi::add_p2_to_linker(&mut linker).unwrap();
    http::add_to_linker(&mut linker).unwrap();
    linker
}

/// Links a component.
pub fn link(mut linker: Linker<State>, component: &Component) -> Result<SplitPre<State>> {
    wasi::add_value_pipes(&mut linker, component)?;
    Ok(SplitPre::new(linker.instantiate_pre(component)?))
}

pub fn store(engine: &Engine) -> Store<State> {
    Store::new(engine, State::default())
}

/// The worlds that come with the project: those of the WIT folder `folder`, as split.
pub fn split_worlds(folder: &str) -> Resolve {
    let mut resolve = Resolve::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../wit/split")
        .join(folder);
    resolve.push_dir(path).unwrap();
    resolve
}

/// A resolve with the core interfaces and, beside them, packages of the test's own.
pub fn with_core(packages: &str) -> Resolve {
    let mut resolve = split_worlds("command");
    resolve.push_str("test.wit", packages).unwrap();
    resolve
}

pub fn world(resolve: &Resolve, name: &str) -> WorldId {
    resolve
        .worlds
        .iter()
        .find(|(_, world)| world.name == name)
        .map(|(id, _)| id)
        .unwrap_or_else(|| panic!("there is no world `{name}`"))
}

/// A component of a core module in WAT.
pub fn component(engine: &Engine, resolve: &Resolve, name: &str, wat: &str) -> Component {
    let module = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}"));
    Component::new(engine, encode(resolve, world(resolve, name), module)).unwrap()
}

pub fn encode(resolve: &Resolve, world: WorldId, mut module: Vec<u8>) -> Vec<u8> {
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}
