//! What the core needs of whoever has it: a store's data, and what is kept in it for the guests.

use wasmtime::component::ResourceTable;
use wasmtime::{Result, StoreContextMut, WasmBacktrace};

use super::{Core, Pollables};

/// A store's data, as the core and its pipes see it.
pub trait View: Sized + Send + 'static {
    /// What is kept in the store for its guests, the core among it.
    type Ctx: Kernel;

    /// What is kept for the guests.
    fn ctx(&mut self) -> &mut Self::Ctx;

    /// The table that has the WASI 0.2 pollables of this store, if there is one.
    fn pollable_table(&mut self) -> Option<&mut ResourceTable>;

    /// Guests run on behalf of `origin` from now on.
    fn set_origin(&mut self, origin: u64);
}

/// What is kept in a store for its guests, as the core sees it.
pub trait Kernel: Send + 'static {
    /// The core.
    fn core(&mut self) -> &mut Core;

    /// The core, and the pollables that guests await.
    fn core_and_pollables(&mut self) -> (&mut Core, &mut Pollables);

    /// Acts on what wakers left word of.
    ///
    /// # Errors
    ///
    /// What a guest has done wrong: a trap.
    fn process(&mut self) -> Result<()>;

    /// If nothing is under way outside of the guests, which have all done what they can: who waits for what.
    fn deadlock(&self) -> Option<String>;
}

/// What is kept for the guests, for a function of the host that one has just called: a trace, if there is one, looks who has.
pub(crate) fn called<'a, T: View>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut T::Ctx {
    if store.data_mut().ctx().core().is_traced() {
        let stack = WasmBacktrace::force_capture(&*store);
        let core = store.data_mut().ctx().core();
        core.traced(|trace| trace.called(&stack));
    }
    store.data_mut().ctx()
}
