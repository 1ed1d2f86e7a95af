//! The number of host resources that the guests of a store have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use wasmtime::{Result, bail};

/// The number of resources that the host holds for the guests of one store, and its limit. Clones share it.
///
/// Only the owner of the store changes it.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    held: Arc<AtomicUsize>,
    max: usize,
}

impl Resources {
    /// At most `max` resources.
    pub fn new(max: usize) -> Self {
        Resources {
            held: Arc::default(),
            max,
        }
    }

    /// Counts one more.
    ///
    /// # Errors
    ///
    /// If there are too many: a trap.
    pub fn add(&self) -> Result<()> {
        let held = self.held.load(Relaxed);
        if held >= self.max {
            bail!(
                "more than {} resources of the host (`-S max-resources=N` allows more)",
                self.max
            );
        }
        // Nothing else changes it meanwhile: only the owner of the store does.
        self.held.store(held + 1, Relaxed);
        Ok(())
    }

    /// Counts one less.
    pub fn remove(&self) {
        self.held.store(self.held.load(Relaxed) - 1, Relaxed);
    }
}
