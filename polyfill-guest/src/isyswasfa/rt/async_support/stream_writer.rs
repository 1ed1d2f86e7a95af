//! The writing end of a `stream<T>`.

use super::abi_buffer::AbiBuffer;
use super::pipe::End;
use super::stream::{StreamOps, StreamResult, StreamVtable};
use super::window::Window;
use isyswasfa_core::Outcome;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

/// The writing end of a `stream<T>`. Dropping it ends the stream.
pub type StreamWriter<T> = RawStreamWriter<&'static StreamVtable<T>>;

/// The writing end of a `stream<T>`. Dropping it ends the stream.
pub struct RawStreamWriter<O: StreamOps> {
    end: End,
    ops: O,
    /// Whether the reader is known to be gone.
    done: bool,
    window: Window,
    /// How many items were passed to the pipe last.
    passed: usize,
    /// The number of the last write, if it has left items in the pipe.
    left_by: Option<u64>,
}

/// The number of the next write that leaves items in its pipe.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl<O: StreamOps> RawStreamWriter<O> {
    pub(super) fn new(handle: u32, ops: O) -> Self {
        RawStreamWriter {
            end: End::new(handle),
            window: Window::of(&ops),
            ops,
            done: false,
            passed: 0,
            left_by: None,
        }
    }

    /// The number of the resource handle.
    pub fn handle(&self) -> u32 {
        self.end.handle()
    }

    /// Writes `values`, or as many of them as the reader takes at once. At most 1 MiB or 16,384 values, whichever is less, are offered
    /// at once. So the cost follows what the reader takes, however many values there are.
    ///
    /// The future's output is the result, and the values with a note of how many were sent. The result is `Complete(n)` if the reader
    /// took `n`, and `Dropped` if it is gone. Without values it is `Complete(0)` once a reader waits.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the write. Values that were not sent are dropped.
    /// [`cancel`](RawStreamWrite::cancel) gives them back, and says how many were sent.
    pub fn write(&mut self, values: Vec<O::Payload>) -> RawStreamWrite<'_, O> {
        let buf = AbiBuffer::new(values, self.ops.clone());
        self.write_buf(buf)
    }

    /// [`write`](Self::write) for the values that an earlier write has left.
    pub fn write_buf(&mut self, values: AbiBuffer<O>) -> RawStreamWrite<'_, O> {
        RawStreamWrite {
            writer: self,
            values: Some(values),
            under_way: false,
            all: false,
        }
    }

    /// Writes all `values`, in as many pieces as it takes. Returns the values that were not sent because the reader is gone.
    pub async fn write_all(&mut self, values: Vec<O::Payload>) -> Vec<O::Payload> {
        let mut write = self.write(values);
        write.all = true;
        write.await.1.into_vec()
    }

    /// Waits until the reader is gone. It is for writers that wait for what they are to write, and need not wait any longer when nothing
    /// reads it. wit-bindgen has nothing like it.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn reader_dropped(&mut self) {
        // A write of nothing is done when a reader waits. After that the pipe sends the token once more when the reader is dropped.
        while self.write(Vec::new()).await.0 != StreamResult::Dropped {
            poll_fn(|cx| self.end.poll_unblocked(cx)).await;
        }
    }

    /// Writes one value. Returns it if the reader is gone.
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
    /// Whether it goes on until all values are sent.
    all: bool,
}

// Nothing in it is ever pinned.
impl<O: StreamOps> Unpin for RawStreamWrite<'_, O> {}

impl<O: StreamOps> RawStreamWrite<'_, O> {
    /// Ends the write, unless it is already over. Returns its result and the values.
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

    /// Offers values that have not been sent: those that an earlier write has left in the pipe, or the next window.
    fn offer(&mut self) -> Outcome<usize> {
        let values = self.values.as_mut().expect("polled after it was ready");
        let writer = &mut *self.writer;
        if writer.done {
            return Outcome::Closed;
        }
        let pipe = writer.ops.pipe();
        writer.end.rearm();
        if writer.left_by.is_some() && writer.left_by == values.left_by() {
            // SAFETY: the pipe is the writer's.
            match unsafe { writer.end.written(pipe) } {
                // The pipe kept only a part of what it was passed and has none left, or it was built without this function.
                Outcome::Ready(0) => writer.passed_in_vain(values),
                outcome => return outcome,
            }
        }
        writer.left_by = None;
        let (items, count) = values.offer(writer.window.items());
        writer.passed = count;
        // SAFETY: the items are those of this pipe, and whole.
        unsafe { writer.end.write(pipe, items, count) }
    }

    /// Takes note of the result of an offer. None: the offer stands, or the write goes on with the next one.
    fn settle(&mut self, outcome: Outcome<usize>) -> Option<(StreamResult, AbiBuffer<O>)> {
        self.under_way = matches!(outcome, Outcome::Blocked);
        let (sent, result) = match outcome {
            Outcome::Blocked => return None,
            Outcome::Ready(n) => (n, StreamResult::Complete(n)),
            Outcome::Closed => (0, StreamResult::Dropped),
        };
        let mut values = self.values.take()?;
        let writer = &mut *self.writer;
        values.advance(sent);
        if values.offered() > 0 {
            let write = NEXT.fetch_add(1, Relaxed);
            writer.left_by = Some(write);
            values.leave(write);
        } else if sent > 0 {
            writer.window.all_taken();
        }
        if result == StreamResult::Dropped {
            writer.done = true;
        } else if self.all && values.remaining() > 0 {
            self.values = Some(values);
            return None;
        }
        if writer.ops.contains_handles() && values.offered() > 0 {
            writer.passed_in_vain(&mut values);
        }
        Some((result, values))
    }
}

impl<O: StreamOps> RawStreamWriter<O> {
    /// What was passed to the pipe and not taken has to be passed again, if at all: handles are taken back, since they belong to the
    /// pipe.
    fn passed_in_vain(&mut self, values: &mut AbiBuffer<O>) {
        self.window.passed_in_vain(self.passed - values.offered());
        self.left_by = None;
        if self.ops.contains_handles() && values.offered() > 0 {
            let (pipe, item) = (self.ops.pipe(), self.ops.elem_layout());
            // SAFETY: they are those of this writer.
            values.restore(unsafe { self.end.take_back(pipe, item) });
        }
    }
}

impl<O: StreamOps> Future for RawStreamWrite<'_, O> {
    type Output = (StreamResult, AbiBuffer<O>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        loop {
            let outcome = if me.under_way {
                ready!(me.writer.end.poll_unblocked(cx));
                // SAFETY: the pipe is the writer's.
                unsafe { me.writer.end.written(me.writer.ops.pipe()) }
            } else {
                me.offer()
            };
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
            self.all = false;
            self.settle(Outcome::Ready(n));
        }
    }
}
