//! Standard input: one, however many streams of it a guest asks for. What a stream has read ahead and its reader has not taken
//! is there for the others.

use crate::CHUNK;
use crate::bindings::p2::cli::stdin::get_stdin;
use crate::bindings::p2::io::streams::{InputStream, StreamError};
use crate::input::is_wanted;
use polyfill_guest::{StreamWriter, pollable};
use std::cell::{Cell, OnceCell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

thread_local! {
    static STDIN: OnceCell<Rc<Stdin>> = const { OnceCell::new() };
}

pub struct Stdin {
    input: InputStream,
    /// What was read of it and nobody has taken.
    rest: RefCell<Vec<u8>>,
    /// So many streams offer something that no reader has taken yet.
    offering: Cell<usize>,
    /// So many streams have a reader and nothing for it.
    lacking: Cell<usize>,
    /// Those who wait for any of this to change.
    waiting: RefCell<Vec<Waker>>,
}

impl Stdin {
    /// The one that there is.
    pub fn get() -> Rc<Self> {
        let make = || {
            Rc::new(Stdin {
                input: get_stdin(),
                rest: RefCell::default(),
                offering: Cell::default(),
                lacking: Cell::default(),
                waiting: RefCell::default(),
            })
        };
        STDIN.with(|stdin| stdin.get_or_init(make).clone())
    }

    /// Moves bytes until the input has ended or the reader is gone.
    pub async fn copy(&self, to: &mut StreamWriter<u8>) -> Result<(), StreamError> {
        while is_wanted(to).await {
            match self.some(to).await? {
                Some(bytes) => self.offer(bytes, to).await,
                None => break,
            }
        }
        Ok(())
    }

    /// What is there to be read, once there is something. None: the input has ended, or the reader is gone.
    async fn some(&self, to: &mut StreamWriter<u8>) -> Result<Option<Vec<u8>>, StreamError> {
        loop {
            let rest = self.rest.take();
            if !rest.is_empty() {
                return Ok(Some(rest));
            }
            let ready = match self.offering.get() {
                0 => match self.input.read(CHUNK as u64) {
                    Ok(bytes) if bytes.is_empty() => Some(pollable!(self.input.subscribe())),
                    Ok(bytes) => return Ok(Some(bytes)),
                    Err(StreamError::Closed) => return Ok(None),
                    Err(error) => return Err(error),
                },
                // They give it back, or somebody takes it.
                _ => None,
            };
            if !self.wait(ready, to).await {
                return Ok(None);
            }
        }
    }

    /// Waits until something may be there, from the host or another stream; false if the reader was dropped meanwhile.
    async fn wait(&self, mut ready: Option<pollable::Pollable>, to: &mut StreamWriter<u8>) -> bool {
        self.lacking.update(|n| n + 1);
        self.changed();
        let mut dropped = pin!(to.reader_dropped());
        let is_there = poll_fn(|cx| {
            let may_read = match &mut ready {
                Some(ready) => Pin::new(ready).poll(cx).is_ready(),
                None => self.offering.get() == 0,
            };
            if may_read || !self.rest.borrow().is_empty() {
                return Poll::Ready(true);
            }
            self.wait_for_change(cx);
            dropped.as_mut().poll(cx).map(|()| false)
        })
        .await;
        self.lacking.update(|n| n - 1);
        is_there
    }

    /// Offers bytes to the reader until it takes some, or another one lacks them. What it does not take is kept.
    async fn offer(&self, bytes: Vec<u8>, to: &mut StreamWriter<u8>) {
        self.offering.update(|n| n + 1);
        let mut write = pin!(to.write(bytes));
        let (_, left) = poll_fn(|cx| {
            if let Poll::Ready(output) = write.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            if self.lacking.get() > 0 {
                return Poll::Ready(write.as_mut().cancel());
            }
            self.wait_for_change(cx);
            Poll::Pending
        })
        .await;
        self.offering.update(|n| n - 1);
        let mut left = left.into_vec();
        let mut rest = self.rest.borrow_mut();
        left.append(&mut rest);
        *rest = left;
        drop(rest);
        self.changed();
    }

    fn wait_for_change(&self, cx: &Context<'_>) {
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
    }

    fn changed(&self) {
        for waker in self.waiting.take() {
            waker.wake();
        }
    }
}
