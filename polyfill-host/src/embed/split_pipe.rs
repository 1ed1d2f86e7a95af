//! Pipes of split components, with the host at one end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use isyswasfa_core::{Items, Units};
use wasmtime::component::{Resource, ResourceDynamic, Val};
use wasmtime::{Result, StoreContextMut, bail};

use super::channel::{Sender, channel_within};
use super::end::Batches;
use super::value::{Carrier, Handles, NoHandles, UNEXPECTED, Value};
use crate::pipes::{self, BytesPipe, Chunk, Reader, UnitPipe, VALUE_READER, Values};
use crate::split::{Later, SplitView};

/// How many bytes of a guest's write are taken at once, and how many of the host's write are given to a guest at once. Items in
/// a pipe count against the guest's budget.
const MAX_BYTES: usize = 1 << 20;
const MAX_ITEMS: usize = 1 << 12;

/// The reader of a pipe of values, for a guest.
pub fn value_reader(rep: u32) -> ResourceDynamic {
    ResourceDynamic::new_own(rep, VALUE_READER)
}

/// A reader that was handed over, as an item of another pipe.
pub fn to_val(rep: u32, carrier: Carrier, handles: &mut impl Handles) -> Result<Val> {
    Ok(Val::Resource(match carrier {
        Carrier::Bytes => handles.own::<Reader<BytesPipe>>(rep)?,
        Carrier::Units => handles.own::<Reader<UnitPipe>>(rep)?,
        Carrier::Values => handles.own_dynamic(value_reader(rep))?,
    }))
}

/// The reader in an item of another pipe.
pub fn of_val(val: Val, carrier: Carrier, handles: &mut impl Handles) -> Result<u32> {
    let Val::Resource(handle) = val else {
        bail!(UNEXPECTED);
    };
    Ok(match carrier {
        Carrier::Bytes => taken::<BytesPipe>(handles.taken(handle)?),
        Carrier::Units => taken::<UnitPipe>(handles.taken(handle)?),
        Carrier::Values => handles.taken_dynamic(handle)?.rep(),
    })
}

fn taken<P: 'static>(reader: Resource<Reader<P>>) -> u32 {
    reader.rep()
}

/// The host reads a pipe whose reader a guest has handed over.
pub fn read<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    rep: u32,
    carrier: Carrier,
) -> Result<Batches<T>> {
    let ctx = store.data_mut().split();
    let (sender, receiver) = channel_within(ctx.budget.share());
    let later = ctx.later.clone();
    match carrier {
        Carrier::Bytes => {
            let (core, pipes) = (&mut ctx.core, &mut ctx.pipes.bytes);
            pipes.attach_sink(core, rep, Sink { sender, later })?;
        }
        Carrier::Units => {
            ctx.pipes
                .units
                .attach_sink(&mut ctx.core, rep, Sink { sender, later })?
        }
        Carrier::Values => {
            let sink = ValueSink {
                sink: Sink { sender, later },
                deliver: deliver::<T, S>,
            };
            ctx.pipes.values.attach_sink(&mut ctx.core, rep, sink)?;
        }
    }
    Ok(Batches::new(receiver))
}

/// The host writes a pipe: its reader.
pub fn write<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    batches: Batches<T>,
    carrier: Carrier,
) -> Result<u32> {
    let ctx = store.data_mut().split();
    match carrier {
        Carrier::Bytes => {
            let (core, pipes) = (&mut ctx.core, &mut ctx.pipes.bytes);
            pipes.add_source(core, Source(batches))
        }
        Carrier::Units => ctx.pipes.units.add_source(&ctx.core, Source(batches)),
        Carrier::Values => {
            let source = ValueSource {
                batches,
                converted: Arc::default(),
                convert: convert::<T, S>,
                later: ctx.later.clone(),
            };
            ctx.pipes.values.add_source(&ctx.core, source)
        }
    }
}

/// Delivers a guest's writes to the host's reader.
struct Sink<T> {
    sender: Sender<T>,
    later: Arc<Later>,
}

impl<T: Value> Sink<T> {
    fn poll_room(&self, cx: &mut Context<'_>, max: usize) -> Poll<Option<usize>> {
        self.sender
            .poll_ready(cx)
            .map(|ready| ready.is_ok().then_some(max))
    }

    fn send(&self, items: Vec<T>) {
        // If the reader has gone meanwhile, the next write is told.
        let _ = self.sender.send(items);
    }
}

impl<T: Value> pipes::Sink<Chunk> for Sink<T> {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        Sink::poll_room(self, cx, MAX_BYTES)
    }

    fn put(&mut self, items: Chunk) {
        self.sender.weigh(items.len());
        self.send(T::from_bytes(items.0));
    }

    fn close(self: Box<Self>) {}
}

impl<T: Value> pipes::Sink<Units> for Sink<T> {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        Sink::poll_room(self, cx, MAX_BYTES)
    }

    fn put(&mut self, items: Units) {
        self.send(T::from_count(items.0));
    }

    fn close(self: Box<Self>) {}
}

/// The same for values. Values with handles have to be converted where the store is at hand.
struct ValueSink<T: Value> {
    sink: Sink<T>,
    /// [`deliver`] in a store of this data.
    deliver: fn(&Sink<T>, Values),
}

impl<T: Value> pipes::Sink<Values> for ValueSink<T> {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        self.sink.poll_room(cx, MAX_ITEMS)
    }

    fn put(&mut self, items: Values) {
        self.sink.sender.weigh(items.weight());
        (self.deliver)(&self.sink, items);
    }

    fn close(self: Box<Self>) {}
}

fn deliver<T: Value, S: SplitView>(sink: &Sink<T>, items: Values) {
    if T::HANDLES {
        let place = sink.sender.reserve();
        sink.later.push::<S>(move |mut store| {
            let mut items = from_values::<T>(items, &mut store)?;
            for item in &mut items {
                item.arrive(&mut store)?;
            }
            place.send(items);
            Ok(())
        });
        return;
    }
    match from_values(items, &mut NoHandles) {
        Ok(items) => sink.send(items),
        // A trap, which cannot be returned from here.
        Err(error) => sink.later.push::<S>(|_| Err(error)),
    }
}

fn from_values<T: Value>(items: Values, handles: &mut impl Handles) -> Result<Vec<T>> {
    let items = items.into_vec().into_iter();
    items.map(|item| T::from_val(item, handles)).collect()
}

/// Delivers the host's writes to a reading guest.
struct Source<T>(Batches<T>);

impl<T: Value> pipes::Source<Chunk> for Source<T> {
    fn poll_items(&mut self, cx: &mut Context<'_>, _: usize) -> Poll<Option<Chunk>> {
        let batch = self.0.poll_part(cx, MAX_BYTES);
        batch.map(|batch| Some(Chunk(T::into_bytes(batch?))))
    }
}

impl<T: Value> pipes::Source<Units> for Source<T> {
    fn poll_items(&mut self, cx: &mut Context<'_>, _: usize) -> Poll<Option<Units>> {
        self.0.poll_next(cx).map(|batch| Some(Units(batch?.len())))
    }
}

/// The same for values. Handles have to be made where the store is at hand.
struct ValueSource<T: Value> {
    batches: Batches<T>,
    converted: Arc<Mutex<Converted>>,
    /// [`convert`] in a store of this data.
    convert: fn(&ValueSource<T>, Vec<T>) -> Option<Values>,
    later: Arc<Later>,
}

/// A batch that is being converted in the store.
#[derive(Default)]
struct Converted {
    under_way: bool,
    items: Option<Values>,
    waker: Option<Waker>,
    /// Whether the source is gone.
    unwanted: bool,
}

fn lock(converted: &Mutex<Converted>) -> MutexGuard<'_, Converted> {
    converted.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Value> pipes::Source<Values> for ValueSource<T> {
    fn poll_items(&mut self, cx: &mut Context<'_>, _: usize) -> Poll<Option<Values>> {
        loop {
            {
                let mut converted = lock(&self.converted);
                if let Some(items) = converted.items.take() {
                    return Poll::Ready(Some(items));
                }
                if converted.under_way {
                    converted.waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
            match self.batches.poll_part(cx, MAX_ITEMS) {
                Poll::Ready(Some(batch)) if batch.is_empty() => {}
                Poll::Ready(Some(batch)) => {
                    if let Some(items) = (self.convert)(self, batch) {
                        return Poll::Ready(Some(items));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<T: Value> Drop for ValueSource<T> {
    fn drop(&mut self) {
        let items = {
            let mut converted = lock(&self.converted);
            converted.unwanted = true;
            converted.items.take()
        };
        if let Some(items) = items {
            let mut handles = Vec::new();
            items.handles(&mut handles);
            self.later.drop_handles(handles);
        }
    }
}

/// The batch in the guest's form: at once, or `None` and later in `converted`.
fn convert<T: Value, S: SplitView>(source: &ValueSource<T>, mut batch: Vec<T>) -> Option<Values> {
    if !T::HANDLES {
        return match to_values(batch, &mut NoHandles) {
            Ok(items) => Some(items),
            Err(error) => {
                source.later.push::<S>(|_| Err(error));
                lock(&source.converted).under_way = true;
                None
            }
        };
    }
    lock(&source.converted).under_way = true;
    let converted = source.converted.clone();
    source.later.push::<S>(move |mut store| {
        if lock(&converted).unwanted {
            return Ok(());
        }
        for item in &mut batch {
            item.leave(&mut store)?;
        }
        let items = to_values(batch, &mut store)?;
        let waker = {
            let mut converted = lock(&converted);
            converted.under_way = false;
            converted.items = Some(items);
            converted.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    });
    None
}

fn to_values<T: Value>(batch: Vec<T>, handles: &mut impl Handles) -> Result<Values> {
    let items = batch.into_iter().map(|item| item.into_val(handles));
    Ok(items.collect::<Result<Vec<_>>>()?.into())
}
