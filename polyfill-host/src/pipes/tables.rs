//! The pipes of a store: a table for each kind, the kernel's own and those that were registered.

use std::any::Any;
use std::marker::PhantomData;

use isyswasfa_core::{Items, Units};
use wasmtime::Result;
use wasmtime::component::ResourceAny;

use super::chunk::Chunk;
use super::items::Values;
use super::table::Pipes;
use crate::core::{Budget, ComponentIndex, Core, Kernel, PipeId};

/// The names of one kind of pipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipeKind {
    /// The name in a trace.
    pub name: &'static str,
    /// The name of the contents in errors of the budget.
    pub what: &'static str,
}

impl PipeKind {
    /// `isyswasfa:core/bytes`.
    pub(super) const BYTES: PipeKind = PipeKind {
        name: "bytes",
        what: "bytes in a stream",
    };
    const UNITS: PipeKind = PipeKind {
        name: "units",
        what: "a value in a stream or future",
    };
    pub(super) const VALUES: PipeKind = PipeKind {
        name: "values",
        what: "a value in a stream or future",
    };
}

/// The guests' state in a store, as pipes see it.
pub trait Piped: Kernel {
    /// The core, and the pipes.
    fn core_and_pipes(&mut self) -> (&mut Core, &mut Tables);
}

/// The pipes of a store, in tables. The kernel has three of its own; others are registered when the store is made.
pub struct Tables {
    /// `isyswasfa:core/bytes`.
    pub bytes: Pipes<Chunk>,
    /// Pipes without payload.
    pub units: Pipes<Units>,
    /// Pipes whose payload is known only from the component's own types.
    pub values: Pipes<Values>,
    /// Pipes whose payload has a Rust type.
    registered: Vec<Box<dyn Table>>,
    max: usize,
    budget: Budget,
}

/// The number of a registered table with items of this type.
pub struct TableId<I> {
    place: u32,
    items: PhantomData<fn(I)>,
}

impl<I> Clone for TableId<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I> Copy for TableId<I> {}

/// The places of the kernel's own tables, and of the first one that is registered.
const BYTES: u32 = 0;
const UNITS: u32 = 1;
const VALUES: u32 = 2;
const REGISTERED: u32 = 3;

impl Tables {
    /// Empty tables, for at most `max` pipes of each kind with items within `budget`.
    pub fn new(max: usize, budget: &Budget) -> Self {
        Tables {
            bytes: Pipes::new(BYTES, PipeKind::BYTES, max, budget),
            units: Pipes::new(UNITS, PipeKind::UNITS, max, budget),
            values: Pipes::new(VALUES, PipeKind::VALUES, max, budget).keep_lost(),
            registered: Vec::new(),
            max,
            budget: budget.clone(),
        }
    }

    /// A table for pipes of another kind.
    pub fn register<I: Items + Send + 'static>(&mut self, kind: PipeKind) -> TableId<I> {
        let place = REGISTERED + self.registered.len() as u32;
        let pipes = Pipes::<I>::new(place, kind, self.max, &self.budget);
        self.registered.push(Box::new(pipes));
        TableId {
            place,
            items: PhantomData,
        }
    }

    /// A table that was registered here.
    pub fn get<I: Items + Send + 'static>(&mut self, id: TableId<I>) -> &mut Pipes<I> {
        let table: &mut dyn Any = &mut *self.registered[(id.place - REGISTERED) as usize];
        table
            .downcast_mut()
            .expect("a table has items of the type that it was registered with")
    }

    /// How many pipes there are.
    pub fn len(&self) -> usize {
        self.all().map(Table::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether any pipe waits for its end in the host.
    pub(crate) fn awaits_host(&self) -> bool {
        self.all().any(Table::awaits_host)
    }

    /// The guests that wait in a read, and those that wait in a write.
    pub(crate) fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>) {
        let (mut readers, mut writers) = (Vec::new(), Vec::new());
        for table in self.all() {
            let (reading, writing) = table.waiters();
            readers.extend(reading);
            writers.extend(writing);
        }
        (readers, writers)
    }

    /// Goes on with the host's end of a pipe after its waker was called.
    pub(crate) fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()> {
        match id.table {
            BYTES => self.bytes.pump(core, id),
            UNITS => self.units.pump(core, id),
            VALUES => self.values.pump(core, id),
            place => self.registered[(place - REGISTERED) as usize].pump(core, id),
        }
    }

    /// The handles in items that were lost in dropped pipes. The caller has to drop them.
    pub(crate) fn take_lost_handles(&mut self) -> Vec<ResourceAny> {
        let mut handles = Vec::new();
        for items in self.values.take_lost() {
            items.handles(&mut handles);
        }
        handles
    }

    /// All tables, in the order in which reports name who waits at their pipes.
    fn all(&self) -> impl Iterator<Item = &dyn Table> {
        let own: [&dyn Table; 3] = [&self.bytes, &self.units, &self.values];
        own.into_iter()
            .chain(self.registered.iter().map(|table| &**table))
    }
}

/// A table of pipes with any items. Calls of guests go to a table whose type is known.
trait Table: Any + Send {
    fn len(&self) -> usize;
    fn awaits_host(&self) -> bool;
    fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>);
    fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()>;
}

impl<I: Items + Send + 'static> Table for Pipes<I> {
    fn len(&self) -> usize {
        Pipes::len(self)
    }

    fn awaits_host(&self) -> bool {
        Pipes::awaits_host(self)
    }

    fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>) {
        Pipes::waiters(self)
    }

    fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()> {
        Pipes::pump(self, core, id)
    }
}
