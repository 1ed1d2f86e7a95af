//! The body of a response on its way to the client. It is taken from the guest ahead of the client, so a slow client does not
//! keep a guest.

use super::connection::Busy;
use super::exchange::Client;
use super::shares::Share;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

/// The most bytes of a response that wait for its client, besides those that hyper has.
const AHEAD: usize = 256 * 1024;

/// The most bytes of all responses together that wait for their clients. Beyond it, guests wait as well.
const AHEAD_OF_ALL: usize = 64 * 1024 * 1024;

/// How much hyper gets at once for an HTTP/2 stream. Each piece has to move in time, so a slow client gets smaller ones.
const PIECE: usize = 16 * 1024;
const SLOW_PIECE: usize = 1024;

/// How many bytes wait for the clients of a server.
#[derive(Debug, Default)]
pub(super) struct Backlog(AtomicUsize);

/// A response's body between its guest and hyper.
///
/// hyper takes from it at the client's pace. While the client takes nothing, the driver of the connection takes from the guest
/// ([`pull_ahead`](Self::pull_ahead)). When everything has been taken from the guest, the guest is done with its request.
#[derive(Debug)]
pub(super) struct Delivery(Mutex<State>);

#[derive(Debug)]
struct State {
    source: Option<Source>,
    frames: VecDeque<Frame<Bytes>>,
    /// The size hint at the beginning. It decides on the framing, and must not change while the head is made.
    hint: SizeHint,
    /// Bytes in `frames` that count for the backlog.
    ahead: usize,
    backlog: Arc<Backlog>,
    /// How the source ended, if it has.
    end: Option<Result<(), CutOff>>,
    /// Whether hyper was told to wait once before it gets the error. When a body fails, hyper drops unsent bytes, but the
    /// client should get everything that the guest wrote.
    flushed: bool,
    /// Whether hyper has everything so far, and waits for more.
    waiting: bool,
    /// How often hyper asked for more.
    moves: u64,
    /// HTTP/2: the size of pieces depends on how fast the client takes them.
    pace: Option<Pace>,
}

#[derive(Debug)]
struct Pace {
    timeout: Duration,
    last: Instant,
    /// The size of the next piece: it doubles while the client is fast.
    piece: usize,
}

/// The source of a body. Dropped at the end of the body.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) body: WasiBody,
    /// `None` for a body of the server's own.
    pub(super) client: Option<(Client, Arc<Share>)>,
}

/// The delivery, for hyper.
#[derive(Debug)]
pub(super) struct ResponseBody {
    delivery: Arc<Delivery>,
    _busy: Busy,
}

impl Delivery {
    /// `pace`: how long each piece of an HTTP/2 stream may take.
    pub(super) fn new(source: Source, backlog: &Arc<Backlog>, pace: Option<Duration>) -> Arc<Self> {
        if let Some((client, _)) = &source.client {
            client.streaming();
        }
        let mut state = State {
            hint: source.body.size_hint(),
            source: Some(source),
            frames: VecDeque::new(),
            ahead: 0,
            backlog: backlog.clone(),
            end: None,
            flushed: false,
            waiting: false,
            moves: 0,
            pace: pace.map(|timeout| Pace {
                timeout,
                last: Instant::now(),
                piece: SLOW_PIECE,
            }),
        };
        if state.is_source_over() {
            drop(state.finish(Ok(())));
        }
        Arc::new(Self(Mutex::new(state)))
    }

    /// The body that hyper sends; `busy` lasts as long.
    pub(super) fn body(self: &Arc<Self>, busy: Busy) -> ResponseBody {
        ResponseBody {
            delivery: self.clone(),
            _busy: busy,
        }
    }

    /// Takes bytes from the guest that hyper does not ask for.
    pub(super) fn pull_ahead(&self, cx: &mut Context<'_>) {
        loop {
            let mut state = self.lock();
            let full = state.ahead >= AHEAD || state.backlog.0.load(Relaxed) >= AHEAD_OF_ALL;
            // If hyper waits, it has polled the source itself.
            if state.waiting || state.source.is_none() || full {
                return;
            }
            let Poll::Ready((frame, over)) = state.poll_source(cx) else {
                return;
            };
            if let Some(frame) = frame {
                state.push(frame);
            }
            drop(state);
            // Dropped without the lock: a guest's store may go with it.
            drop(over);
        }
    }

    /// How often the client took something, if something is left.
    pub(super) fn waits_for_client(&self) -> Option<u64> {
        let state = self.lock();
        (!state.waiting).then_some(state.moves)
    }

    fn close(&self) {
        let mut state = self.lock();
        let source = state.source.take();
        let frames = std::mem::take(&mut state.frames);
        state.release(usize::MAX);
        drop(state);
        drop((source, frames));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// A frame, and the source if that was its last.
type Polled = (Option<Frame<Bytes>>, Option<Source>);

impl State {
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Polled> {
        let Some(source) = &mut self.source else {
            return Poll::Ready((None, None));
        };
        if let Some((client, _)) = &source.client {
            client.exchange().wake_on_failure(cx);
        }
        let frame = Pin::new(&mut source.body).poll_frame(cx);
        let exchange = source.client.as_ref().map(|(client, _)| client.exchange());
        let number = exchange.map(|exchange| exchange.number());
        if exchange.is_some_and(|exchange| exchange.has_failed()) {
            // A trap of the guest may look like the end of its body.
            return Poll::Ready((None, self.finish(Err(CutOff::Trapped))));
        }
        Poll::Ready(match ready!(frame) {
            None => (None, self.finish(Ok(()))),
            Some(Ok(frame)) => {
                let last = frame.is_trailers() || self.is_source_over();
                (Some(frame), last.then(|| self.finish(Ok(()))).flatten())
            }
            Some(Err(error)) => {
                if let Some(number) = number {
                    tracing::warn!("request {number}: the response was cut off: {error:?}");
                }
                (None, self.finish(Err(CutOff::Guest(error))))
            }
        })
    }

    fn is_source_over(&self) -> bool {
        self.source
            .as_ref()
            .is_some_and(|source| source.body.is_end_stream())
    }

    /// Ends the guest's part of the request. Its instance must know before it loses the body.
    fn finish(&mut self, end: Result<(), CutOff>) -> Option<Source> {
        self.end = Some(end);
        let source = self.source.take()?;
        if let Some((client, _)) = &source.client {
            client.finished();
        }
        Some(source)
    }

    fn push(&mut self, frame: Frame<Bytes>) {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.ahead += bytes;
        self.backlog.0.fetch_add(bytes, Relaxed);
        self.frames.push_back(frame);
    }

    fn release(&mut self, bytes: usize) {
        let bytes = bytes.min(self.ahead);
        self.ahead -= bytes;
        self.backlog.0.fetch_sub(bytes, Relaxed);
    }

    /// The part of a frame that hyper gets now.
    fn piece(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        self.waiting = false;
        let Some(pace) = &mut self.pace else {
            return frame;
        };
        let now = Instant::now();
        let slow = now.duration_since(pace.last) > pace.timeout / 8;
        pace.last = now;
        let most = if slow { SLOW_PIECE } else { pace.piece };
        pace.piece = (most * 2).min(PIECE);
        match frame.into_data() {
            Ok(mut bytes) if bytes.len() > most => {
                let piece = bytes.split_to(most);
                self.frames.push_front(Frame::data(bytes));
                Frame::data(piece)
            }
            Ok(bytes) => Frame::data(bytes),
            Err(frame) => frame,
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.release(usize::MAX);
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let mut state = self.delivery.lock();
        state.moves += 1;
        loop {
            if let Some(frame) = state.frames.pop_front() {
                let frame = state.piece(frame);
                let taken = frame.data_ref().map_or(0, Bytes::len);
                state.release(taken);
                return Poll::Ready(Some(Ok(frame)));
            }
            match &state.end {
                Some(Ok(())) => return Poll::Ready(None),
                Some(Err(_)) if !state.flushed => {
                    state.flushed = true;
                    state.waiting = false;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Err(_)) => {
                    let end = state.end.replace(Ok(()));
                    return Poll::Ready(end.and_then(Result::err).map(Err));
                }
                None => {}
            }
            let Poll::Ready((frame, over)) = state.poll_source(cx) else {
                state.waiting = true;
                return Poll::Pending;
            };
            let frame = frame.map(|frame| state.piece(frame));
            if over.is_some() {
                // Dropped without the lock: a guest's store may go with it.
                drop(state);
                drop(over);
                state = self.delivery.lock();
            }
            if let Some(frame) = frame {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let state = self.delivery.lock();
        state.frames.is_empty() && (matches!(state.end, Some(Ok(()))) || state.is_source_over())
    }

    fn size_hint(&self) -> SizeHint {
        self.delivery.lock().hint
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.delivery.close();
    }
}

/// Why a response ends before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum CutOff {
    /// The guest ended it with an error.
    #[error("the guest cut its response off: {0:?}")]
    Guest(Error),
    /// The guest trapped.
    #[error("the guest trapped")]
    Trapped,
}

#[cfg(test)]
mod tests;
