//! The state in a store of the layers above the split ABI: WASI, HTTP, an embedder's bindings.

use std::any::{Any, TypeId};

use crate::core::{Budget, Resources};
use crate::pipes::Tables;

/// The state of one layer in a store.
pub(crate) trait Layer: Any + Send {
    /// Empty state within these bounds. Registers the layer's pipes.
    fn new(bounds: &Bounds, pipes: &mut Tables) -> Self
    where
        Self: Sized;

    /// How many resources of the layer guests have handles of.
    fn resources(&self) -> usize;
}

/// The counters that all layers of a store share.
pub(crate) struct Bounds {
    pub budget: Budget,
    /// Counts the resources of all types.
    pub resources: Resources,
}

/// The layers of a store, each made when it is first used.
pub(crate) struct Layers {
    bounds: Bounds,
    list: Vec<(TypeId, Box<dyn Layer>)>,
}

impl Layers {
    /// No layers yet.
    pub fn new(bounds: Bounds) -> Self {
        Layers {
            bounds,
            list: Vec::new(),
        }
    }

    /// The layer `L`, whose pipes are among `pipes`.
    pub fn get<L: Layer>(&mut self, pipes: &mut Tables) -> &mut L {
        let ty = TypeId::of::<L>();
        let at = match self.list.iter().position(|(own, _)| *own == ty) {
            Some(at) => at,
            None => {
                self.list.push((ty, Box::new(L::new(&self.bounds, pipes))));
                self.list.len() - 1
            }
        };
        let layer: &mut dyn Any = &mut *self.list[at].1;
        layer
            .downcast_mut()
            .expect("a layer is kept under its own type")
    }

    /// How many resources of all layers guests have handles of.
    pub fn resources(&self) -> usize {
        self.list.iter().map(|(_, layer)| layer.resources()).sum()
    }
}
