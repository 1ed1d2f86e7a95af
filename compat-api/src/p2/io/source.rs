//! A stream of 0.3 that is read without waiting.

use super::error::Error;
use super::poll::Readiness;
use super::streams::StreamError;
use crate::p2::shared::{Boxed, Wakers};
use crate::wit_bindgen::{StreamReader, StreamResult};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// Tells how a stream has ended.
pub(crate) type End = Boxed<Result<(), Error>>;

/// The most items that one read of the stream asks for.
const MOST: usize = 64 * 1024;

/// A stream, and what was read of it but not yet taken.
pub(crate) struct Source<T: 'static> {
    stage: RefCell<Stage<T>>,
    buffer: RefCell<Buffer<T>>,
    wakers: Arc<Wakers>,
    /// How many items are asked for if the caller does not say.
    ahead: usize,
    /// How many handles of 0.2 there are for it.
    pub(crate) handles: Cell<usize>,
}

enum Stage<T: 'static> {
    Idle(StreamReader<T>, End),
    Reading(Read<T>, End),
    /// The stream is over.
    Ending(End),
    Failed(Error),
    Closed,
}

struct Read<T: 'static> {
    future: Boxed<(StreamReader<T>, StreamResult, Vec<T>)>,
    cancelled: Rc<Cell<bool>>,
}

/// Items in order.
struct Buffer<T>(std::collections::VecDeque<T>);

impl<T> Buffer<T> {
    fn take(&mut self, most: usize) -> Vec<T> {
        if most >= self.0.len() {
            return std::mem::take(&mut self.0).into();
        }
        self.0.drain(..most).collect()
    }
}

impl<T: 'static> Read<T> {
    fn start(mut reader: StreamReader<T>, most: usize) -> Self {
        let cancelled = Rc::new(Cell::new(false));
        let asked = cancelled.clone();
        let future = Box::pin(async move {
            let (result, items) = {
                let mut read = pin!(reader.read(Vec::with_capacity(most)));
                poll_fn(|cx| {
                    if asked.get() {
                        Poll::Ready(read.as_mut().cancel())
                    } else {
                        read.as_mut().poll(cx)
                    }
                })
                .await
            };
            (reader, result, items)
        });
        Read { future, cancelled }
    }
}

impl<T: 'static> Source<T> {
    /// `ahead` is how many items are asked for if the caller does not say.
    pub(crate) fn new(
        reader: StreamReader<T>,
        end: impl Future<Output = Result<(), Error>> + 'static,
        ahead: usize,
    ) -> Self {
        Source {
            stage: RefCell::new(Stage::Idle(reader, Box::pin(end))),
            buffer: RefCell::new(Buffer(Default::default())),
            wakers: Arc::default(),
            ahead,
            handles: Cell::new(0),
        }
    }

    /// Ready when [`take`](Self::take) answers something. A read that must be started for that asks for up to `most` items.
    pub(crate) fn poll_items(&self, cx: &mut Context<'_>, most: usize) -> Poll<()> {
        if !self.buffer.borrow().0.is_empty() {
            return Poll::Ready(());
        }
        self.wakers.add(cx.waker());
        let waker = Waker::from(self.wakers.clone());
        let mut cx = Context::from_waker(&waker);
        let mut stage = self.stage.borrow_mut();
        loop {
            let poll = match &mut *stage {
                Stage::Idle(..) => Poll::Ready(()),
                Stage::Reading(read, _) => match read.future.as_mut().poll(&mut cx) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(output) => {
                        self.settle(&mut stage, output);
                        if !self.buffer.borrow().0.is_empty() {
                            return Poll::Ready(());
                        }
                        continue;
                    }
                },
                Stage::Ending(end) => end.as_mut().poll(&mut cx).map(|ended| {
                    *stage = match ended {
                        Ok(()) => Stage::Closed,
                        Err(error) => Stage::Failed(error),
                    };
                }),
                Stage::Failed(_) | Stage::Closed => return Poll::Ready(()),
            };
            ready!(poll);
            if let Stage::Idle(..) = &*stage
                && let Stage::Idle(reader, end) = std::mem::replace(&mut *stage, Stage::Closed)
            {
                *stage = Stage::Reading(Read::start(reader, most.clamp(1, MOST)), end);
            }
        }
    }

    /// Notes the outcome of a read.
    fn settle(
        &self,
        stage: &mut Stage<T>,
        (reader, result, items): (StreamReader<T>, StreamResult, Vec<T>),
    ) {
        let Stage::Reading(_, end) = std::mem::replace(stage, Stage::Closed) else {
            unreachable!("a read that has ended was under way");
        };
        *stage = match result {
            StreamResult::Dropped => Stage::Ending(end),
            _ => Stage::Idle(reader, end),
        };
        let mut buffer = self.buffer.borrow_mut();
        if buffer.0.is_empty() {
            // Without a copy.
            buffer.0 = items.into();
        } else {
            buffer.0.extend(items);
        }
    }

    /// Takes up to `most` items that are there. Without any: an empty list, or the end of the stream.
    pub(crate) fn take(&self, most: u64) -> Result<Vec<T>, StreamError> {
        let mut buffer = self.buffer.borrow_mut();
        if !buffer.0.is_empty() {
            return Ok(buffer.take(usize::try_from(most).unwrap_or(usize::MAX)));
        }
        let mut stage = self.stage.borrow_mut();
        match &*stage {
            Stage::Closed => Err(StreamError::Closed),
            Stage::Failed(_) => match std::mem::replace(&mut *stage, Stage::Closed) {
                Stage::Failed(error) => Err(StreamError::LastOperationFailed(error)),
                _ => unreachable!("it was, a moment ago"),
            },
            _ => Ok(Vec::new()),
        }
    }

    /// Takes up to `most` items, without waiting for them. Starts to read if there are none.
    pub(crate) fn try_take(&self, most: u64) -> Result<Vec<T>, StreamError> {
        let mut cx = Context::from_waker(Waker::noop());
        let wanted = usize::try_from(most).unwrap_or(MOST);
        // Pending or not, `take` knows what there is.
        let _ = self.poll_items(&mut cx, wanted);
        self.take(most)
    }

    /// Waits until there are items, or the stream is over. A read that must be started for that asks for up to `most`.
    pub(crate) async fn wait(&self, most: usize) {
        poll_fn(|cx| self.poll_items(cx, most)).await;
    }

    /// Ends a read that is under way. What it has read already is kept.
    pub(crate) fn pause(&self) {
        let mut stage = self.stage.borrow_mut();
        let Stage::Reading(read, _) = &mut *stage else {
            return;
        };
        read.cancelled.set(true);
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(output) = read.future.as_mut().poll(&mut cx) else {
            unreachable!("a cancelled read is over");
        };
        self.settle(&mut stage, output);
        drop(stage);
        // Whoever waits for it starts it again.
        self.wakers.wake_all();
    }

    /// Reads no more. The writer is told.
    pub(crate) fn close(&self) {
        self.pause();
        self.buffer.borrow_mut().0.clear();
        // Dropped outside of the borrow.
        let _old = self.stage.replace(Stage::Closed);
        self.wakers.wake_all();
    }

    /// What is left of it: the items that were read, the stream if it is not over, and its end.
    pub(crate) fn dissolve(&self) -> (Vec<T>, Option<StreamReader<T>>, End) {
        self.pause();
        let items = self.buffer.borrow_mut().take(usize::MAX);
        let (reader, end): (_, End) = match self.stage.replace(Stage::Closed) {
            Stage::Idle(reader, end) => (Some(reader), end),
            Stage::Ending(end) => (None, end),
            Stage::Failed(error) => (None, Box::pin(std::future::ready(Err(error)))),
            Stage::Closed => (None, Box::pin(std::future::ready(Ok(())))),
            Stage::Reading(..) => unreachable!("it was paused"),
        };
        (items, reader, end)
    }
}

impl<T: 'static> Readiness for Source<T> {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_items(cx, self.ahead)
    }
}
