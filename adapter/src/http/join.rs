//! Joins a body that comes in to one that goes out, where a guest passes on the stream of one as that of the other: the bytes go
//! from the host to the host then, and cross no pipe.
//!
//! (1) Who writes an incoming body to a pipe can be asked while it waits for a reader.
//! (2) Who sends what it reads from a pipe asks everybody who can be asked, lending its reader: `take`.
//! (3) Reader and writer are of one pipe if a read of nothing is what a write of nothing waits for: nobody else runs meanwhile.
//! (4) The sender has the body then; the writer waits until that lets go of it.

use super::received::ReceivedBody;
use crate::bindings::p2::io::streams::{InputStream, StreamError};
use polyfill_guest::{StreamReader, StreamResult, StreamWriter};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

thread_local! {
    /// Those who can be asked.
    static WAITING: RefCell<Vec<Rc<Incoming>>> = const { RefCell::new(Vec::new()) };
}

/// A body on its way into a pipe.
pub struct Incoming {
    body: Rc<ReceivedBody>,
    state: Cell<State>,
    /// Whoever waits for the state to change.
    writer: RefCell<Option<Waker>>,
    sender: RefCell<Option<Waker>>,
}

#[derive(Default)]
enum State {
    #[default]
    Free,
    /// By somebody with this reader.
    Asked(StreamReader<u8>),
    /// Whether the reader is of this pipe.
    Answered(StreamReader<u8>, bool),
    /// A sender has the body.
    Taken,
    /// It has let go of it; the body has ended so.
    Released(Option<Result<(), StreamError>>),
}

/// What a writer has to do.
pub enum Wanted {
    /// Write something.
    Bytes,
    /// Nothing any more: the reader is gone, or a sender has moved all of it.
    Nothing(Result<(), StreamError>),
}

impl Incoming {
    pub fn new(body: Rc<ReceivedBody>) -> Rc<Self> {
        Rc::new(Incoming {
            body,
            state: Cell::default(),
            writer: RefCell::default(),
            sender: RefCell::default(),
        })
    }

    /// Waits for a reader.
    pub async fn wanted(self: &Rc<Self>, writer: &mut StreamWriter<u8>) -> Wanted {
        loop {
            // (1)
            WAITING.with_borrow_mut(|waiting| waiting.push(self.clone()));
            let found = {
                let mut write = pin!(writer.write(Vec::new()));
                poll_fn(|cx| match self.state.take() {
                    State::Asked(reader) => Poll::Ready(Err(reader)),
                    state => {
                        self.state.set(state);
                        self.writer.replace(Some(cx.waker().clone()));
                        write.as_mut().poll(cx).map(|(result, _)| Ok(result))
                    }
                })
                .await
            };
            WAITING.with_borrow_mut(|waiting| waiting.retain(|other| !Rc::ptr_eq(other, self)));
            match found {
                Ok(StreamResult::Dropped) => return Wanted::Nothing(Ok(())),
                Ok(_) => return Wanted::Bytes,
                Err(mut reader) => {
                    // (3)
                    let is_same = is_same(&mut reader, writer);
                    self.change(State::Answered(reader, is_same), &self.sender);
                    if is_same && let Some(result) = self.released().await {
                        return Wanted::Nothing(result);
                    }
                }
            }
        }
    }

    /// (4): waits for a sender that has the body.
    async fn released(&self) -> Option<Result<(), StreamError>> {
        poll_fn(|cx| match self.state.take() {
            State::Released(result) => Poll::Ready(result),
            state => {
                self.state.set(state);
                self.writer.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    fn is_waiting(&self) -> bool {
        WAITING.with_borrow(|waiting| waiting.iter().any(|other| std::ptr::eq(&**other, self)))
    }

    fn change(&self, state: State, whose: &RefCell<Option<Waker>>) {
        self.state.set(state);
        if let Some(waker) = whose.take() {
            waker.wake();
        }
    }
}

/// Whether both are ends of one pipe. Neither has anything under way.
fn is_same(reader: &mut StreamReader<u8>, writer: &mut StreamWriter<u8>) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    let mut write = pin!(writer.write(Vec::new()));
    if write.as_mut().poll(&mut cx).is_ready() {
        // Somebody else reads, or nobody.
        return false;
    }
    let mut read = pin!(reader.read(Vec::new()));
    let read_is_over = read.as_mut().poll(&mut cx).is_ready();
    let (result, _) = write.cancel();
    if !read_is_over {
        read.cancel();
    }
    result == StreamResult::Complete(0)
}

/// The body of which the reader is given, if it is one that comes in, and the reader.
pub async fn take(reader: StreamReader<u8>) -> (StreamReader<u8>, Option<Taken>) {
    let mut reader = reader;
    let waiting = WAITING.with_borrow(|waiting| waiting.clone());
    for incoming in waiting {
        // It may have found a reader while another was asked.
        if !incoming.is_waiting() {
            continue;
        }
        match incoming.state.take() {
            State::Free => {}
            // Somebody else asks already.
            state => {
                incoming.state.set(state);
                continue;
            }
        }
        // (2)
        incoming.change(State::Asked(reader), &incoming.writer);
        let taken = Taken(incoming);
        let answer = poll_fn(|cx| match taken.0.state.take() {
            State::Answered(reader, is_same) => Poll::Ready((reader, is_same)),
            state => {
                taken.0.state.set(state);
                taken.0.sender.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        });
        let (lent, is_same) = answer.await;
        reader = lent;
        if is_same {
            taken.0.state.set(State::Taken);
            return (reader, Some(taken));
        }
    }
    (reader, None)
}

/// A body that comes in, taken from who would have written it to a pipe; or to be taken, if nobody minds.
pub struct Taken(Rc<Incoming>);

impl Taken {
    pub fn stream(&self) -> &InputStream {
        self.0.body.stream()
    }

    /// All of it was moved, or it has failed.
    pub fn finish(self, result: Result<(), StreamError>) {
        self.0.change(State::Released(Some(result)), &self.0.writer);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        match self.0.state.take() {
            // Nobody waits for the answer any more.
            State::Asked(_) | State::Answered(_, false) => {}
            State::Answered(_, true) | State::Taken => {
                self.0.change(State::Released(None), &self.0.writer);
            }
            state => self.0.state.set(state),
        }
    }
}
