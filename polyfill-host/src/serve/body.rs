//! Bodies of requests on their way to the guest, with a timeout for the client.

use crate::http::TimedBody;
use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use std::time::Duration;
use wasmtime_wasi_http::{Error, WasiBody};

/// The body of a request, on its way to the guest.
///
/// Fails with `connection-read-timeout` if a guest waits for a client that sends nothing for
/// `timeout`, and with `connection-terminated` if the client has gone.
pub(super) fn request_body(body: Incoming, timeout: Duration) -> WasiBody {
    if body.is_end_stream() {
        // Takes no memory: most requests have no body.
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
