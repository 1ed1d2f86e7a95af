//! The data of a store, for a guest of any ABI.

use polyfill_host::split::{SplitCtx, SplitView};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The data of a store.
pub struct State {
    pub split: SplitCtx,
    pub wasi: WasiCtx,
    pub table: ResourceTable,
    pub memory: Memory,
}

/// The linear memory of all guests of a store.
#[derive(Clone, Default)]
pub struct Memory(Arc<AtomicUsize>);

impl Memory {
    pub fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Default for State {
    fn default() -> Self {
        State {
            split: SplitCtx::default(),
            wasi: WasiCtx::builder().inherit_stderr().build(),
            table: ResourceTable::new(),
            memory: Memory::default(),
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

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.0.fetch_add(desired - current, Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
