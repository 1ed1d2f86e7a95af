//! Streams and futures of native components, with the host at one end.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use wasmtime::component::{
    Destination, FutureConsumer, FutureProducer, FutureReader, Source, StreamConsumer,
    StreamProducer, StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{Result, StoreContextMut};

use super::channel::{Sender, channel_within};
use super::end::Batches;
use super::value::{Value, weight_of};
use crate::split::SplitView;

/// How many bytes of a guest's write are taken at once.
const MAX_BYTES: usize = 1 << 20;

/// The host reads a stream.
pub fn read_stream<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    reader: StreamReader<T>,
) -> Result<Batches<T>> {
    let (sender, receiver) = channel_within(store.data_mut().split().budget.share());
    reader.pipe(store, Consumer(sender))?;
    Ok(Batches::new(receiver))
}

/// The host reads a future.
pub fn read_future<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    reader: FutureReader<T>,
) -> Result<Batches<T>> {
    let (sender, receiver) = channel_within(store.data_mut().split().budget.share());
    reader.pipe(store, Consumer(sender))?;
    Ok(Batches::new(receiver))
}

/// The host writes a stream.
pub fn write_stream<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    batches: Batches<T>,
) -> Result<StreamReader<T>> {
    StreamReader::new(store, Producer(batches))
}

/// The host writes a future.
pub fn write_future<T: Value, S: SplitView>(
    store: &mut StoreContextMut<'_, S>,
    batches: Batches<T>,
) -> Result<FutureReader<T>> {
    FutureReader::new(store, Producer(batches))
}

struct Consumer<T>(Sender<T>);

impl<T: Value, S: SplitView> StreamConsumer<S> for Consumer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<S>,
        mut source: Source<'_, T>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        match self.0.poll_ready(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => return Poll::Pending,
        }
        let max = MAX_BYTES / T::SIZE32.max(1);
        let wanted = source.remaining(&mut store).min(max.max(1));
        if wanted > 0 {
            let mut batch = Vec::with_capacity(wanted);
            source.read(&mut store, &mut batch)?;
            for item in &mut batch {
                item.arrive(&mut store)?;
            }
            self.0.weigh(weight_of(&batch));
            // If the reader has gone meanwhile, the next write is told.
            let _ = self.0.send(batch);
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl<T: Value, S: SplitView> FutureConsumer<S> for Consumer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<S>,
        mut source: Source<'_, T>,
        _: bool,
    ) -> Poll<Result<()>> {
        let mut value = None;
        source.read(&mut store, &mut value)?;
        if let Some(mut value) = value {
            T::arrive(&mut value, &mut store)?;
            self.0.weigh(size_of::<T>() + value.weight());
            // A value that nobody reads is dropped.
            let _ = self.0.send(vec![value]);
        }
        Poll::Ready(Ok(()))
    }
}

struct Producer<T>(Batches<T>);

impl<T: Value, S: SplitView> StreamProducer<S> for Producer<T> {
    type Item = T;
    type Buffer = VecBuffer<T>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, S>,
        mut destination: Destination<'a, T, VecBuffer<T>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        // Only taking an item shows whether there is one, and a read of length 0 must not take any.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        loop {
            match self.0.poll_next(cx) {
                Poll::Ready(Some(batch)) if batch.is_empty() => {}
                Poll::Ready(Some(mut batch)) => {
                    for item in &mut batch {
                        item.leave(&mut store)?;
                    }
                    destination.set_buffer(batch.into());
                    return Poll::Ready(Ok(StreamResult::Completed));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(StreamResult::Dropped)),
                Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<T: Value, S: SplitView> FutureProducer<S> for Producer<T> {
    type Item = T;

    fn poll_produce(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<S>,
        finish: bool,
    ) -> Poll<Result<Option<T>>> {
        let batch = match self.0.poll_next(cx) {
            Poll::Pending if finish => return Poll::Ready(Ok(None)),
            polled => ready!(polled),
        };
        match batch.and_then(|mut batch| batch.pop()) {
            Some(mut value) => {
                value.leave(&mut store)?;
                Poll::Ready(Ok(Some(value)))
            }
            None => Poll::Ready(Err(wasmtime::format_err!(
                "the host has dropped the writer of a future that a guest reads"
            ))),
        }
    }
}
