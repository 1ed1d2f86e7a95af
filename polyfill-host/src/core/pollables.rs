//! WASI 0.2 pollables that guests await.

use slab::Slab;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};
use wasmtime_wasi_io::bindings::wasi::io::poll::Host as _;
use wasmtime_wasi_io::poll::DynPollable;

use super::budget::{Budget, Share};
use super::state::{Core, Waiter};
use crate::split::SplitView;

/// `isyswasfa:core/pollables.waiting`, as a resource's type parameter.
pub struct Waiting;

/// The pollables of one store that are awaited.
///
/// A pollable's readiness is a future that borrows the whole resource table, so it can be looked at only while no
/// guest runs: by whoever drives the instance, when there is nothing else to do and every so often besides.
pub struct Pollables {
    slab: Slab<Entry>,
    /// How many of them have not been ready yet.
    unready: usize,
    share: Share,
}

struct Entry {
    waiter: Waiter,
    on: Resource<DynPollable>,
    ready: bool,
}

impl Pollables {
    /// None yet.
    pub fn new(budget: &Budget) -> Self {
        Pollables {
            slab: Slab::new(),
            unready: 0,
            share: budget.share(),
        }
    }

    pub fn insert(&mut self, max: usize, waiter: Waiter, on: Resource<DynPollable>) -> Result<u32> {
        if self.slab.len() >= max {
            bail!("more than {max} pollables are awaited (`-S max-tasks=N` allows more)");
        }
        self.unready += 1;
        let index = self.slab.insert(Entry {
            waiter,
            on,
            ready: false,
        });
        let weight = self.slab.capacity() * size_of::<Entry>();
        self.share.hold(weight, "a pollable that is awaited")?;
        Ok(index as u32)
    }

    /// The pollable, which nobody awaits any more.
    pub fn remove(&mut self, index: u32) -> Option<Resource<DynPollable>> {
        let entry = self.slab.try_remove(index as usize)?;
        if !entry.ready {
            self.unready -= 1;
        }
        Some(entry.on)
    }

    /// Whether any is still awaited.
    pub fn any(&self) -> bool {
        self.unready > 0
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Those still awaited: their places, and what `wait_any` takes.
    pub fn awaited(&self) -> (Vec<usize>, Vec<Resource<DynPollable>>) {
        self.slab
            .iter()
            .filter(|(_, entry)| !entry.ready)
            .map(|(index, entry)| (index, Resource::new_borrow(entry.on.rep())))
            .unzip()
    }

    /// Tells who awaits the pollable at `index`.
    pub fn ready(&mut self, core: &mut Core, index: usize) -> Result<()> {
        match self.slab.get_mut(index) {
            Some(entry) if !entry.ready => {
                entry.ready = true;
                self.unready -= 1;
                core.notify(Some(entry.waiter))
            }
            _ => Ok(()),
        }
    }
}

/// Waits until any of the awaited pollables is ready, and tells who awaits it. For ever, if there are none.
pub(crate) async fn wait_for_pollables<T: SplitView>(data: &mut T) -> Result<()> {
    let (places, pollables) = data.split().pollables.awaited();
    let ready = match data.table() {
        Some(table) if !pollables.is_empty() => table.poll(pollables).await?,
        _ => return std::future::pending().await,
    };
    let ctx = data.split();
    for at in ready {
        ctx.pollables.ready(&mut ctx.core, places[at as usize])?;
    }
    Ok(())
}
