//! A program that loads a plugin and has it write a report: `example-embed PLUGIN.wasm NAME...`.
//!
//! The plugin is a component with the world in `../wit`, of the split ABI or native; that in `../plugin` is one.

use polyfill_host::embed::{self, SplitCtx, SplitView};
use polyfill_host::engine::EngineOptions;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::error::Context;
use wasmtime::{Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

polyfill_host::bindgen!({
    path: "../wit",
    world: "plugin",
});

/// What the plugin imports: it can ask for notes by name, and for nothing else.
#[derive(Clone)]
struct Notes;

impl example::notes::store::Host for Notes {
    // Calls of it run beside the plugin and beside each other.
    async fn read(&self, name: String) -> Option<String> {
        match name.as_str() {
            "shopping" => Some("bread, milk, a lightbulb".into()),
            "todo" => Some("call Ada".into()),
            _ => None,
        }
    }
}

/// What each instance of a plugin has of its own.
struct State {
    split: SplitCtx,
    wasi: WasiCtx,
    table: ResourceTable,
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

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .context("usage: example-embed PLUGIN.wasm NAME...")?;
    let wasm = std::fs::read(&path).with_context(|| format!("failed to read `{path}`"))?;

    // Once: an engine with what the component needs, and the component, compiled for it.
    let engine = EngineOptions::default().engine(embed::features(&wasm)?)?;
    let component = embed::component(&engine, &wasm)?;

    // What the component may import.
    let mut linker = Linker::new(&engine);
    embed::add_wasi_to_linker(&mut linker)?;
    Plugin::add_to_linker(&mut linker, |_: &mut State| Notes)?;

    // An instance, in a store of its own.
    let state = State {
        split: SplitCtx::default(),
        wasi: WasiCtx::builder().inherit_stderr().build(),
        table: ResourceTable::new(),
    };
    let store = Store::new(&engine, state);
    let plugin = Plugin::instantiate_async(store, &component, &linker).await?;

    let report = plugin.example_notes_report();
    let mut lines = report.call_lines(arguments.collect()).await?;
    while let Some(line) = lines.next().await {
        println!("{line}");
    }
    Ok(())
}
