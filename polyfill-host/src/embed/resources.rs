//! The embedder's resources that guests have handles of.

use std::any::Any;
use std::sync::Arc;

use slab::Slab;
use wasmtime::{Result, bail};

use crate::core::{Resources, Share};
use crate::pipes::Tables;
use crate::split::{Bounds, Layer, SplitCtx};

/// The host's resources that guests have handles of.
pub(super) struct HostResources {
    slab: Slab<Arc<dyn Any + Send + Sync>>,
    count: Resources,
    /// The budget for the table.
    share: Share,
}

impl Layer for HostResources {
    fn new(bounds: &Bounds, _: &mut Tables) -> Self {
        HostResources {
            slab: Slab::new(),
            count: bounds.resources.clone(),
            share: bounds.budget.share(),
        }
    }

    fn resources(&self) -> usize {
        self.slab.len()
    }
}

impl HostResources {
    /// Adds a resource for a guest. Returns the representation of its handle.
    pub fn push(&mut self, resource: Arc<dyn Any + Send + Sync>) -> Result<u32> {
        self.count.add()?;
        let index = self.slab.insert(resource) as u32;
        let weight = self.slab.capacity() * size_of::<Arc<dyn Any>>();
        self.share.hold(weight, "a resource of the host")?;
        Ok(index)
    }

    /// The resource behind a handle that a guest has lent.
    pub fn get<R: Send + Sync + 'static>(&self, rep: u32) -> Result<Arc<R>> {
        match self.slab.get(rep as usize) {
            Some(resource) => typed(resource.clone()),
            None => bail!("no resource {rep}"),
        }
    }

    /// The resource behind a handle that a guest has handed over, or dropped.
    pub fn take<R: Send + Sync + 'static>(&mut self, rep: u32) -> Result<Arc<R>> {
        match self.slab.try_remove(rep as usize) {
            Some(resource) => {
                self.count.remove();
                typed(resource)
            }
            None => bail!("no resource {rep}"),
        }
    }
}

fn typed<R: Send + Sync + 'static>(resource: Arc<dyn Any + Send + Sync>) -> Result<Arc<R>> {
    match resource.downcast() {
        Ok(resource) => Ok(resource),
        Err(_) => bail!("a resource of another type"),
    }
}

impl SplitCtx {
    /// The embedder's resources.
    pub(super) fn host_resources(&mut self) -> &mut HostResources {
        self.layer()
    }
}
