//! The split ABI on `polyfill-host`, through its library.

use crate::state::State;
use crate::{Call, MEASURE};
use anyhow::Result;
use polyfill_host::engine::{EngineOptions, Features};
use polyfill_host::split::{SplitInstance, SplitPre};
use polyfill_host::{pipes, wasi};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

/// A composition on an engine without component-model-async.
pub struct Ours {
    instance: SplitInstance<State>,
    measure: String,
}

impl Ours {
    /// Instantiates the composition.
    pub async fn new(component: &[u8]) -> Result<Ours> {
        let options = EngineOptions {
            pooling_allocator: Some(false),
            ..EngineOptions::default()
        };
        let engine = options.engine(Features::Plain)?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasi::add_to_linker(&mut linker)?;
        wasi::add_p2_to_linker(&mut linker)?;
        pipes::add_value_pipes(&mut linker, &component)?;
        let pre = SplitPre::new(linker.instantiate_pre(&component)?);
        let instance = pre.instantiate(Store::new(&engine, State::new())).await?;
        Ok(Ours {
            instance,
            // The package has no version, which the split makes 0.0.0.
            measure: format!("{MEASURE}@0.0.0-isyswasfa"),
        })
    }

    /// Lets the caller call `n` times.
    pub async fn repeat(&self, call: Call, n: u64) -> Result<()> {
        let measure = Some(self.measure.as_str());
        let function = self.instance.async_func::<(u64,), ()>(measure, call.name());
        function.await?.call((n,)).await?;
        Ok(())
    }

    /// Streams `total` bytes in chunks; how many came.
    pub async fn stream(&self, total: u64, chunk: u32) -> Result<u64> {
        let measure = Some(self.measure.as_str());
        let function = self
            .instance
            .async_func::<(u64, u32), (u64,)>(measure, "stream-bytes");
        let (count,) = function.await?.call((total, chunk)).await?;
        Ok(count)
    }
}
