//! The host's state for the split components of one store.

use std::sync::Arc;

use wasmtime::Result;
use wasmtime::component::ResourceTable;

use crate::core::{Budget, Core, Kernel, Limits, Pollables, Resources, View, Wake};
use crate::pipes::{Piped, Tables};
use crate::trace::{InstanceTrace, TraceFile};

use super::deadlock;
use super::later::Later;
use super::layers::{Bounds, Layer, Layers};
use super::run::Run;

/// The state of the split ABI in a store: part of the store's data, see [`SplitView`].
pub struct SplitCtx {
    pub(crate) core: Core,
    pub(crate) budget: Budget,
    pub(crate) pipes: Tables,
    pub(crate) pollables: Pollables,
    /// The state of WASI, HTTP and an embedder's bindings.
    layers: Layers,
    pub(crate) run: Run,
    /// Work left for the driver.
    pub(crate) later: Arc<Later>,
    /// Empty between uses; kept to reuse its memory.
    wakes: Vec<Wake>,
}

/// A store's data that has the state of the split ABI in it.
pub trait SplitView: Send + 'static {
    /// The state of the split ABI.
    fn split(&mut self) -> &mut SplitCtx;

    /// The table that has the WASI 0.2 pollables of this store, if there is one.
    fn table(&mut self) -> Option<&mut ResourceTable> {
        None
    }

    /// Called when guests begin to work for another `origin`: the number that was given with a call (with a request:
    /// `http::HandlerInstance::handle_for`). 0: for nobody in particular. Guests set the origin themselves.
    fn origin_changed(&mut self, origin: u64) {
        let _ = origin;
    }
}

/// Sets the origin that guests run for from now on.
pub(super) fn set_origin<T: SplitView>(data: &mut T, origin: u64) {
    if data.split().core.machine.set_origin(origin) {
        data.origin_changed(origin);
    }
}

impl<T: SplitView> View for T {
    type Ctx = SplitCtx;

    fn ctx(&mut self) -> &mut SplitCtx {
        self.split()
    }

    fn pollable_table(&mut self) -> Option<&mut ResourceTable> {
        self.table()
    }

    fn set_origin(&mut self, origin: u64) {
        set_origin(self, origin);
    }
}

impl Kernel for SplitCtx {
    fn core(&mut self) -> &mut Core {
        &mut self.core
    }

    fn core_and_pollables(&mut self) -> (&mut Core, &mut Pollables) {
        (&mut self.core, &mut self.pollables)
    }

    fn process(&mut self) -> Result<()> {
        SplitCtx::process(self)
    }

    fn deadlock(&self) -> Option<String> {
        deadlock::report(self)
    }
}

impl Piped for SplitCtx {
    fn core_and_pipes(&mut self) -> (&mut Core, &mut Tables) {
        (&mut self.core, &mut self.pipes)
    }
}

impl Default for SplitCtx {
    fn default() -> Self {
        SplitCtx::new(Limits::default())
    }
}

impl SplitCtx {
    /// The state of a new store.
    pub fn new(limits: Limits) -> Self {
        let core = Core::new(limits.clone());
        let budget = core.budget().clone();
        let bounds = Bounds {
            budget: budget.clone(),
            resources: Resources::new(limits.resources),
        };
        SplitCtx {
            pipes: Tables::new(limits.pipes, &budget),
            pollables: Pollables::new(&budget),
            layers: Layers::new(bounds),
            run: Run::new(&limits),
            later: Arc::new(Later::new(core.queue())),
            core,
            budget,
            wakes: Vec::new(),
        }
    }

    /// The components, tasks and host futures.
    pub fn core(&mut self) -> &mut Core {
        &mut self.core
    }

    /// The state of the layer `L`.
    pub(crate) fn layer<L: Layer>(&mut self) -> &mut L {
        self.layers.get(&mut self.pipes)
    }

    /// The origin that guests run for now.
    pub(crate) fn origin(&self) -> u64 {
        self.core.machine.origin()
    }

    /// How many tasks, host futures, pipes, resources and awaited pollables there are: 0 when nothing is under way.
    pub fn handles(&self) -> usize {
        self.core.task_count()
            + self.core.future_count()
            + self.pipes.len()
            + self.pollables.len()
            + self.layers.resources()
    }

    /// Whether guests have anything under way: a task, a host call, a pipe, or a pollable that they wait for. Resources
    /// that a guest merely keeps do not count.
    pub fn has_work(&self) -> bool {
        self.core.task_count() > 0
            || self.core.future_count() > 0
            || !self.pipes.is_empty()
            || self.pollables.any()
    }

    /// Whether guests can make progress: they have something to do, or wait for something outside.
    pub(crate) fn can_go_on(&self) -> bool {
        !deadlock::nothing_will_come(self)
    }

    /// Reports to a trace what happens in this store from now on.
    pub fn set_trace(&mut self, file: Arc<TraceFile>) -> &mut Self {
        self.core.set_trace(Box::new(InstanceTrace::new(file)));
        self
    }

    /// Acts on the messages of wakers.
    pub(crate) fn process(&mut self) -> Result<()> {
        let mut wakes = std::mem::take(&mut self.wakes);
        self.core.queue().take(&mut wakes);
        for wake in wakes.drain(..) {
            match wake {
                Wake::Future(id) => self.core.poll_future(id)?,
                Wake::Pipe(id) => self.pipes.pump(&mut self.core, id)?,
                Wake::Abandon(call) => self.core.abandon(call),
                Wake::Look => {}
            }
        }
        self.wakes = wakes;
        Ok(())
    }
}
