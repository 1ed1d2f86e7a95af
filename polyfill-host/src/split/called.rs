//! The state of the split ABI, for a function of the host that a guest has just called.

use wasmtime::{StoreContextMut, WasmBacktrace};

use super::ctx::{SplitCtx, SplitView};
use crate::trace::entries;

/// The state of the split ABI. A trace, if there is one, reads from the stack which components have called.
pub(crate) fn called<'a, T: SplitView>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut SplitCtx {
    if store.data_mut().split().core.is_traced() {
        let entries = entries(&WasmBacktrace::force_capture(&*store));
        let core = &mut store.data_mut().split().core;
        core.traced(|trace| trace.called(entries));
    }
    store.data_mut().split()
}
