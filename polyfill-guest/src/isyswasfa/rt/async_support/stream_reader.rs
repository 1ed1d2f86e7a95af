//! The reading end of a `stream<T>`.

use super::pipe::{End, Received};
use super::stream::{MAX_LENGTH, StreamOps, StreamResult, StreamVtable};
use isyswasfa_core::Outcome;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

/// The reading end of a `stream<T>`. Dropping it tells the writer that nobody reads any more.
pub type StreamReader<T> = RawStreamReader<&'static StreamVtable<T>>;

/// The reading end of a `stream<T>`. Dropping it tells the writer that nobody reads any more.
pub struct RawStreamReader<O: StreamOps> {
    end: End,
    ops: O,
    /// Whether the writer is known to be gone.
    done: bool,
    /// Whether the handle was passed on. Generated code takes it through a shared reference.
    taken: AtomicBool,
}

impl<O: StreamOps> RawStreamReader<O> {
    #[doc(hidden)]
    pub fn new(handle: u32, ops: O) -> Self {
        RawStreamReader {
            end: End::new(handle),
            ops,
            done: false,
            taken: AtomicBool::new(false),
        }
    }

    #[doc(hidden)]
    pub fn take_handle(&self) -> u32 {
        assert!(!self.taken.swap(true, Relaxed), "the stream was passed on");
        self.end.handle()
    }

    /// The number of the resource handle.
    pub fn handle(&self) -> u32 {
        assert!(!self.taken.load(Relaxed), "the stream was passed on");
        self.end.handle()
    }

    /// Reads as many values as there are, up to the spare capacity of `buf`, and appends them.
    ///
    /// The future's output is the result, and `buf`. The result is `Complete(n)` if `n` values were read, and `Dropped` if there are
    /// none and the writer is gone. Without spare capacity it is `Complete(0)` once a writer waits.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the read. Values that it had received already are dropped.
    /// [`cancel`](RawStreamRead::cancel) gives them back.
    pub fn read(&mut self, buf: Vec<O::Payload>) -> RawStreamRead<'_, O> {
        RawStreamRead {
            reader: self,
            buf: Some(buf),
            under_way: false,
        }
    }

    /// Reads one value. None: the writer is gone.
    pub async fn next(&mut self) -> Option<O::Payload> {
        self.read(Vec::with_capacity(1)).await.1.pop()
    }

    /// Reads until the writer is gone.
    pub async fn collect(mut self) -> Vec<O::Payload> {
        let mut all = Vec::new();
        loop {
            if all.len() == all.capacity() {
                all.reserve(1);
            }
            let result;
            (result, all) = self.read(all).await;
            if result == StreamResult::Dropped {
                return all;
            }
        }
    }
}

impl<O: StreamOps> fmt::Debug for RawStreamReader<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader")
            .field("handle", &self.end.handle())
            .finish()
    }
}

impl<O: StreamOps> Drop for RawStreamReader<O> {
    fn drop(&mut self) {
        if !self.taken.load(Relaxed) {
            // SAFETY: we own the handle, and it is one of this pipe's.
            unsafe { (self.ops.pipe().drop_reader)(self.end.handle()) }
        }
    }
}

/// A read under way.
pub type StreamRead<'a, T> = RawStreamRead<'a, &'static StreamVtable<T>>;

/// A read under way.
pub struct RawStreamRead<'a, O: StreamOps> {
    reader: &'a mut RawStreamReader<O>,
    /// None once the operation is over.
    buf: Option<Vec<O::Payload>>,
    under_way: bool,
}

// Nothing in it is ever pinned.
impl<O: StreamOps> Unpin for RawStreamRead<'_, O> {}

impl<O: StreamOps> RawStreamRead<'_, O> {
    /// Ends the read, unless it is already over. Returns its result and the buffer.
    ///
    /// # Panics
    ///
    /// If the future's output, or that of an earlier `cancel`, has been taken.
    pub fn cancel(mut self: Pin<&mut Self>) -> (StreamResult, Vec<O::Payload>) {
        if !self.under_way {
            let buf = self.buf.take().expect("the read is over");
            return (StreamResult::Cancelled, buf);
        }
        if let Some(output) = self.advance() {
            return output;
        }
        let received = self.end_read();
        match self.settle(Outcome::Ready(received)) {
            Some((StreamResult::Complete(0), buf)) => (StreamResult::Cancelled, buf),
            output => output.expect("`Ready` settles a read"),
        }
    }

    /// Starts the read, or goes on with it.
    fn advance(&mut self) -> Option<(StreamResult, Vec<O::Payload>)> {
        let buf = self.buf.as_ref().expect("polled after it was ready");
        let max = (buf.capacity() - buf.len()).min(MAX_LENGTH);
        let reader = &mut *self.reader;
        if reader.done {
            return Some((StreamResult::Dropped, self.buf.take()?));
        }
        let (pipe, item) = (reader.ops.pipe(), reader.ops.elem_layout());
        if !self.under_way {
            (pipe.link)();
            reader.end.rearm();
            self.under_way = true;
        }
        // SAFETY: they are those of this reader.
        let outcome = unsafe { reader.end.read(pipe, item, max) };
        self.settle(outcome)
    }

    fn end_read(&mut self) -> Received {
        let reader = &mut *self.reader;
        // SAFETY: they are those of this reader.
        unsafe {
            reader
                .end
                .cancel_read(reader.ops.pipe(), reader.ops.elem_layout())
        }
    }

    fn settle(&mut self, outcome: Outcome<Received>) -> Option<(StreamResult, Vec<O::Payload>)> {
        let items = match outcome {
            Outcome::Blocked => return None,
            Outcome::Ready(items) => items,
            Outcome::Closed => {
                self.under_way = false;
                self.reader.done = true;
                return Some((StreamResult::Dropped, self.buf.take()?));
            }
        };
        self.under_way = false;
        let mut buf = self.buf.take()?;
        let n = items.len();
        assert!(
            n <= buf.capacity() - buf.len(),
            "a pipe gave more items than were asked for"
        );
        let ops = &mut self.reader.ops;
        if ops.native_abi_matches_canonical_abi() && buf.is_empty() && n == buf.capacity() && n > 0
        {
            // Full: the memory that was received becomes the buffer, without a copy.
            let ptr = items.into_memory().cast();
            // SAFETY: the memory is the global allocator's and ours, allocated for exactly `n` items, which are in Rust's own
            // representation.
            buf = unsafe { Vec::from_raw_parts(ptr, n, n) };
        } else if ops.native_abi_matches_canonical_abi() {
            // SAFETY: there is room, and the items are in Rust's own representation.
            unsafe {
                let end = buf.as_mut_ptr().add(buf.len());
                items
                    .ptr()
                    .cast::<O::Payload>()
                    .copy_to_nonoverlapping(end, n);
                buf.set_len(buf.len() + n);
            }
        } else {
            let size = ops.elem_layout().size();
            for i in 0..n {
                // SAFETY: each item is whole and lifted once.
                buf.push(unsafe { ops.lift(items.ptr().add(i * size)) });
            }
        }
        Some((StreamResult::Complete(n), buf))
    }
}

impl<O: StreamOps> Future for RawStreamRead<'_, O> {
    type Output = (StreamResult, Vec<O::Payload>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        if !me.under_way
            && let Some(output) = me.advance()
        {
            return Poll::Ready(output);
        }
        loop {
            ready!(me.reader.end.poll_unblocked(cx));
            if let Some(output) = me.advance() {
                return Poll::Ready(output);
            }
        }
    }
}

impl<O: StreamOps> Drop for RawStreamRead<'_, O> {
    fn drop(&mut self) {
        if self.under_way {
            let received = self.end_read();
            // Lifted, so that what the items own is dropped.
            self.settle(Outcome::Ready(received));
        }
    }
}
