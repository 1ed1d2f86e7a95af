//! `stream<T>` in the host: its readable end, from a guest or for one, and the writable end of those that the host makes.

use std::fmt;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, Stream};
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{self, ComponentType, Lift, Lower, Resource, ResourceDynamic, Val};
use wasmtime::{Result, StoreContextMut, bail};

use super::abi::handle_abi;
use super::channel::{Sender, channel};
use super::end::End;
use super::value::{Carrier, Handles, Value};
use super::{native_pipe, split_pipe};
use crate::pipes::{BytesPipe, Reader, UnitPipe};
use crate::split::SplitView;

/// The readable end of a `stream<T>`.
///
/// A reader that comes from a guest is read with [`read`](StreamReader::read) and the like, or passed on. A reader for a guest
/// is made with [`new`](StreamReader::new), of a [stream](StreamReader::from_stream) or of [items](StreamReader::from).
///
/// Dropping it tells the writer that nobody reads: at once, or in a native component when it writes next.
pub struct StreamReader<T: Value>(End<T, component::StreamReader<T>>);

impl<T: Value> StreamReader<T> {
    /// A stream that the host writes, for a guest to read (or the host).
    pub fn new() -> (StreamWriter<T>, StreamReader<T>) {
        let (sender, receiver) = channel();
        (StreamWriter(sender), StreamReader::from_stream(receiver))
    }

    /// A stream of the items of all `batches`, which is polled when somebody reads; nothing is fetched ahead.
    pub fn from_stream(batches: impl Stream<Item = Vec<T>> + Send + 'static) -> StreamReader<T> {
        StreamReader(End::here(batches))
    }

    /// The next items: at least one, and as many as the writer has written at once. `None` at the end.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn read(&mut self) -> Option<Vec<T>> {
        loop {
            let batch = poll_fn(|cx| self.0.batches().poll_next(cx)).await?;
            if !batch.is_empty() {
                return Some(batch);
            }
        }
    }

    /// The next item; `None` at the end. One by one is slow for bytes: see [`read`](StreamReader::read).
    ///
    /// # Cancellation
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|cx| self.0.batches().poll_item(cx)).await
    }

    /// All items until the end.
    pub async fn collect(mut self) -> Vec<T> {
        let mut all = Vec::new();
        while let Some(batch) = self.read().await {
            if all.is_empty() {
                all = batch
            } else {
                all.extend(batch)
            }
        }
        all
    }
}

impl<T: Value> From<Vec<T>> for StreamReader<T> {
    /// A stream of these items.
    fn from(items: Vec<T>) -> Self {
        StreamReader::from_stream(stream::once(async { items }))
    }
}

/// Batches of items, as they were written.
impl<T: Value> Stream for StreamReader<T> {
    type Item = Vec<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<T>>> {
        self.0.batches().poll_next(cx)
    }
}

impl<T: Value> fmt::Debug for StreamReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamReader")
    }
}

/// Its source is in a pinned box.
impl<T: Value> Unpin for StreamReader<T> {}

/// The writable end of a stream that the host has made. Dropping it ends the stream.
pub struct StreamWriter<T>(Sender<T>);

/// The error of a write without a reader; it has the items that were not sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed<T>(pub Vec<T>);

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream's reader was dropped")
    }
}

impl<T: fmt::Debug> std::error::Error for Closed<T> {}

impl<T> StreamWriter<T> {
    /// Writes items. Waits until the items of the last write have been read, so at most one write is under way.
    ///
    /// # Errors
    ///
    /// If the reader was dropped: the items come back.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, nothing was written.
    pub async fn write(&mut self, items: Vec<T>) -> Result<(), Closed<T>> {
        if items.is_empty() {
            return Ok(());
        }
        match poll_fn(|cx| self.0.poll_ready(cx)).await {
            Ok(()) => self.0.send(items).map_err(Closed),
            Err(_) => Err(Closed(items)),
        }
    }

    /// Writes one item, as [`write`](StreamWriter::write) does.
    ///
    /// # Errors
    ///
    /// If the reader was dropped: the item comes back.
    pub async fn write_one(&mut self, item: T) -> Result<(), Closed<T>> {
        self.write(vec![item]).await
    }

    /// Waits until the reader is dropped.
    pub async fn closed(&self) {
        poll_fn(|cx| self.0.poll_gone(cx)).await;
    }
}

impl<T> fmt::Debug for StreamWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamWriter")
    }
}

handle_abi! {
    impl<T: [Value]> for StreamReader<T>;
    typecheck(ty, types) {
        match (ty, T::CARRIER) {
            (InterfaceType::Stream(_), _) => component::StreamReader::<T>::typecheck(ty, types),
            (_, Carrier::Bytes) => Resource::<Reader<BytesPipe>>::typecheck(ty, types),
            (_, Carrier::Units) => Resource::<Reader<UnitPipe>>::typecheck(ty, types),
            (_, Carrier::Values) => ResourceDynamic::typecheck(ty, types),
        }
    }
    lower(this, ty, with) {
        match (&this.0, T::CARRIER) {
            (End::Native(reader), _) => with!(reader),
            (End::Split(rep), Carrier::Bytes) => with!(Resource::<Reader<BytesPipe>>::new_own(*rep)),
            (End::Split(rep), Carrier::Units) => with!(Resource::<Reader<UnitPipe>>::new_own(*rep)),
            (End::Split(rep), Carrier::Values) => with!(split_pipe::value_reader(*rep)),
            (End::Here(_), _) => bail!("a stream that has not left"),
        }
    }
    lift(ty, from) {
        Ok(StreamReader(match (ty, T::CARRIER) {
            (InterfaceType::Stream(_), _) => End::Native(from!(component::StreamReader<T>)?),
            (_, Carrier::Bytes) => End::Split(from!(Resource<Reader<BytesPipe>>)?.rep()),
            (_, Carrier::Units) => End::Split(from!(Resource<Reader<UnitPipe>>)?.rep()),
            (_, Carrier::Values) => End::Split(from!(ResourceDynamic)?.rep()),
        }))
    }
}

impl<T: Value> Value for StreamReader<T> {
    const HANDLES: bool = true;

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        self.0.arrive(|end| match end {
            End::Native(reader) => native_pipe::read_stream(store, reader),
            End::Split(rep) => split_pipe::read(store, rep, T::CARRIER),
            End::Here(batches) => Ok(batches),
        })
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        self.0.leave(|batches| {
            Ok(if store.data_mut().split().later.is_native() {
                End::Native(native_pipe::write_stream(store, batches)?)
            } else {
                End::Split(split_pipe::write(store, batches, T::CARRIER)?)
            })
        })
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        split_pipe::to_val(self.0.rep()?, T::CARRIER, handles)
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        let rep = split_pipe::of_val(val, T::CARRIER, handles)?;
        Ok(StreamReader(End::Split(rep)))
    }
}
