//! Limits how long a guest runs without returning, and interrupts it.

use std::sync::{Arc, OnceLock};

use futures::task::AtomicWaker;
use wasmtime::{Result, Store, UpdateDeadline, bail};

use super::ctx::SplitView;
use crate::core::Limits;
use crate::engine::EPOCH;

/// The guest's current run.
pub(crate) struct Run {
    ticks: u128,
    max_ticks: Option<u128>,
    pub(crate) interrupt: Arc<Interrupt>,
}

/// Ends an instance from outside, whatever it does.
#[derive(Default)]
pub(crate) struct Interrupt {
    reason: OnceLock<String>,
    waker: AtomicWaker,
}

impl Interrupt {
    /// Sets the reason to end the instance. The first one counts.
    pub fn set(&self, reason: &str) {
        let _ = self.reason.set(reason.to_string());
        self.waker.wake();
    }

    pub fn reason(&self) -> Option<&str> {
        self.reason.get().map(String::as_str)
    }

    /// Registers the driver's waker, which `set` wakes.
    pub fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }
}

impl Run {
    pub fn new(limits: &Limits) -> Self {
        Run {
            ticks: 0,
            max_ticks: limits
                .max_run
                .map(|max| max.as_nanos().div_ceil(EPOCH.as_nanos())),
            interrupt: Arc::default(),
        }
    }

    /// Handles the end of an epoch while the guest runs.
    fn tick(&mut self) -> Result<UpdateDeadline> {
        if let Some(reason) = self.interrupt.reason() {
            bail!("interrupted: {reason}");
        }
        self.ticks += 1;
        match self.max_ticks {
            Some(max) if self.ticks > max => bail!(
                "the guest ran for {:?} without returning",
                EPOCH * max as u32
            ),
            _ => Ok(UpdateDeadline::Yield(1)),
        }
    }
}

/// Lets a store's guests yield at every epoch.
pub(crate) fn limit<T: SplitView>(store: &mut Store<T>) {
    store.epoch_deadline_callback(|mut store| store.data_mut().split().run.tick());
}

/// Begins a run.
pub(crate) fn begin<T: SplitView>(store: &mut Store<T>) {
    store.data_mut().split().run.ticks = 0;
    // The current epoch may end at any moment: the first full one counts.
    store.set_epoch_deadline(2);
}
