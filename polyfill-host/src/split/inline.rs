//! Runs a future in place if it can finish at once, and otherwise in a task of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

/// A future that enters a guest. Dropping it halfway would leave the guest unusable. So if it can't finish at its first poll,
/// it moves into a task, and dropping this only stops the wait.
pub(crate) enum Inline<R> {
    First(Pin<Box<dyn Future<Output = R> + Send>>),
    Spawned(JoinHandle<R>),
    Over,
}

impl<R: Send + 'static> Inline<R> {
    pub fn new(future: impl Future<Output = R> + Send + 'static) -> Self {
        Inline::First(Box::pin(future))
    }
}

impl<R: Send + 'static> Future for Inline<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        loop {
            match std::mem::replace(&mut *self, Inline::Over) {
                Inline::First(mut future) => match future.as_mut().poll(cx) {
                    Poll::Ready(result) => return Poll::Ready(result),
                    Poll::Pending => *self = Inline::Spawned(tokio::spawn(future)),
                },
                Inline::Spawned(mut task) => match Pin::new(&mut task).poll(cx) {
                    Poll::Ready(Ok(result)) => return Poll::Ready(result),
                    Poll::Ready(Err(error)) => match error.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        // The runtime shuts down, and nobody will poll again.
                        Err(_) => return Poll::Pending,
                    },
                    Poll::Pending => {
                        *self = Inline::Spawned(task);
                        return Poll::Pending;
                    }
                },
                // Polled after it was ready, which futures need not support.
                Inline::Over => return Poll::Pending,
            }
        }
    }
}
