//! The writing end of a `future<T>`.
//!
//! A future must be given a value: natively, dropping a writer that has not written traps. So a [`FutureWriter`] has a default,
//! which is written in the background if it is dropped before a write.

use super::block::Block;
use super::executor;
use super::future::{FutureOps, FutureVtable};
use super::pipe::End;
use isyswasfa_core::Outcome;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// The writing end of a `future<T>`. Dropping it writes the default that `wit_future::new` was given.
pub struct FutureWriter<T: 'static> {
    raw: ManuallyDrop<RawFutureWriter<&'static FutureVtable<T>>>,
    default: fn() -> T,
}

impl<T: 'static> FutureWriter<T> {
    pub(super) fn new(
        raw: RawFutureWriter<&'static FutureVtable<T>>,
        default: fn() -> T,
    ) -> FutureWriter<T> {
        FutureWriter {
            raw: ManuallyDrop::new(raw),
            default,
        }
    }

    /// Writes the value. The write is done when the reader has taken it. If the reader was dropped, the error gives the value back.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the value and writes the default instead.
    /// [`cancel`](FutureWrite::cancel) gives value and writer back.
    pub fn write(self, value: T) -> FutureWrite<T> {
        let mut me = ManuallyDrop::new(self);
        // SAFETY: `me` is not dropped, so `raw` is not used again.
        let raw = unsafe { ManuallyDrop::take(&mut me.raw) };
        FutureWrite {
            raw: raw.write(value),
            default: me.default,
        }
    }
}

impl<T: 'static> fmt::Debug for FutureWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureWriter")
            .field("handle", &self.raw.end.handle())
            .finish()
    }
}

impl<T: 'static> Drop for FutureWriter<T> {
    fn drop(&mut self) {
        // SAFETY: `raw` is not used again.
        let raw = unsafe { ManuallyDrop::take(&mut self.raw) };
        raw.write_and_forget((self.default)());
    }
}

/// A write under way.
pub struct FutureWrite<T: 'static> {
    raw: RawFutureWrite<&'static FutureVtable<T>>,
    default: fn() -> T,
}

/// The result of [`FutureWrite::cancel`].
#[derive(Debug)]
pub enum FutureWriteCancel<T: 'static> {
    /// The reader had taken the value.
    AlreadySent,
    /// The reader was dropped; here is the value.
    Dropped(T),
    /// The write is cancelled; here are value and writer.
    Cancelled(T, FutureWriter<T>),
}

impl<T: 'static> FutureWrite<T> {
    /// Ends the write, unless it is already over.
    ///
    /// # Panics
    ///
    /// If the future's output, or that of an earlier `cancel`, has been taken.
    pub fn cancel(mut self: Pin<&mut Self>) -> FutureWriteCancel<T> {
        let default = self.default;
        match Pin::new(&mut self.raw).cancel() {
            RawFutureWriteCancel::AlreadySent => FutureWriteCancel::AlreadySent,
            RawFutureWriteCancel::Dropped(value) => FutureWriteCancel::Dropped(value),
            RawFutureWriteCancel::Cancelled(value, raw) => {
                FutureWriteCancel::Cancelled(value, FutureWriter::new(raw, default))
            }
        }
    }
}

impl<T: 'static> Future for FutureWrite<T> {
    type Output = Result<(), FutureWriteError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.raw).poll(cx)
    }
}

impl<T: 'static> Drop for FutureWrite<T> {
    fn drop(&mut self) {
        if !matches!(self.raw.state, State::Over) {
            // Gives the writer back, whose own destructor writes the default.
            drop(Pin::new(self).cancel());
        }
    }
}

/// The value that could not be sent, because the reader was dropped.
pub struct FutureWriteError<T> {
    /// The value.
    pub value: T,
}

impl<T> fmt::Debug for FutureWriteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureWriteError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for FutureWriteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the future's reader was dropped")
    }
}

impl<T> std::error::Error for FutureWriteError<T> {}

/// The writing end of a `future<T>` without a default.
pub struct RawFutureWriter<O: FutureOps> {
    end: End,
    ops: O,
}

impl<O: FutureOps> RawFutureWriter<O> {
    /// # Safety
    ///
    /// `ops` describes the payload and the pipe of `handle`, which is ours.
    pub(super) unsafe fn new(handle: u32, ops: O) -> Self {
        RawFutureWriter {
            end: End::new(handle),
            ops,
        }
    }

    /// Writes the value, as [`FutureWriter::write`] does.
    pub fn write(self, value: O::Payload) -> RawFutureWrite<O> {
        RawFutureWrite {
            state: State::Start(self, value),
        }
    }

    /// Writes the value in the background.
    pub fn write_and_forget(self, value: O::Payload)
    where
        O: 'static,
    {
        let mut write = self.write(value);
        let mut cx = Context::from_waker(Waker::noop());
        // Usually the reader waits already, or is gone. Then no task is needed.
        if Pin::new(&mut write).poll(&mut cx).is_pending() {
            executor::spawn(Box::pin(async move {
                // Nothing is left that could be told that the reader was dropped.
                let _ = write.await;
            }));
        }
    }
}

impl<O: FutureOps> fmt::Debug for RawFutureWriter<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawFutureWriter")
            .field("handle", &self.end.handle())
            .finish()
    }
}

impl<O: FutureOps> Drop for RawFutureWriter<O> {
    fn drop(&mut self) {
        // SAFETY: we own the handle, and it is one of this pipe's.
        unsafe { (self.ops.pipe().drop_writer)(self.end.handle()) }
    }
}

/// A write under way.
pub struct RawFutureWrite<O: FutureOps> {
    state: State<O>,
}

enum State<O: FutureOps> {
    Start(RawFutureWriter<O>, O::Payload),
    /// The value is in the block, in its canonical representation.
    UnderWay(RawFutureWriter<O>, Block),
    Over,
}

// Nothing in it is ever pinned.
impl<O: FutureOps> Unpin for RawFutureWrite<O> {}

/// The result of [`RawFutureWrite::cancel`].
#[derive(Debug)]
pub enum RawFutureWriteCancel<O: FutureOps> {
    /// The reader had taken the value.
    AlreadySent,
    /// The reader was dropped; here is the value.
    Dropped(O::Payload),
    /// The write is cancelled; here are value and writer.
    Cancelled(O::Payload, RawFutureWriter<O>),
}

/// The result of a write. `None` is success.
type Unsent<O> = Option<(<O as FutureOps>::Payload, RawFutureWriter<O>)>;

impl<O: FutureOps> RawFutureWrite<O> {
    /// Ends the write, unless it is already over.
    ///
    /// # Panics
    ///
    /// If the future's output, or that of an earlier `cancel`, has been taken.
    pub fn cancel(mut self: Pin<&mut Self>) -> RawFutureWriteCancel<O> {
        let (mut writer, block) = match std::mem::replace(&mut self.state, State::Over) {
            State::Start(writer, value) => return RawFutureWriteCancel::Cancelled(value, writer),
            State::UnderWay(writer, block) => (writer, block),
            State::Over => panic!("the write is over"),
        };
        // SAFETY: the pipe is the writer's.
        match unsafe { writer.end.written(writer.ops.pipe()) } {
            Outcome::Blocked => {
                // SAFETY: as above.
                let n = unsafe { writer.end.cancel_write(writer.ops.pipe()) };
                match settle(writer, block, n) {
                    None => RawFutureWriteCancel::AlreadySent,
                    Some((value, writer)) => RawFutureWriteCancel::Cancelled(value, writer),
                }
            }
            Outcome::Ready(n) => match settle(writer, block, n) {
                None => RawFutureWriteCancel::AlreadySent,
                Some((value, writer)) => RawFutureWriteCancel::Cancelled(value, writer),
            },
            Outcome::Closed => match settle(writer, block, 0) {
                None => RawFutureWriteCancel::AlreadySent,
                Some((value, _)) => RawFutureWriteCancel::Dropped(value),
            },
        }
    }
}

/// The write is over, and the reader took `n` values.
fn settle<O: FutureOps>(mut writer: RawFutureWriter<O>, block: Block, n: usize) -> Unsent<O> {
    let (pipe, layout) = (writer.ops.pipe(), writer.ops.elem_layout());
    // SAFETY: the block holds the value, lowered; it is lifted once or, having been sent, only its lists are freed, if they
    // are still ours.
    unsafe {
        if n > 0 {
            if !pipe.takes_lists {
                writer.ops.dealloc_lists(block.ptr());
            }
            return None;
        }
        if !writer.ops.contains_handles() {
            return Some((writer.ops.lift(block.ptr()), writer));
        }
        // The handles have been in the pipe and come back under new numbers.
        let back = writer.end.take_back(pipe, layout);
        assert_eq!(
            back.len(),
            1,
            "a pipe did not give back what it was offered"
        );
        if !pipe.takes_lists {
            writer.ops.dealloc_lists(block.ptr());
        }
        Some((writer.ops.lift(back.ptr()), writer))
    }
}

impl<O: FutureOps> Future for RawFutureWrite<O> {
    type Output = Result<(), FutureWriteError<O::Payload>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let mut first = None;
            match std::mem::replace(&mut self.state, State::Over) {
                State::Start(mut writer, value) => {
                    let block = Block::new(writer.ops.elem_layout());
                    let pipe = writer.ops.pipe();
                    writer.end.rearm();
                    // SAFETY: the block has the layout; the pipe is the writer's.
                    first = Some(unsafe {
                        writer.ops.lower(value, block.ptr());
                        writer.end.write(pipe, block.ptr(), 1)
                    });
                    self.state = State::UnderWay(writer, block);
                }
                state => self.state = state,
            }
            let State::UnderWay(writer, _) = &mut self.state else {
                panic!("polled after it was ready");
            };
            let outcome = match first {
                Some(outcome) => outcome,
                None => {
                    ready!(writer.end.poll_unblocked(cx));
                    // SAFETY: the pipe is the writer's.
                    unsafe { writer.end.written(writer.ops.pipe()) }
                }
            };
            let n = match outcome {
                Outcome::Blocked => continue,
                Outcome::Ready(n) => n,
                Outcome::Closed => 0,
            };
            let State::UnderWay(writer, block) = std::mem::replace(&mut self.state, State::Over)
            else {
                unreachable!("it was, a moment ago");
            };
            return Poll::Ready(match settle(writer, block, n) {
                None => Ok(()),
                Some((value, _)) => Err(FutureWriteError { value }),
            });
        }
    }
}

impl<O: FutureOps> Drop for RawFutureWrite<O> {
    fn drop(&mut self) {
        if let State::UnderWay(..) = self.state {
            drop(Pin::new(self).cancel());
        }
    }
}
