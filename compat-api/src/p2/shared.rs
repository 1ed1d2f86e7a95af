//! Operations that any number of pollables wait for.

use super::io::poll::Readiness;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A future without a name.
pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// The wakers of all that wait for one thing. As a waker itself, it wakes them all.
#[derive(Default)]
pub(crate) struct Wakers(Mutex<Vec<Waker>>);

impl Wakers {
    pub(crate) fn add(&self, waker: &Waker) {
        let mut wakers = self.lock();
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    pub(crate) fn wake_all(&self) {
        // Woken outside of the lock: a waker can run any code.
        let wakers = std::mem::take(&mut *self.lock());
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

/// A future whose output is kept until it is taken. Any number of tasks can wait for it.
pub(crate) struct Shared<T> {
    state: RefCell<State<T>>,
    wakers: Arc<Wakers>,
}

enum State<T> {
    Running(Boxed<T>),
    Done(T),
    Taken,
}

impl<T> Shared<T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Self {
        Shared {
            state: RefCell::new(State::Running(Box::pin(future))),
            wakers: Arc::default(),
        }
    }

    /// Goes on with the operation, without waiting for it. Answers whether it is done.
    pub(crate) fn advance(&self) -> bool {
        self.poll_ready(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    /// The output, if it is there and has not been taken.
    pub(crate) fn take(&self) -> Option<T> {
        if !self.advance() {
            return None;
        }
        match self.state.replace(State::Taken) {
            State::Done(output) => Some(output),
            _ => None,
        }
    }

    /// Looks at the output, if it is there.
    pub(crate) fn peek<R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        match &*self.state.borrow() {
            State::Done(output) => Some(f(output)),
            _ => None,
        }
    }

    /// Whether the output has been taken.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(&*self.state.borrow(), State::Taken)
    }
}

impl<T> Readiness for Shared<T> {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.borrow_mut();
        let State::Running(future) = &mut *state else {
            return Poll::Ready(());
        };
        self.wakers.add(cx.waker());
        let waker = Waker::from(self.wakers.clone());
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(output) => {
                *state = State::Done(output);
                drop(state);
                // The others may wait for an event that has just been taken note of.
                self.wakers.wake_all();
                Poll::Ready(())
            }
        }
    }
}
