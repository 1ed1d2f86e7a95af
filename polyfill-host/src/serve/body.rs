//! Bodies on their way between connection and guest: neither side waits for the other for ever.

use super::exchange::Client;
use crate::http::TimedBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error, WasiBody};

/// The body of a request, on its way to the guest.
///
/// Fails with `connection-read-timeout` if a guest waits for a client that sends nothing for
/// `timeout`, and with `connection-terminated` if the client has gone.
pub(super) fn request_body(body: Incoming, timeout: Duration) -> WasiBody {
    if body.is_end_stream() {
        // Takes no memory: most requests have none.
        return Empty::new().map_err(|never| match never {}).boxed_unsync();
    }
    TimedBody::new(body, timeout, read_error).boxed_unsync()
}

fn read_error(error: hyper::Error) -> Error {
    if error.is_timeout() {
        Error::ConnectionReadTimeout
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Error::ConnectionTerminated
    } else {
        Error::Hyper(error)
    }
}

/// The body of a guest's response, on its way to the client.
///
/// A guest that traps may look as if it had reached the end of its body: then this body ends with
/// an error, so that the client's connection is cut instead of the response being passed off as whole.
#[derive(Debug)]
pub(super) struct ResponseBody {
    body: WasiBody,
    client: Client,
    ended: bool,
    /// What the body will fail with, once hyper has sent what it has.
    cut_off: Option<CutOff>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl ResponseBody {
    /// `permit` is held until the body is through.
    pub(super) fn new(
        body: WasiBody,
        client: Client,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        client.streaming();
        let ended = body.is_end_stream();
        if ended {
            client.finished();
        }
        Self {
            body,
            client,
            ended,
            cut_off: None,
            _permit: permit,
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.client.finished();
    }

    /// Fails at the next poll: hyper drops what it has not sent yet when a body fails, and the client should get all
    /// that the guest wrote.
    fn cut_off(
        &mut self,
        cx: &Context<'_>,
        error: Option<Error>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        self.cut_off = Some(CutOff(error));
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let this = &mut *self;
        if let Some(cut_off) = this.cut_off.take() {
            this.end();
            return Poll::Ready(Some(Err(cut_off)));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        let exchange = this.client.exchange();
        exchange.wake_on_failure(cx);
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if exchange.has_failed() {
            return this.cut_off(cx, None);
        }
        match frame {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                this.end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) => {
                // hyper doesn't ask again once it knows: the instance must hear of the end now.
                if frame.is_trailers() || this.body.is_end_stream() {
                    this.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::warn!(
                    "request {}: the response was cut off: {error:?}",
                    exchange.number()
                );
                this.cut_off(cx, Some(error))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why a response ends before its end: the guest's own error, or that it trapped.
#[derive(Debug)]
pub(super) struct CutOff(Option<Error>);

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(error) => write!(f, "the guest cut its response off: {error:?}"),
            None => f.write_str("the guest trapped"),
        }
    }
}

impl std::error::Error for CutOff {}
