//! The pipes of one kind in a store: every operation of a guest's end, and the progress of the host's ends.

use std::any::Any;
use std::task::{Context, Poll, Waker};

use isyswasfa_core::{Dropped, Ends, Fault, Items, Outcome};
use slab::Slab;
use wasmtime::{Result, bail};

use super::ends::{Sink, Source};
use super::tables::PipeKind;
use crate::core::{Budget, ComponentIndex, Core, PipeId, PipeName, Share, Waiter, Wake};

/// The approximate size of a host's end beside the pipe: its own state and its waker.
const HOST_END: usize = 256;

/// The pipes of one kind. Both ends' handles have the pipe's index as their representation.
pub struct Pipes<I> {
    slab: Slab<Entry<I>>,
    /// The number of this table.
    place: u32,
    kind: PipeKind,
    generation: u32,
    max: usize,
    budget: Budget,
    /// The budget for the table itself.
    slots: Share,
    /// The items that were lost in dropped pipes, if they have to be disposed of.
    lost: Option<Vec<I>>,
}

struct Entry<I> {
    generation: u32,
    ends: Ends<I, Waiter>,
    /// The host's end, if the host is the writer.
    source: Option<Box<dyn Source<I>>>,
    /// Items of the source beyond those that were asked for.
    rest: I,
    /// The size of a guest's read that waits and has got nothing yet.
    wanted: Option<usize>,
    /// The host's end, if the host is the reader.
    sink: Option<Box<dyn Sink<I>>>,
    /// The waker of the host's end.
    waker: Option<Waker>,
    /// The budget for the items in it.
    share: Share,
}

impl<I: Items + Send + 'static> Pipes<I> {
    /// An empty table, for at most `max` pipes with items within `budget`.
    pub(super) fn new(place: u32, kind: PipeKind, max: usize, budget: &Budget) -> Self {
        Pipes {
            slab: Slab::new(),
            place,
            kind,
            generation: 0,
            max,
            budget: budget.clone(),
            slots: budget.share(),
            lost: None,
        }
    }

    /// Keeps items that are lost in dropped pipes, for `take_lost`.
    pub(crate) fn keep_lost(mut self) -> Self {
        self.lost = Some(Vec::new());
        self
    }

    /// The items that were lost since the last call.
    pub(crate) fn take_lost(&mut self) -> Vec<I> {
        self.lost.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// How many pipes there are.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether any pipe waits for its end in the host.
    pub(crate) fn awaits_host(&self) -> bool {
        self.slab
            .iter()
            .any(|(_, entry)| match (&entry.source, &entry.sink) {
                (Some(_), Some(_)) => true,
                (Some(_), None) => entry.wanted.is_some(),
                (None, Some(_)) => entry.ends.pipe.is_offering(),
                (None, None) => false,
            })
    }

    /// The guests that wait in a read, and those that wait in a write.
    pub(crate) fn waiters(&self) -> (Vec<ComponentIndex>, Vec<ComponentIndex>) {
        let guest = |waiter: Option<&Waiter>| match waiter {
            Some(Waiter::Guest { component, .. }) => Some(*component),
            Some(Waiter::Host(())) | None => None,
        };
        let (mut readers, mut writers) = (Vec::new(), Vec::new());
        for (_, entry) in &self.slab {
            let (reader, writer) = entry.ends.pipe.waiters();
            readers.extend(guest(reader));
            writers.extend(guest(writer));
        }
        (readers, writers)
    }

    /// A pipe with a guest at both ends.
    ///
    /// # Errors
    ///
    /// If there are too many pipes: a trap.
    pub fn create(&mut self) -> Result<u32> {
        if self.slab.len() >= self.max {
            bail!(
                "more than {} streams and futures of one type (`-S max-streams=N` allows more)",
                self.max
            );
        }
        self.generation = self.generation.wrapping_add(1);
        let index = self.slab.insert(Entry {
            generation: self.generation,
            ends: Ends::default(),
            source: None,
            rest: I::default(),
            wanted: None,
            sink: None,
            waker: None,
            share: self.budget.share(),
        }) as u32;
        self.slots.set(self.slab.capacity() * size_of::<Entry<I>>());
        // A guest can hardly make the host hold anything without a pipe.
        self.budget.check("a stream or future")?;
        Ok(index)
    }

    /// Makes a pipe that the host writes, and returns its reader.
    ///
    /// # Errors
    ///
    /// If there are too many pipes: a trap.
    pub fn add_source(&mut self, core: &Core, source: impl Source<I>) -> Result<u32> {
        let index = self.create()?;
        let waker = self.waker(core, index);
        let entry = &mut self.slab[index as usize];
        entry.source = Some(Box::new(source));
        entry.waker = Some(waker);
        entry.weigh();
        Ok(index)
    }

    /// Reads a pipe, whose reader a guest has handed over, into `sink`.
    ///
    /// # Errors
    ///
    /// If there is no such pipe, or a guest leaves too many events: a trap.
    pub fn attach_sink(&mut self, core: &mut Core, index: u32, sink: impl Sink<I>) -> Result<()> {
        let waker = self.waker(core, index);
        let entry = self.entry(index)?;
        // This ends a read of the former owner.
        let left = entry.ends.pipe.cancel_read();
        entry.wanted = None;
        entry.sink = Some(Box::new(sink));
        entry.waker = Some(waker);
        self.lose(left);
        self.pump_index(core, index)
    }

    /// Takes the source out of a pipe that the host writes, if the source is an `S`; the pipe ends.
    ///
    /// `None`, and the pipe stays, if the source has another type, or has given more items than were read.
    pub fn take_source<S: Source<I>>(&mut self, index: u32) -> Option<S> {
        let entry = self.slab.get_mut(index as usize)?;
        if !entry.rest.is_empty() || entry.ends.pipe.is_offering() || entry.ends.pipe.is_demanding()
        {
            return None;
        }
        let source: &dyn Any = entry.source.as_deref()?;
        if !source.is::<S>() {
            return None;
        }
        let source: Box<dyn Any> = entry.source.take()?;
        self.slab.remove(index as usize);
        source.downcast().ok().map(|source| *source)
    }

    /// A guest reads, or asks again how its read went.
    pub(crate) fn read(
        &mut self,
        core: &mut Core,
        index: u32,
        waiter: Waiter,
        max: usize,
    ) -> Result<Outcome<I>> {
        let (pipe, entry) = self.named(index)?;
        let (mut outcome, wake) = entry.ends.pipe.read(max, waiter);
        entry.keep_rest();
        if matches!(outcome, Outcome::Blocked) && entry.source.is_some() {
            entry.wanted = Some(max);
            if entry.pump_source().is_some() {
                outcome = entry.ends.pipe.read(max, waiter).0;
                entry.keep_rest();
            }
        }
        if core.is_traced() {
            let outcome = outcome.as_ref().map(I::len);
            core.traced(|trace| trace.piped(pipe, "read", waiter, &outcome));
        }
        core.notify(wake)?;
        self.sweep(index);
        Ok(outcome)
    }

    /// A guest gives up its read. Returns the items that it had got.
    pub(crate) fn cancel_read(&mut self, index: u32) -> Result<I> {
        let entry = self.entry(index)?;
        entry.wanted = None;
        let items = entry.ends.pipe.cancel_read();
        entry.weigh();
        Ok(items)
    }

    /// A guest gives back the last items that it has read. `false` if their writer already knows that they were taken.
    pub(crate) fn unread(&mut self, index: u32, items: I) -> Result<bool> {
        let entry = self.entry(index)?;
        let done = entry.ends.pipe.unread(items);
        entry.weigh();
        Ok(done)
    }

    /// A guest offers items.
    pub(crate) fn write(
        &mut self,
        core: &mut Core,
        index: u32,
        waiter: Waiter,
        items: I,
    ) -> Result<Outcome<usize>> {
        let left = self.entry(index)?.ends.begin_write()?;
        self.lose(left);
        let (pipe, entry) = self.named(index)?;
        let refused = entry.refuse(items.len());
        let (outcome, wake) = entry.ends.pipe.write(items, waiter);
        let wake = refused.or(wake);
        core.traced(|trace| trace.piped(pipe, "write", waiter, &outcome));
        self.woken_by_write(core, index, wake)?;
        self.budget.check(self.kind.what)?;
        Ok(outcome)
    }

    /// A guest asks how its write went, or offers again what was left of it.
    pub(crate) fn written(
        &mut self,
        core: &mut Core,
        index: u32,
        waiter: Waiter,
    ) -> Result<Outcome<usize>> {
        let (pipe, entry) = self.named(index)?;
        let (outcome, wake) = entry.ends.pipe.written(waiter);
        core.traced(|trace| trace.piped(pipe, "write", waiter, &outcome));
        self.woken_by_write(core, index, wake)?;
        Ok(outcome)
    }

    /// Notifies the reader of a write: a guest, or the host's end, which goes on at once.
    fn woken_by_write(&mut self, core: &mut Core, index: u32, wake: Option<Waiter>) -> Result<()> {
        if wake == Some(Waiter::Host(())) {
            return self.pump_index(core, index);
        }
        core.notify(wake)?;
        self.entry(index)?.weigh();
        Ok(())
    }

    /// A guest gives up its write. Returns how many items were taken.
    pub(crate) fn cancel_write(&mut self, index: u32) -> Result<usize> {
        Ok(self.entry(index)?.ends.pipe.cancel_write())
    }

    /// The items of a guest's last write that no reader took.
    pub(crate) fn take_back(&mut self, index: u32) -> Result<I> {
        let entry = self.entry(index)?;
        let items = entry.ends.pipe.take_back();
        entry.weigh();
        Ok(items)
    }

    /// The reader's handle is dropped, by a guest or by the host.
    ///
    /// # Errors
    ///
    /// If a guest leaves too many events: a trap.
    pub fn drop_reader(&mut self, core: &mut Core, index: u32) -> Result<()> {
        let Ok((pipe, entry)) = self.named(index) else {
            return Ok(());
        };
        let Dropped { lost, wake } = entry.ends.drop_reader();
        let rest = std::mem::take(&mut entry.rest);
        if entry.source.take().is_some() {
            entry.ends.close_writer();
        }
        if wake.is_some() {
            core.traced(|trace| trace.dropped(pipe, "reader"));
        }
        core.notify(wake)?;
        self.lose(lost);
        self.lose(rest);
        self.sweep(index);
        Ok(())
    }

    /// The writer's handle is dropped.
    ///
    /// # Errors
    ///
    /// If a guest leaves too many events: a trap.
    pub fn drop_writer(&mut self, core: &mut Core, index: u32) -> Result<()> {
        let Ok((pipe, entry)) = self.named(index) else {
            return Ok(());
        };
        let Dropped { lost, wake } = entry.ends.drop_writer();
        if wake.is_some() {
            core.traced(|trace| trace.dropped(pipe, "writer"));
        }
        core.notify(wake)?;
        self.lose(lost);
        self.pump_index(core, index)
    }

    /// Goes on with the host's end after its waker was called.
    pub(crate) fn pump(&mut self, core: &mut Core, id: PipeId) -> Result<()> {
        match self.slab.get(id.index as usize) {
            Some(entry) if entry.generation == id.generation => self.pump_index(core, id.index),
            _ => Ok(()),
        }
    }

    fn pump_index(&mut self, core: &mut Core, index: u32) -> Result<()> {
        let entry = self.entry(index)?;
        let wake = match (&entry.source, &entry.sink) {
            (Some(_), Some(_)) => {
                entry.pump_through();
                None
            }
            (Some(_), None) => entry.pump_source(),
            (None, Some(_)) => entry.pump_sink(),
            (None, None) => None,
        };
        core.notify(wake)?;
        self.sweep(index);
        Ok(())
    }

    fn entry(&mut self, index: u32) -> Result<&mut Entry<I>> {
        match self.slab.get_mut(index as usize) {
            Some(entry) => Ok(entry),
            None => Err(Fault::UnknownPipe(index).into()),
        }
    }

    /// A pipe, and its name in a trace.
    fn named(&mut self, index: u32) -> Result<(PipeName, &mut Entry<I>)> {
        let kind = self.kind.name;
        let entry = self.entry(index)?;
        let number = entry.generation;
        Ok((PipeName { kind, number }, entry))
    }

    fn waker(&self, core: &Core, index: u32) -> Waker {
        core.waker(Wake::Pipe(PipeId {
            table: self.place,
            index,
            generation: self.slab.get(index as usize).map_or(0, |e| e.generation),
        }))
    }

    /// Removes the pipe once both ends are gone; otherwise counts the items in it.
    fn sweep(&mut self, index: u32) {
        if let Some(entry) = self.slab.get_mut(index as usize) {
            if entry.ends.is_over() {
                self.slab.remove(index as usize);
            } else {
                entry.weigh();
            }
        }
    }

    fn lose(&mut self, items: I) {
        if let Some(lost) = &mut self.lost
            && !items.is_empty()
        {
            lost.push(items);
        }
    }
}

impl<I: Items + 'static> Entry<I> {
    /// Counts the items in it.
    fn weigh(&mut self) {
        let host_ends = usize::from(self.source.is_some()) + usize::from(self.sink.is_some());
        let held = self.ends.pipe.weight() + self.rest.weight();
        self.share.set(held + host_ends * HOST_END);
    }

    /// Keeps the rest of the source's offer outside of the pipe, to offer it again.
    fn keep_rest(&mut self) {
        if self.source.is_some()
            && self.ends.pipe.is_offering()
            && let (Outcome::Ready(_), _) = self.ends.pipe.written(Waiter::Host(()))
        {
            self.rest = self.ends.pipe.take_back();
        }
    }

    /// Gives items to the guest's waiting read. Returns the guest to wake.
    fn pump_source(&mut self) -> Option<Waiter> {
        let max = self.wanted?;
        let waker = self.waker.clone()?;
        loop {
            let items = if self.rest.is_empty() {
                let source = self.source.as_mut()?;
                match source.poll_items(&mut Context::from_waker(&waker), max.max(1)) {
                    Poll::Ready(Some(items)) => items,
                    Poll::Ready(None) => {
                        self.source = None;
                        self.wanted = None;
                        return self.ends.drop_writer().wake;
                    }
                    Poll::Pending => return None,
                }
            } else {
                std::mem::take(&mut self.rest)
            };
            if items.is_empty() {
                continue;
            }
            let (outcome, wake) = self.ends.pipe.write(items, Waiter::Host(()));
            if let Outcome::Ready(_) = outcome {
                self.rest = self.ends.pipe.take_back();
            }
            self.wanted = None;
            return wake;
        }
    }

    /// Drops the sink and the reader if the sink refuses a write of this many items. Returns the guest to wake.
    fn refuse(&mut self, items: usize) -> Option<Waiter> {
        if !self.sink.as_mut()?.refuses(items) {
            return None;
        }
        self.sink = None;
        self.ends.drop_reader().wake
    }

    /// Takes as much of the guest's write as there is room for. Returns the guest to wake.
    fn pump_sink(&mut self) -> Option<Waiter> {
        let waker = self.waker.clone()?;
        let mut woken = None;
        if self.ends.pipe.is_offering() && !self.ends.pipe.is_demanding() {
            // The pipe holds only the offer: the write began when nobody read.
            woken = self.refuse(self.ends.pipe.weight());
        }
        while let Some(sink) = &mut self.sink {
            match sink.poll_room(&mut Context::from_waker(&waker)) {
                Poll::Ready(Some(room)) => {
                    let (outcome, wake) = self.ends.pipe.read(room, Waiter::Host(()));
                    woken = woken.or(wake);
                    match outcome {
                        Outcome::Ready(items) => sink.put(items),
                        Outcome::Blocked => break,
                        Outcome::Closed => {
                            if let Some(sink) = self.sink.take() {
                                sink.close();
                            }
                            self.ends.close_reader();
                        }
                    }
                }
                Poll::Ready(None) => {
                    self.sink = None;
                    woken = self.ends.drop_reader().wake.or(woken);
                }
                Poll::Pending => break,
            }
        }
        woken
    }

    /// Moves items from the source to the sink, if both ends are the host's.
    fn pump_through(&mut self) {
        let Some(waker) = self.waker.clone() else {
            return;
        };
        let mut cx = Context::from_waker(&waker);
        while let (Some(source), Some(sink)) = (&mut self.source, &mut self.sink) {
            let room = match sink.poll_room(&mut cx) {
                Poll::Ready(Some(room)) => room,
                Poll::Ready(None) => {
                    self.end_host();
                    return;
                }
                Poll::Pending => return,
            };
            if self.rest.is_empty() {
                match source.poll_items(&mut cx, room) {
                    Poll::Ready(Some(items)) => self.rest = items,
                    Poll::Ready(None) => {
                        if let Some(sink) = self.sink.take() {
                            sink.close();
                        }
                        self.end_host();
                        return;
                    }
                    Poll::Pending => return,
                }
            }
            let n = room.min(self.rest.len());
            sink.put(self.rest.split_front(n));
        }
    }

    fn end_host(&mut self) {
        self.source = None;
        self.sink = None;
        self.ends.close_reader();
        self.ends.close_writer();
    }
}
