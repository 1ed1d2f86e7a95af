//! A reader as a `futures::Stream`.

use super::stream::{StreamOps, StreamVtable};
use super::stream_reader::RawStreamReader;
use futures_core::Stream;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A `stream<T>`'s reader as a [`Stream`] of `T`.
pub type StreamReaderStream<T> = RawStreamReaderStream<&'static StreamVtable<T>>;

/// A `stream<T>`'s reader as a [`Stream`] of `T`: see [`RawStreamReader::into_stream`].
pub struct RawStreamReaderStream<O: StreamOps + 'static>(State<O>);

enum State<O: StreamOps + 'static> {
    Idle(RawStreamReader<O>),
    Reading(Pin<Box<dyn Future<Output = Next<O>>>>),
    Ended,
}

type Next<O> = (RawStreamReader<O>, Option<<O as StreamOps>::Payload>);

// The future is pinned on its own.
impl<O: StreamOps + 'static> Unpin for RawStreamReaderStream<O> {}

impl<O: StreamOps + 'static> RawStreamReaderStream<O> {
    /// Reads from `reader`, one item at a time.
    pub fn new(reader: RawStreamReader<O>) -> Self {
        RawStreamReaderStream(State::Idle(reader))
    }

    /// The reader, unless a read is under way or the stream has ended.
    pub fn into_inner(self) -> Option<RawStreamReader<O>> {
        match self.0 {
            State::Idle(reader) => Some(reader),
            State::Reading(_) | State::Ended => None,
        }
    }
}

impl<O: StreamOps + 'static> Stream for RawStreamReaderStream<O> {
    type Item = O::Payload;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O::Payload>> {
        let mut read = match std::mem::replace(&mut self.0, State::Ended) {
            State::Idle(mut reader) => Box::pin(async move {
                let item = reader.next().await;
                (reader, item)
            }),
            State::Reading(read) => read,
            State::Ended => return Poll::Ready(None),
        };
        let poll = read.as_mut().poll(cx);
        if poll.is_pending() {
            self.0 = State::Reading(read);
        }
        let (reader, item) = ready!(poll);
        if item.is_some() {
            self.0 = State::Idle(reader);
        }
        Poll::Ready(item)
    }
}

impl<O: StreamOps + 'static> RawStreamReader<O> {
    /// The reader as a [`Stream`].
    pub fn into_stream(self) -> RawStreamReaderStream<O> {
        RawStreamReaderStream::new(self)
    }
}
