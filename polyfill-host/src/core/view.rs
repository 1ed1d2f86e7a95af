//! What the core needs of its owner: a store's data, and the state in it that is kept for the guests.

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

    /// Acts on the messages of wakers.
    ///
    /// # Errors
    ///
    /// The mistake of a guest: a trap.
    fn process(&mut self) -> Result<()>;

    /// If nothing is under way outside of the guests, and no guest can go on: a report of who waits for what.
    fn deadlock(&self) -> Option<String>;
}

/// The guests' state, for a function of the host that a guest has just called. A trace, if there is one, notes which guest.
pub(crate) fn called<'a, T: View>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut T::Ctx {
    if store.data_mut().ctx().core().is_traced() {
        let stack = WasmBacktrace::force_capture(&*store);
        let core = store.data_mut().ctx().core();
        core.traced(|trace| trace.called(&stack));
    }
    store.data_mut().ctx()
}
