//! Drives the delivery of responses beside hyper: one for each HTTP/1 connection, one for each HTTP/2 stream.

use crate::serve::delivery::Delivery;
use hyper::rt::Executor;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

tokio::task_local! {
    /// The outlet of the response that is being made.
    static OUTLET: Outlet;
}

/// The response that is delivered on a connection or stream.
#[derive(Clone, Default)]
pub(in crate::serve) struct Outlet(Arc<Mutex<Option<Arc<Delivery>>>>);

impl Outlet {
    /// Lets the current connection or stream drive `delivery` from now on.
    pub(in crate::serve) fn deliver(delivery: &Arc<Delivery>) {
        // Without an outlet, hyper alone drives the delivery.
        let _ = OUTLET.try_with(|outlet| *outlet.0.lock().unwrap() = Some(delivery.clone()));
    }

    /// Polls what hyper does for this connection or stream, and then the delivery.
    pub(super) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let polled = OUTLET.sync_scope(self.clone(), || poll(cx));
        if polled.is_pending()
            && let Some(delivery) = self.delivery()
        {
            delivery.pull_ahead(cx);
        }
        polled
    }

    fn delivery(&self) -> Option<Arc<Delivery>> {
        self.0.lock().unwrap().clone()
    }
}

/// Runs hyper's HTTP/2 streams. A stream whose response does not move for `timeout` is reset, whatever else its client does.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) timeout: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(run(stream, self.timeout));
    }
}

async fn run(stream: impl Future<Output = ()>, timeout: Duration) {
    let mut stream = pin!(stream);
    let outlet = Outlet::default();
    let mut stall = Stall {
        timeout,
        timer: None,
        moves: None,
    };
    std::future::poll_fn(|cx| {
        if outlet.poll(cx, |cx| stream.as_mut().poll(cx)).is_ready() {
            return Poll::Ready(());
        }
        match outlet.delivery() {
            // Dropping the stream resets it.
            Some(delivery) => stall.poll(cx, &delivery),
            None => Poll::Pending,
        }
    })
    .await
}

/// How long a delivery has not moved.
struct Stall {
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// The number of moves when the timer was started.
    moves: Option<u64>,
}

impl Stall {
    /// Ready when the client has taken nothing for too long, though bytes were waiting.
    fn poll(&mut self, cx: &mut Context<'_>, delivery: &Delivery) -> Poll<()> {
        let Some(moves) = delivery.waits_for_client() else {
            self.moves = None;
            return Poll::Pending;
        };
        let timeout = self.timeout;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        if self.moves != Some(moves) {
            self.moves = Some(moves);
            timer.as_mut().reset(Instant::now() + timeout);
        }
        timer.as_mut().poll(cx).map(|()| {
            tracing::debug!(
                "a stream of HTTP/2 is reset: its client takes nothing of the response"
            );
        })
    }
}
