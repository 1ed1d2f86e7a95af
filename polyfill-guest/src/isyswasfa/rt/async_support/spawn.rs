//! Tasks that this component spawns.

use super::executor;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Runs `future` beside the caller's task. It goes on after that task, or the exported call it belongs to, is over, for as long
/// as the component instance lives. Unlike wit-bindgen's, this works outside of asynchronous calls too.
///
/// # Cancellation
///
/// Dropping the handle lets the task go on; [`JoinHandle::cancel`] ends it.
pub fn spawn_local<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    let shared = Arc::new(Mutex::new(Shared {
        output: None,
        waker: None,
    }));
    let done = Done(shared.clone());
    let task = executor::spawn(Box::pin(async move {
        let output = future.await;
        done.with(|shared| shared.output = Some(output));
    }));
    JoinHandle { task, shared }
}

/// A task made by [`spawn_local`]. Awaiting it gives the result of the task, or None if it was cancelled.
pub struct JoinHandle<T> {
    task: u32,
    shared: Arc<Mutex<Shared<T>>>,
}

struct Shared<T> {
    output: Option<T>,
    waker: Option<Waker>,
}

impl<T> JoinHandle<T> {
    /// Ends the task where it is waiting. A result that it already has can still be awaited.
    pub fn cancel(&mut self) {
        // Its number may have been given to another task since.
        if Arc::strong_count(&self.shared) > 1 {
            executor::remove(self.task);
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(output) = shared.output.take() {
            return Poll::Ready(Some(output));
        }
        // The task's own share is gone when it is.
        if Arc::strong_count(&self.shared) == 1 {
            return Poll::Ready(None);
        }
        shared.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The task's own share of its result. Wakes whatever awaits the task when it is gone, done or not.
struct Done<T>(Arc<Mutex<Shared<T>>>);

impl<T> Done<T> {
    fn with<R>(&self, f: impl FnOnce(&mut Shared<T>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        if let Some(waker) = self.with(|shared| shared.waker.take()) {
            waker.wake();
        }
    }
}
