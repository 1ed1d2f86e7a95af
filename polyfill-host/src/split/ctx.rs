//! What the host keeps for the split components of one store.

use std::sync::Arc;

use isyswasfa_rendezvous::Units;
use wasmtime::Result;
use wasmtime::component::ResourceTable;

use crate::core::{Budget, Core, Limits, Pollables, Resources, Wake};
use crate::pipes::{Chunk, PipeKind, Pipes, Values};
use crate::trace::{InstanceTrace, TraceFile};

use super::deadlock;
use super::later::Later;
use super::layers::{Bounds, Layers};
use super::run::Run;

/// The state of the split ABI in a store: part of the store's data, see [`SplitView`].
pub struct SplitCtx {
    pub(crate) core: Core,
    pub(crate) budget: Budget,
    pub(crate) bytes: Pipes<Chunk>,
    pub(crate) units: Pipes<Units>,
    pub(crate) values: Pipes<Values>,
    pub(crate) pollables: Pollables,
    /// What WASI, HTTP and an embedder's bindings keep here.
    pub(crate) layers: Layers,
    pub(crate) run: Run,
    /// What the driver is to do.
    pub(crate) later: Arc<Later>,
    /// On whose behalf guests run now.
    pub(crate) origin: u64,
    /// Emptied between uses; kept for its memory.
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

    /// What the guests do from now on, they do for `origin`: the number that was given with a call (with a request:
    /// `http::HandlerInstance::handle_for`). 0: for nobody in particular. Guests say so themselves.
    fn origin_changed(&mut self, origin: u64) {
        let _ = origin;
    }
}

/// Guests run on behalf of `origin` from now on.
pub(crate) fn set_origin<T: SplitView>(data: &mut T, origin: u64) {
    let split = data.split();
    if std::mem::replace(&mut split.origin, origin) != origin {
        split.core.traced(|trace| trace.set_origin(origin));
        data.origin_changed(origin);
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
        let pipes = limits.pipes;
        let core = Core::new(limits.clone());
        let budget = core.budget().clone();
        let bounds = Bounds {
            limits: limits.clone(),
            budget: budget.clone(),
            resources: Resources::new(limits.resources),
        };
        SplitCtx {
            bytes: Pipes::new(PipeKind::Bytes, pipes, &budget),
            units: Pipes::new(PipeKind::Units, pipes, &budget),
            values: Pipes::new(PipeKind::Values, pipes, &budget).keep_lost(),
            pollables: Pollables::new(&budget),
            layers: Layers::new(bounds),
            run: Run::new(&limits),
            later: Arc::new(Later::new(core.queue())),
            core,
            budget,
            origin: 0,
            wakes: Vec::new(),
        }
    }

    /// The components, tasks and host futures.
    pub fn core(&mut self) -> &mut Core {
        &mut self.core
    }

    /// How many tasks, host futures, pipes, resources and awaited pollables there are: 0 when nothing is under way.
    pub fn handles(&self) -> usize {
        self.core.task_count()
            + self.core.future_count()
            + self.bytes.len()
            + self.units.len()
            + self.values.len()
            + self.pollables.len()
            + self.layers.resources()
            + self.layers.pipes()
    }

    /// Whether guests have anything under way: a task, a host call, a pipe, or a pollable that they wait for. Resources
    /// that a guest merely keeps do not count.
    pub fn has_work(&self) -> bool {
        self.core.task_count() > 0
            || self.core.future_count() > 0
            || !self.bytes.is_empty()
            || !self.units.is_empty()
            || !self.values.is_empty()
            || self.pollables.any()
            || self.layers.pipes() > 0
    }

    /// Whether what guests have under way can come to an end: they have something to do, or wait for something outside.
    pub(crate) fn can_go_on(&self) -> bool {
        !deadlock::nothing_will_come(self)
    }

    /// Tells a trace what happens in this store from now on.
    pub fn set_trace(&mut self, file: Arc<TraceFile>) -> &mut Self {
        self.core.set_trace(InstanceTrace::new(file));
        self
    }

    /// Acts on what wakers left word of.
    pub(crate) fn process(&mut self) -> Result<()> {
        let mut wakes = std::mem::take(&mut self.wakes);
        self.core.queue().take(&mut wakes);
        for wake in wakes.drain(..) {
            match wake {
                Wake::Future(id) => self.core.poll_future(id)?,
                Wake::Pipe(id) => match id.kind {
                    PipeKind::Bytes => self.bytes.pump(&mut self.core, id)?,
                    PipeKind::Units => self.units.pump(&mut self.core, id)?,
                    PipeKind::Values => self.values.pump(&mut self.core, id)?,
                    PipeKind::HttpResults | PipeKind::Trailers | PipeKind::CliResults => {
                        self.layers.pump(&mut self.core, id)?;
                    }
                },
                Wake::Abandon(call) => self.core.abandon(call),
                Wake::Look => {}
            }
        }
        self.wakes = wakes;
        Ok(())
    }
}
