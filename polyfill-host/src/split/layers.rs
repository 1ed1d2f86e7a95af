//! What the layers above the split ABI keep in a store: WASI, HTTP, an embedder's bindings.

use std::any::{Any, TypeId};

use isyswasfa_rendezvous::Items;
use wasmtime::{Result, bail};

use crate::core::{Budget, ComponentIndex, Core, Limits, Resources};
use crate::pipes::{PipeId, PipeKind, Pipes};

/// What one layer keeps in a store.
pub(crate) trait Layer: Any + Send {
    /// Nothing yet, within these bounds.
    fn new(bounds: &Bounds) -> Self
    where
        Self: Sized;

    /// How many resources of the layer's guests have handles of.
    fn resources(&self) -> usize;

    /// Shows each table of pipes.
    fn tables(&self, see: &mut dyn FnMut(&dyn PipeTable));

    /// The table of pipes of one kind, if it is the layer's.
    fn table(&mut self, kind: PipeKind) -> Option<&mut dyn PipeTable>;
}

/// What all layers of a store share: its limits, and what counts against them.
#[derive(Clone)]
pub(crate) struct Bounds {
    pub limits: Limits,
    pub budget: Budget,
    /// Counts the resources of all types.
    pub resources: Resources,
}

/// A table of pipes, whatever they carry.
pub(crate) trait PipeTable {
    /// How many pipes there are.
    fn count(&self) -> usize;

    /// Lets the host's end of a pipe go on.
    fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()>;

    /// Whether the host's end of a pipe is to go on before the guest can.
    fn awaits_host(&self) -> bool;

    /// The guests that wait in a read, and those that wait in a write.
    fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>);
}

impl<I: Items + Send + 'static> PipeTable for Pipes<I> {
    fn count(&self) -> usize {
        self.len()
    }

    fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()> {
        Pipes::pump(self, core, id)
    }

    fn awaits_host(&self) -> bool {
        Pipes::awaits_host(self)
    }

    fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>) {
        Pipes::waiters(self)
    }
}

/// The layers of a store, each made when it is first used.
pub(crate) struct Layers {
    bounds: Bounds,
    list: Vec<(TypeId, Box<dyn Layer>)>,
}

impl Layers {
    /// None yet.
    pub fn new(bounds: Bounds) -> Self {
        Layers {
            bounds,
            list: Vec::new(),
        }
    }

    /// The layer `L`.
    pub fn get<L: Layer>(&mut self) -> &mut L {
        let ty = TypeId::of::<L>();
        let at = match self.list.iter().position(|(own, _)| *own == ty) {
            Some(at) => at,
            None => {
                self.list.push((ty, Box::new(L::new(&self.bounds))));
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

    /// How many pipes there are in the tables of all layers.
    pub fn pipes(&self) -> usize {
        let mut pipes = 0;
        self.tables(&mut |table| pipes += table.count());
        pipes
    }

    /// Shows each table of pipes of each layer.
    pub fn tables(&self, see: &mut dyn FnMut(&dyn PipeTable)) {
        for (_, layer) in &self.list {
            layer.tables(see);
        }
    }

    /// Lets the host's end of a pipe go on.
    ///
    /// # Errors
    ///
    /// That of the pipe: a trap.
    pub fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()> {
        let mut layers = self.list.iter_mut();
        match layers.find_map(|(_, layer)| layer.table(id.kind)) {
            Some(table) => table.pump(core, id),
            None => bail!("no layer has pipes of the kind {:?}", id.kind),
        }
    }
}
