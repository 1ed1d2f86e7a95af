//! The reading end of a `future<T>`.

use super::future::{FutureOps, FutureVtable};
use super::pipe::{End, Received};
use isyswasfa_core::Outcome;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

/// The reading end of a `future<T>`: `.await` it for the value. Dropping it tells the writer that nobody reads.
pub type FutureReader<T> = RawFutureReader<&'static FutureVtable<T>>;

/// The reading end of a `future<T>`: `.await` it for the value. Dropping it tells the writer that nobody reads.
pub struct RawFutureReader<O: FutureOps> {
    end: End,
    ops: O,
    /// Whether the handle was passed on. Generated code takes it through a shared reference.
    taken: AtomicBool,
}

impl<O: FutureOps> RawFutureReader<O> {
    /// Takes ownership of a handle.
    ///
    /// # Safety
    ///
    /// `ops` describes the payload and the pipe of `handle`.
    #[doc(hidden)]
    pub unsafe fn new(handle: u32, ops: O) -> Self {
        RawFutureReader {
            end: End::new(handle),
            ops,
            taken: AtomicBool::new(false),
        }
    }

    #[doc(hidden)]
    pub fn take_handle(&self) -> u32 {
        assert!(!self.taken.swap(true, Relaxed), "the future was passed on");
        self.end.handle()
    }
}

impl<O: FutureOps> fmt::Debug for RawFutureReader<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawFutureReader")
            .field("handle", &self.end.handle())
            .finish()
    }
}

impl<O: FutureOps> Drop for RawFutureReader<O> {
    fn drop(&mut self) {
        if !self.taken.load(Relaxed) {
            // SAFETY: we own the handle, and it is one of this pipe's.
            unsafe { (self.ops.pipe().drop_reader)(self.end.handle()) }
        }
    }
}

impl<O: FutureOps> IntoFuture for RawFutureReader<O> {
    type Output = O::Payload;
    type IntoFuture = RawFutureRead<O>;

    fn into_future(self) -> RawFutureRead<O> {
        RawFutureRead {
            reader: Some(self),
            under_way: false,
        }
    }
}

/// A read under way.
pub type FutureRead<T> = RawFutureRead<&'static FutureVtable<T>>;

/// A read under way.
pub struct RawFutureRead<O: FutureOps> {
    /// None once the operation is over.
    reader: Option<RawFutureReader<O>>,
    under_way: bool,
}

// Nothing in it is ever pinned.
impl<O: FutureOps> Unpin for RawFutureRead<O> {}

impl<O: FutureOps> RawFutureRead<O> {
    /// Ends the read. Returns the value if it had come already, else the reader, to be awaited again.
    ///
    /// # Panics
    ///
    /// If the future's output, or that of an earlier `cancel`, has been taken.
    pub fn cancel(mut self: Pin<&mut Self>) -> Result<O::Payload, RawFutureReader<O>> {
        let mut reader = self.reader.take().expect("the read is over");
        if !self.under_way {
            return Err(reader);
        }
        let received = reader.cancel();
        reader.lift(received).ok_or(reader)
    }
}

impl<O: FutureOps> RawFutureReader<O> {
    fn cancel(&mut self) -> Received {
        // SAFETY: they are those of this reader.
        unsafe {
            self.end
                .cancel_read(self.ops.pipe(), self.ops.elem_layout())
        }
    }

    fn lift(&mut self, received: Received) -> Option<O::Payload> {
        if received.len() == 0 {
            return None;
        }
        // SAFETY: the value is whole and lifted once.
        Some(unsafe { self.ops.lift(received.ptr()) })
    }
}

impl<O: FutureOps> Future for RawFutureRead<O> {
    type Output = O::Payload;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O::Payload> {
        let me = &mut *self;
        let reader = me.reader.as_mut().expect("polled after it was ready");
        loop {
            let (pipe, item) = (reader.ops.pipe(), reader.ops.elem_layout());
            if me.under_way {
                ready!(reader.end.poll_unblocked(cx));
            } else {
                (pipe.link)();
                reader.end.rearm();
                me.under_way = true;
            }
            // SAFETY: they are those of this reader.
            let received = match unsafe { reader.end.read(pipe, item, 1) } {
                Outcome::Blocked => continue,
                Outcome::Ready(received) => received,
                // Natively a writer can't be dropped without a write: it would trap.
                Outcome::Closed => panic!("the future's writer was dropped without a value"),
            };
            let value = reader.lift(received).expect("a read of one item has one");
            me.under_way = false;
            me.reader = None;
            return Poll::Ready(value);
        }
    }
}

impl<O: FutureOps> Drop for RawFutureRead<O> {
    fn drop(&mut self) {
        if let (true, Some(reader)) = (self.under_way, &mut self.reader) {
            let received = reader.cancel();
            // Lifted, so that what it owns is dropped.
            drop(reader.lift(received));
        }
    }
}
