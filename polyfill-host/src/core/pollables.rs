//! WASI 0.2 pollables that guests await.

use wasmtime::component::Resource;
use wasmtime::{Result, bail};
use wasmtime_wasi_io::bindings::wasi::io::poll::Host as _;
use wasmtime_wasi_io::poll::DynPollable;

use super::budget::{Budget, Share};
use super::state::{Core, Waiter};
use super::view::{Kernel, View};

/// `isyswasfa:core/pollables.waiting`, as a resource's type parameter.
pub struct Waiting;

/// The pollables of one store that are awaited.
///
/// A pollable's readiness is a future that borrows the whole resource table, so it can be checked only while no guest runs. The
/// driver of the instance does so when there is nothing else to do, and once in a while otherwise.
pub struct Pollables {
    table: isyswasfa_core::Pollables<Waiter, Resource<DynPollable>>,
    share: Share,
}

impl Pollables {
    /// No pollables yet.
    pub(crate) fn new(budget: &Budget) -> Self {
        Pollables {
            table: isyswasfa_core::Pollables::new(),
            share: budget.share(),
        }
    }

    pub(crate) fn insert(
        &mut self,
        max: usize,
        waiter: Waiter,
        on: Resource<DynPollable>,
    ) -> Result<u32> {
        if self.table.len() >= max {
            bail!("more than {max} pollables are awaited (`-S max-tasks=N` allows more)");
        }
        let place = self.table.insert(waiter, on);
        self.share
            .hold(self.table.weight(), "a pollable that is awaited")?;
        Ok(place)
    }

    /// Removes a pollable that nobody awaits any more.
    pub(crate) fn remove(&mut self, place: u32) -> Option<Resource<DynPollable>> {
        self.table.remove(place)
    }

    /// Whether any is still awaited.
    pub(crate) fn any(&self) -> bool {
        self.table.any()
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// The pollables that are still awaited: their places, and the arguments of `poll`.
    fn awaited(&self) -> (Vec<u32>, Vec<Resource<DynPollable>>) {
        let awaited = self.table.awaited();
        awaited
            .map(|(place, on)| (place, Resource::new_borrow(on.rep())))
            .unzip()
    }

    /// Notifies the component that awaits the pollable at `place`.
    fn ready(&mut self, core: &mut Core, place: u32) -> Result<()> {
        let waiter = self.table.ready(place);
        core.notify(waiter)
    }
}

/// Waits until any of the awaited pollables is ready, and notifies the component that awaits it. Waits for ever if there are
/// none.
pub(crate) async fn wait_for_pollables<T: View>(data: &mut T) -> Result<()> {
    let (places, pollables) = data.ctx().core_and_pollables().1.awaited();
    let ready = match data.pollable_table() {
        Some(table) if !pollables.is_empty() => table.poll(pollables).await?,
        _ => return std::future::pending().await,
    };
    let (core, pollables) = data.ctx().core_and_pollables();
    for at in ready {
        pollables.ready(core, places[at as usize])?;
    }
    Ok(())
}
