//! What was written to an output stream, on its way.

use super::error::Error;
use super::poll::Readiness;
use super::sink::Sink;
use super::streams::StreamError;
use crate::p2::shared::Wakers;
use crate::wit_bindgen::spawn_local;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How many bytes may be on their way.
pub(crate) const CAPACITY: usize = 64 * 1024;

thread_local! {
    /// How many outputs have something on its way that the end of the program must not lose.
    static UNSETTLED: Cell<usize> = const { Cell::new(0) };
    static SETTLED: Arc<Wakers> = Arc::default();
}

/// Waits until everything is written that the end of the program must not lose.
pub(crate) async fn settled() {
    poll_fn(|cx| {
        SETTLED.with(|wakers| wakers.add(cx.waker()));
        match UNSETTLED.get() {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

/// A queue, and a task that empties it into a sink while there is something in it.
pub(crate) struct Output {
    state: RefCell<State>,
    wakers: Wakers,
    /// Whether the end of the program waits for it.
    settles: bool,
    /// How many handles of 0.2 there are for it.
    pub(crate) handles: Cell<usize>,
}

struct State {
    /// None while the task has it, and when the stream is over.
    sink: Option<Box<dyn Sink>>,
    queue: Vec<u8>,
    /// How many bytes the sink is being given.
    in_flight: usize,
    /// Whether the task is there.
    running: bool,
    /// Whether a flush was asked for that is not done.
    flushing: bool,
    /// Whether the sink is dropped when the queue is empty.
    finishing: bool,
    outcome: Outcome,
    accepted: u64,
}

enum Outcome {
    Open,
    Failed(Error),
    Closed,
}

impl State {
    fn pending(&self) -> usize {
        self.queue.len() + self.in_flight
    }

    fn permit(&self) -> usize {
        if self.flushing || self.finishing {
            0
        } else {
            CAPACITY.saturating_sub(self.pending())
        }
    }

    /// The failure, which is told once; from then on the stream is closed.
    fn failure(&mut self) -> Result<(), StreamError> {
        match std::mem::replace(&mut self.outcome, Outcome::Closed) {
            Outcome::Open => {
                self.outcome = Outcome::Open;
                if self.finishing {
                    Err(StreamError::Closed)
                } else {
                    Ok(())
                }
            }
            Outcome::Failed(error) => Err(StreamError::LastOperationFailed(error)),
            Outcome::Closed => Err(StreamError::Closed),
        }
    }

    /// Notes that no task is there any more.
    fn stop(&mut self) {
        self.running = false;
        self.flushing = false;
        self.in_flight = 0;
        self.queue = Vec::new();
    }
}

impl Output {
    pub(crate) fn new(sink: impl Sink + 'static, settles: bool) -> Self {
        Output {
            state: RefCell::new(State {
                sink: Some(Box::new(sink)),
                queue: Vec::new(),
                in_flight: 0,
                running: false,
                flushing: false,
                finishing: false,
                outcome: Outcome::Open,
                accepted: 0,
            }),
            wakers: Wakers::default(),
            settles,
            handles: Cell::new(0),
        }
    }

    /// How many bytes may be written now.
    pub(crate) fn permit(&self) -> Result<usize, StreamError> {
        let mut state = self.state.borrow_mut();
        state.failure()?;
        Ok(state.permit())
    }

    /// How many bytes were written, whatever has become of them.
    pub(crate) fn accepted(&self) -> u64 {
        self.state.borrow().accepted
    }

    /// Takes the bytes, which must have been permitted.
    pub(crate) fn write(self: &Rc<Self>, bytes: &[u8]) -> Result<(), StreamError> {
        let permit = self.permit()?;
        assert!(
            bytes.len() <= permit,
            "{} bytes were written to an output stream that permitted {permit}: `check_write` says how many it takes",
            bytes.len()
        );
        self.enqueue(bytes);
        Ok(())
    }

    /// Takes the bytes, however many there are.
    pub(crate) fn enqueue(self: &Rc<Self>, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut state = self.state.borrow_mut();
        state.queue.extend_from_slice(bytes);
        state.accepted += bytes.len() as u64;
        if std::mem::replace(&mut state.running, true) {
            return;
        }
        let sink = state.sink.take().expect("an open stream has its sink");
        drop(state);
        let unsettled = self.settles.then(Unsettled::new);
        let output = self.clone();
        spawn_local(async move {
            output.empty(sink).await;
            drop(unsettled);
        });
    }

    /// The task.
    async fn empty(&self, mut sink: Box<dyn Sink>) {
        loop {
            let bytes = {
                let mut state = self.state.borrow_mut();
                let bytes = std::mem::take(&mut state.queue);
                state.in_flight = bytes.len();
                bytes
            };
            if bytes.is_empty() {
                let mut state = self.state.borrow_mut();
                state.stop();
                if state.finishing {
                    state.outcome = Outcome::Closed;
                } else {
                    state.sink = Some(sink);
                }
                break;
            }
            if let Err(error) = sink.write(bytes).await {
                let mut state = self.state.borrow_mut();
                state.stop();
                state.outcome = match error {
                    StreamError::LastOperationFailed(error) => Outcome::Failed(error),
                    StreamError::Closed => Outcome::Closed,
                };
                break;
            }
            self.state.borrow_mut().in_flight = 0;
            self.wakers.wake_all();
        }
        self.wakers.wake_all();
    }

    /// Permits nothing more until all that was written is on its way.
    pub(crate) fn flush(&self) -> Result<(), StreamError> {
        let mut state = self.state.borrow_mut();
        state.failure()?;
        state.flushing = state.running;
        Ok(())
    }

    /// Waits for a flush.
    pub(crate) async fn flushed(&self) -> Result<(), StreamError> {
        self.wait(|state| !state.running).await;
        self.state.borrow_mut().failure()
    }

    /// Ends the stream after what was written.
    pub(crate) fn finish(&self) {
        let sink = {
            let mut state = self.state.borrow_mut();
            state.finishing = true;
            if state.running {
                return;
            }
            state.outcome = Outcome::Closed;
            state.sink.take()
        };
        // Dropped outside of the borrow.
        drop(sink);
        self.wakers.wake_all();
    }

    /// Waits until the stream is over.
    pub(crate) async fn finished(&self) {
        self.wait(|state| !state.running && !matches!(state.outcome, Outcome::Open))
            .await;
    }

    async fn wait(&self, until: impl Fn(&State) -> bool) {
        poll_fn(|cx| self.poll_until(cx, &until)).await;
    }

    fn poll_until(&self, cx: &mut Context<'_>, until: impl Fn(&State) -> bool) -> Poll<()> {
        if until(&self.state.borrow()) {
            return Poll::Ready(());
        }
        self.wakers.add(cx.waker());
        Poll::Pending
    }
}

impl Readiness for Output {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(cx, |state| {
            state.permit() > 0 || !matches!(state.outcome, Outcome::Open)
        })
    }
}

/// Counts as an unsettled output while it exists.
pub(crate) struct Unsettled;

impl Unsettled {
    pub(crate) fn new() -> Self {
        UNSETTLED.set(UNSETTLED.get() + 1);
        Unsettled
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        UNSETTLED.set(UNSETTLED.get() - 1);
        SETTLED.with(|wakers| wakers.wake_all());
    }
}
