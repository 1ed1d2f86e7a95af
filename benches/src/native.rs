//! The native 0.3 ABI on wasmtime: what ours is compared with.

use crate::state::State;
use crate::{AMONG, Call, MEASURE};
use anyhow::{Context, Result};
use wasmtime::component::{
    Component, ComponentNamedList, Instance, Lift, Linker, Lower, TypedFunc,
};
use wasmtime::{Config, Engine, Store};

/// A composition on an engine with component-model-async.
pub struct Native {
    store: Store<State>,
    instance: Instance,
}

impl Native {
    /// Instantiates the composition.
    pub async fn new(component: &[u8]) -> Result<Native> {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let mut store = Store::new(&engine, State::new());
        let instance = linker.instantiate_async(&mut store, &component).await?;
        Ok(Native { store, instance })
    }

    /// Lets the caller call `n` times.
    pub async fn repeat(&mut self, call: Call, n: u64) -> Result<()> {
        self.call(MEASURE, call.name(), (n,)).await
    }

    /// Streams `total` bytes in chunks; how many came.
    pub async fn stream(&mut self, total: u64, chunk: u32) -> Result<u64> {
        let (count,): (u64,) = self.call(MEASURE, "stream-bytes", (total, chunk)).await?;
        Ok(count)
    }

    /// Streams `total` bytes that are written at once, in chunks; how many came.
    pub async fn stream_write(&mut self, total: u32, chunk: u32) -> Result<u64> {
        let (count,): (u64,) = self.call(MEASURE, "stream-write", (total, chunk)).await?;
        Ok(count)
    }

    /// Streams so many numbers that are written at once and read one by one; how many came.
    pub async fn stream_items(&mut self, count: u32) -> Result<u64> {
        let (count,): (u64,) = self.call(MEASURE, "stream-items", (count,)).await?;
        Ok(count)
    }

    /// Lets each idle component run once; how many there are.
    pub async fn touch(&mut self) -> Result<u32> {
        let (count,): (u32,) = self.call(AMONG, "touch", ()).await?;
        Ok(count)
    }

    /// Lets the caller among them call `n` times.
    pub async fn repeat_among(&mut self, n: u64) -> Result<()> {
        self.call(AMONG, "call-pending", (n,)).await
    }

    async fn call<P, R>(&mut self, interface: &str, name: &str, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let exported = self
            .instance
            .get_export_index(&mut self.store, None, interface)
            .with_context(|| format!("the composition exports no `{interface}`"))?;
        let function = self
            .instance
            .get_export_index(&mut self.store, Some(&exported), name)
            .with_context(|| format!("`{interface}` has no `{name}`"))?;
        let function: TypedFunc<P, R> = self.instance.get_typed_func(&mut self.store, function)?;
        let result = self
            .store
            .run_concurrent(async |store| function.call_concurrent(store, params).await)
            .await??;
        Ok(result)
    }
}
