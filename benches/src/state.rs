//! A store's data, the same for both ABIs: each interface is linked, and compiled, for one type only.

use polyfill_host::split::{SplitCtx, SplitView};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub struct State {
    split: SplitCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl SplitView for State {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
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

impl State {
    pub fn new() -> State {
        State {
            split: SplitCtx::default(),
            wasi: WasiCtx::builder().inherit_stderr().build(),
            table: ResourceTable::new(),
        }
    }
}
