//! The split ABI on `polyfill-host`, through its library.

use crate::state::State;
use crate::{AMONG, Call, MEASURE};
use anyhow::Result;
use polyfill_host::engine::{EngineOptions, Features};
use polyfill_host::split::{Results, SplitInstance, SplitPre};
use polyfill_host::wasi;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentNamedList, Linker, Lower};

/// A composition on an engine without component-model-async.
pub struct Ours {
    instance: SplitInstance<State>,
}

impl Ours {
    /// Instantiates the composition.
    pub async fn new(component: &[u8]) -> Result<Ours> {
        let options = EngineOptions::unpooled();
        let engine = options.engine(Features::Plain)?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasi::add_to_linker(&mut linker)?;
        wasi::add_p2_to_linker(&mut linker)?;
        wasi::add_value_pipes(&mut linker, &component)?;
        let pre = SplitPre::new(linker.instantiate_pre(&component)?);
        let instance = pre.instantiate(Store::new(&engine, State::new())).await?;
        Ok(Ours { instance })
    }

    /// Lets the caller call `n` times.
    pub async fn repeat(&self, call: Call, n: u64) -> Result<()> {
        self.call(MEASURE, call.name(), (n,)).await
    }

    /// Streams `total` bytes in chunks; how many came.
    pub async fn stream(&self, total: u64, chunk: u32) -> Result<u64> {
        let (count,) = self.call(MEASURE, "stream-bytes", (total, chunk)).await?;
        Ok(count)
    }

    /// Streams `total` bytes that are written at once, in chunks; how many came.
    pub async fn stream_write(&self, total: u32, chunk: u32) -> Result<u64> {
        let (count,) = self.call(MEASURE, "stream-write", (total, chunk)).await?;
        Ok(count)
    }

    /// Streams so many numbers that are written at once and read one by one; how many came.
    pub async fn stream_items(&self, count: u32) -> Result<u64> {
        let (count,) = self.call(MEASURE, "stream-items", (count,)).await?;
        Ok(count)
    }

    /// Lets each idle component run once; how many there are.
    pub async fn touch(&self) -> Result<u32> {
        let (count,) = self.call(AMONG, "touch", ()).await?;
        Ok(count)
    }

    /// Lets the caller among them call `n` times.
    pub async fn repeat_among(&self, n: u64) -> Result<()> {
        self.call(AMONG, "call-pending", (n,)).await
    }

    async fn call<P, R>(&self, interface: &str, name: &str, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: Results,
    {
        // The package has no version, which the split makes 0.0.0.
        let interface = format!("{interface}@0.0.0-isyswasfa");
        let function = self.instance.async_func::<P, R>(Some(&interface), name);
        Ok(function.await?.call(params).await?)
    }
}
