//! A future that goes on while others are waited for.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// A future, and what it has come to.
pub struct Beside<F: Future> {
    future: F,
    output: Option<F::Output>,
}

impl<F: Future + Unpin> Beside<F> {
    pub fn new(future: F) -> Self {
        Beside {
            future,
            output: None,
        }
    }

    /// Waits for another one, and lets this one go on meanwhile.
    pub async fn during<M: Future>(&mut self, main: M) -> M::Output {
        let mut main = pin!(main);
        poll_fn(|cx| {
            if let Poll::Ready(output) = main.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            if self.output.is_none()
                && let Poll::Ready(output) = Pin::new(&mut self.future).poll(cx)
            {
                self.output = Some(output);
            }
            Poll::Pending
        })
        .await
    }

    /// What it comes to.
    pub async fn output(self) -> F::Output {
        match self.output {
            Some(output) => output,
            None => self.future.await,
        }
    }
}
