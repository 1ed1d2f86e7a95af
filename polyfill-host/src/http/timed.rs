//! A body from the network that fails if its next frame takes too long.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// A body from the network. It fails with `connection-read-timeout` when a reader has waited `timeout` for a frame; time
/// without a waiting reader does not count.
pub(crate) struct TimedBody {
    incoming: Incoming,
    timeout: Duration,
    /// Describes an error of hyper, which depends on who sends the body.
    describe: fn(hyper::Error) -> Error,
    /// Made when it is first needed, and then reused: a body that is always in time has none.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the timer runs for the next frame.
    waiting: bool,
}

impl TimedBody {
    pub fn new(incoming: Incoming, timeout: Duration, describe: fn(hyper::Error) -> Error) -> Self {
        TimedBody {
            incoming,
            timeout,
            describe,
            timer: None,
            waiting: false,
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timeout = self.timeout;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        if !self.waiting {
            timer.as_mut().reset(Instant::now() + timeout);
            self.waiting = true;
        }
        timer.as_mut().poll(cx)
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Ready(frame) => {
                this.waiting = false;
                Poll::Ready(frame.map(|frame| frame.map_err(this.describe)))
            }
            Poll::Pending => this
                .poll_timer(cx)
                .map(|()| Some(Err(Error::ConnectionReadTimeout))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
