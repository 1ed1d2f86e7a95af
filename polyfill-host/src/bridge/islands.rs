//! The islands of a composition, compiled and linked: what all its instances share.

use crate::guest::{Guest, Target};
use crate::split::{SplitPre, split_name};
use std::num::NonZeroUsize;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

/// All islands of a composition but the first.
pub(crate) struct Islands {
    islands: Vec<Loaded>,
    queue: NonZeroUsize,
}

/// An island that is compiled and linked.
pub(crate) struct Loaded {
    /// Its name in messages.
    pub name: String,
    pub engine: Engine,
    pub code: Code,
}

/// An island that is ready to be instantiated.
pub(crate) enum Code {
    Plain(InstancePre<Guest>),
    Native(InstancePre<Guest>),
    Split(SplitPre<Guest>),
}

impl Islands {
    /// `queue` is how many calls may wait for each island.
    pub fn new(islands: Vec<Loaded>, queue: NonZeroUsize) -> Self {
        Islands { islands, queue }
    }

    pub(super) fn len(&self) -> usize {
        self.islands.len()
    }

    /// The name of an island in messages.
    pub(super) fn name(&self, number: usize) -> &str {
        &self.islands[number].name
    }

    pub(super) fn code(&self, number: usize) -> (&Engine, &Code) {
        let island = &self.islands[number];
        (&island.engine, &island.code)
    }

    /// How many calls may wait for an island.
    pub(super) fn queue(&self) -> usize {
        self.queue.get()
    }

    /// Whether a function is exported as two halves.
    pub(super) fn is_split(&self, number: usize, target: &Target) -> bool {
        let Code::Split(pre) = &self.islands[number].code else {
            return false;
        };
        let component: &Component = pre.component();
        let (start, _) = split_name(&target.function);
        let interface = target.interface.as_deref();
        let interface = interface.map(|it| component.get_export_index(None, it));
        match interface {
            Some(None) => false,
            Some(Some(it)) => component.get_export_index(Some(&it), &start).is_some(),
            None => component.get_export_index(None, &start).is_some(),
        }
    }
}
