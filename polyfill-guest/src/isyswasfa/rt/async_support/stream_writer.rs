//! The writing end of a `stream<T>`.

use super::abi_buffer::AbiBuffer;
use super::pipe::{End, Outcome};
use super::stream::{MAX_LENGTH, StreamOps, StreamResult, StreamVtable};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The writing end of a `stream<T>`. Dropping it ends the stream.
pub type StreamWriter<T> = RawStreamWriter<&'static StreamVtable<T>>;

/// The writing end of a `stream<T>`. Dropping it ends the stream.
pub struct RawStreamWriter<O: StreamOps> {
    end: End,
    ops: O,
    /// The reader is known to be gone.
    done: bool,
}

impl<O: StreamOps> RawStreamWriter<O> {
    pub(super) fn new(handle: u32, ops: O) -> Self {
        RawStreamWriter {
            end: End::new(handle),
            ops,
            done: false,
        }
    }

    /// The number of the resource handle.
    pub fn handle(&self) -> u32 {
        self.end.handle()
    }

    /// Writes `values`, or as many of them as the reader takes at one go.
    ///
    /// The future's output is what it came to, and the values with a note of how many were sent:
    /// `Complete(n)` if the reader took `n`, `Dropped` if it is gone. No values: `Complete(0)` once a reader waits.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the write; the values that were not sent are dropped.
    /// [`cancel`](RawStreamWrite::cancel) gives them back and tells how many were.
    pub fn write(&mut self, values: Vec<O::Payload>) -> RawStreamWrite<'_, O> {
        let buf = AbiBuffer::new(values, self.ops.clone());
        self.write_buf(buf)
    }

    /// [`write`](Self::write), for what an earlier write has left.
    pub fn write_buf(&mut self, values: AbiBuffer<O>) -> RawStreamWrite<'_, O> {
        RawStreamWrite {
            writer: self,
            values: Some(values),
            under_way: false,
        }
    }

    /// Writes all `values`, in as many pieces as it takes. What comes back was not sent, because the reader is gone.
    pub async fn write_all(&mut self, values: Vec<O::Payload>) -> Vec<O::Payload> {
        let (mut result, mut values) = self.write(values).await;
        while let StreamResult::Complete(_) = result
            && values.remaining() > 0
        {
            (result, values) = self.write_buf(values).await;
        }
        values.into_vec()
    }

    /// Done when the reader is gone. (wit-bindgen has nothing like it: for those who wait for what they are to write, and need
    /// not wait any longer when nobody wants it.)
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn reader_dropped(&mut self) {
        // A write of nothing is done when a reader waits; after that the pipe tells once more when the reader is dropped.
        while self.write(Vec::new()).await.0 != StreamResult::Dropped {
            poll_fn(|cx| self.end.poll_unblocked(cx)).await;
        }
    }

    /// Writes one value. It comes back if the reader is gone.
    pub async fn write_one(&mut self, value: O::Payload) -> Option<O::Payload> {
        self.write_all(vec![value]).await.pop()
    }
}

impl<O: StreamOps> fmt::Debug for RawStreamWriter<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter")
            .field("handle", &self.end.handle())
            .finish()
    }
}

impl<O: StreamOps> Drop for RawStreamWriter<O> {
    fn drop(&mut self) {
        // SAFETY: we own the handle, and it is one of this pipe's.
        unsafe { (self.ops.pipe().drop_writer)(self.end.handle()) }
    }
}

/// A write under way.
pub type StreamWrite<'a, T> = RawStreamWrite<'a, &'static StreamVtable<T>>;

/// A write under way.
pub struct RawStreamWrite<'a, O: StreamOps> {
    writer: &'a mut RawStreamWriter<O>,
    /// None once the operation is over.
    values: Option<AbiBuffer<O>>,
    under_way: bool,
}

// Nothing in it is ever pinned.
impl<O: StreamOps> Unpin for RawStreamWrite<'_, O> {}

impl<O: StreamOps> RawStreamWrite<'_, O> {
    /// Ends the write, unless it is over already: what it came to, and the values.
    ///
    /// # Panics
    ///
    /// If the future's output, or that of an earlier `cancel`, has been taken.
    pub fn cancel(mut self: Pin<&mut Self>) -> (StreamResult, AbiBuffer<O>) {
        if !self.under_way {
            let values = self.values.take().expect("the write is over");
            return (StreamResult::Cancelled, values);
        }
        let pipe = self.writer.ops.pipe();
        // SAFETY: the pipe is the writer's.
        let outcome = unsafe { self.writer.end.written(pipe) };
        if let Some(output) = self.settle(outcome) {
            return output;
        }
        // SAFETY: as above.
        let n = unsafe { self.writer.end.cancel_write(pipe) };
        let (result, values) = self
            .settle(Outcome::Ready(n))
            .expect("`Ready` settles a write");
        match result {
            StreamResult::Complete(0) => (StreamResult::Cancelled, values),
            result => (result, values),
        }
    }

    fn start(&mut self) -> Option<(StreamResult, AbiBuffer<O>)> {
        let values = self.values.as_ref().expect("polled after it was ready");
        if self.writer.done {
            return Some((StreamResult::Dropped, self.values.take()?));
        }
        let (items, count) = values.unsent();
        let pipe = self.writer.ops.pipe();
        self.writer.end.rearm();
        // SAFETY: the items are those of this pipe, and whole.
        let outcome = unsafe { self.writer.end.write(pipe, items, count.min(MAX_LENGTH)) };
        self.under_way = true;
        self.settle(outcome)
    }

    fn settle(&mut self, outcome: Outcome<usize>) -> Option<(StreamResult, AbiBuffer<O>)> {
        let sent = match outcome {
            Outcome::Blocked => return None,
            Outcome::Ready(n) => n,
            Outcome::Closed => 0,
        };
        self.under_way = false;
        let mut values = self.values.take()?;
        values.advance(sent);
        if self.writer.ops.contains_handles() && values.remaining() > 0 {
            let writer = &mut *self.writer;
            let (pipe, item) = (writer.ops.pipe(), writer.ops.elem_layout());
            // SAFETY: they are those of this writer.
            values.restore(unsafe { writer.end.take_back(pipe, item) });
        }
        if let Outcome::Closed = outcome {
            self.writer.done = true;
            return Some((StreamResult::Dropped, values));
        }
        Some((StreamResult::Complete(sent), values))
    }
}

impl<O: StreamOps> Future for RawStreamWrite<'_, O> {
    type Output = (StreamResult, AbiBuffer<O>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        if !me.under_way
            && let Some(output) = me.start()
        {
            return Poll::Ready(output);
        }
        loop {
            ready!(me.writer.end.poll_unblocked(cx));
            // SAFETY: the pipe is the writer's.
            let outcome = unsafe { me.writer.end.written(me.writer.ops.pipe()) };
            if let Some(output) = me.settle(outcome) {
                return Poll::Ready(output);
            }
        }
    }
}

impl<O: StreamOps> Drop for RawStreamWrite<'_, O> {
    fn drop(&mut self) {
        if self.under_way {
            // SAFETY: the pipe is the writer's.
            let n = unsafe { self.writer.end.cancel_write(self.writer.ops.pipe()) };
            self.settle(Outcome::Ready(n));
        }
    }
}
