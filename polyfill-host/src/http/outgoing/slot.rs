//! The bounded buffer between a guest that writes a body and hyper, which reads it; with the trailers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use isyswasfa_core::Items;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, FieldMap};

use crate::core::{Share, Weigh};
use crate::pipes::{Chunk, Sink};

/// The most bytes that wait for hyper.
const ROOM: usize = 128 * 1024;

/// The buffer between the guest that writes a body and hyper, which reads it.
#[derive(Clone)]
pub(super) struct Slot(Arc<Mutex<SlotState>>);

struct SlotState {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    /// The budget for the bytes and the trailers.
    share: Share,
    trailers_weight: usize,
    /// Whether the contents have ended.
    over: bool,
    /// Whether there were no contents at all.
    empty: bool,
    error: Option<Error>,
    trailers: Option<Result<Option<HeaderMap>, ErrorCode>>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    reader_dropped: bool,
}

impl SlotState {
    /// Sets the budget to the size that is held now.
    fn weigh(&mut self) {
        self.share.set(self.bytes + self.trailers_weight);
    }
}

impl Slot {
    /// An empty slot. `share` is of the budget of the guest that writes the body.
    pub fn new(share: Share) -> Self {
        Slot(Arc::new(Mutex::new(SlotState {
            chunks: VecDeque::new(),
            bytes: 0,
            share,
            trailers_weight: 0,
            over: false,
            empty: false,
            error: None,
            trailers: None,
            reader: None,
            writer: None,
            reader_dropped: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets that there are no contents.
    pub fn set_empty(&self) {
        let mut state = self.lock();
        state.over = true;
        state.empty = true;
    }

    /// Whether it is known if there are contents.
    pub fn is_settled(&self) -> bool {
        let state = self.lock();
        !state.empty || state.trailers.is_some()
    }

    /// Whether bytes wait for hyper: ready when there are some, or when there will be none.
    pub fn poll_begun(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.lock();
        if state.bytes > 0 || state.over || state.error.is_some() {
            return Poll::Ready(state.bytes > 0);
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Changes the state, and wakes the reader.
    fn change(&self, change: impl FnOnce(&mut SlotState)) {
        let mut state = self.lock();
        change(&mut state);
        if let Some(reader) = state.reader.take() {
            drop(state);
            reader.wake();
        }
    }

    pub fn poll_bytes(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let mut state = self.lock();
        if let Some(chunk) = state.chunks.pop_front() {
            state.bytes -= chunk.len();
            state.weigh();
            if let Some(writer) = state.writer.take() {
                drop(state);
                writer.wake();
            }
            return Poll::Ready(Some(Ok(chunk)));
        }
        if let Some(error) = state.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        if state.over {
            return Poll::Ready(None);
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    pub fn poll_trailers(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut state = self.lock();
        match state.trailers.take() {
            Some(Ok(Some(trailers))) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Some(Ok(None)) => Poll::Ready(None),
            Some(Err(code)) => Poll::Ready(Some(Err(code.into()))),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub fn set_trailers(&self, trailers: Option<Result<Option<FieldMap>, ErrorCode>>) {
        let weight = trailers.weight();
        let trailers = match trailers {
            Some(Ok(fields)) => Ok(fields.map(HeaderMap::from)),
            Some(Err(code)) => Err(code),
            // The sender of the end is gone, so it is not known whether the body is whole.
            None => Err(ErrorCode::InternalError(Some(
                "the body was given up".into(),
            ))),
        };
        self.change(|state| {
            state.trailers = Some(trailers);
            state.trailers_weight = weight;
            state.weigh();
        });
    }

    pub fn is_over(&self) -> bool {
        let state = self.lock();
        state.over
            && state.chunks.is_empty()
            && state.error.is_none()
            && matches!(state.trailers, Some(Ok(None)))
    }

    /// Exact if everything is there already, so that hyper need not send chunks.
    pub fn size_hint(&self) -> SizeHint {
        let state = self.lock();
        if state.over && state.error.is_none() && matches!(state.trailers, Some(Ok(None))) {
            SizeHint::with_exact(state.bytes as u64)
        } else {
            SizeHint::default()
        }
    }

    /// Notes that hyper reads no more. Returns an error that hyper has not seen, if there is one.
    pub fn drop_reader(&self) -> Option<Error> {
        let mut state = self.lock();
        state.reader_dropped = true;
        let error = state.error.take();
        if let Some(writer) = state.writer.take() {
            drop(state);
            writer.wake();
        }
        error
    }
}

/// The guest's side of the slot.
pub(super) struct ContentsSink {
    slot: Slot,
    expected: Option<u64>,
    written: u64,
    wrong_size: fn(Option<u64>) -> Error,
    closed: bool,
}

impl ContentsSink {
    /// A sink into `slot`. More than `expected` bytes are an error, which `wrong_size` makes.
    pub fn new(slot: Slot, expected: Option<u64>, wrong_size: fn(Option<u64>) -> Error) -> Self {
        ContentsSink {
            slot,
            expected,
            written: 0,
            wrong_size,
            closed: false,
        }
    }
}

impl Sink<Chunk> for ContentsSink {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let mut state = self.slot.lock();
        if state.reader_dropped || state.error.is_some() {
            self.closed = true;
            return Poll::Ready(None);
        }
        if state.bytes >= ROOM {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Some(ROOM - state.bytes))
    }

    fn refuses(&mut self, items: usize) -> bool {
        let written = self.written.saturating_add(items as u64);
        let refused = self.expected.is_some_and(|expected| written > expected);
        if refused {
            self.closed = true;
            let error = (self.wrong_size)(Some(written));
            self.slot.change(|state| state.error = Some(error));
        }
        refused
    }

    fn put(&mut self, items: Chunk) {
        self.written += items.len() as u64;
        self.slot.change(|state| {
            state.bytes += items.len();
            state.chunks.push_back(items.0);
            state.weigh();
        });
    }

    fn close(mut self: Box<Self>) {
        self.closed = true;
        self.slot.change(|state| state.over = true);
    }
}

impl Drop for ContentsSink {
    fn drop(&mut self) {
        if !self.closed {
            self.slot.change(|state| {
                state.error = Some(Error::InternalError(Some("the instance has ended".into())));
            });
        }
    }
}
