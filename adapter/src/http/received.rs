//! Messages that have come in from 0.2, and their bodies.

use super::error;
use crate::bindings::p2::http::types::{
    FutureTrailers, IncomingBody, IncomingRequest, IncomingResponse, Trailers,
};
use crate::bindings::p2::io::streams::{InputStream, StreamError};
use crate::bindings::p3::http::types::ErrorCode;
use polyfill_guest::pollable;
use std::rc::Rc;

/// A message whose body has not been asked for.
pub enum Received {
    Request(Rc<IncomingRequest>),
    Response(IncomingResponse),
}

/// A body on its way in.
pub struct ReceivedBody {
    // Dropped before what it is of.
    stream: InputStream,
    body: IncomingBody,
}

impl Received {
    /// Its body, once.
    pub fn body(&self) -> Result<ReceivedBody, ErrorCode> {
        let body = match self {
            Received::Request(request) => request.consume(),
            Received::Response(response) => response.consume(),
        };
        let opened = body.and_then(|body| {
            let stream = body.stream()?;
            Ok(ReceivedBody { stream, body })
        });
        // Only this function consumes it, and once.
        opened.map_err(|()| ErrorCode::InternalError(None))
    }

    /// Why its body could not be read.
    pub fn why(&self, error: StreamError) -> ErrorCode {
        match self {
            // The client has gone, or sends nonsense. The host is not asked which: `polyfill-host` has this one code for both, most
            // have none, and some fail when they are asked.
            Received::Request(_) => ErrorCode::ConnectionTerminated,
            Received::Response(_) => error::of_stream(error),
        }
    }
}

impl ReceivedBody {
    /// Where it is read from.
    pub fn stream(&self) -> &InputStream {
        &self.stream
    }

    /// The trailers of a body that was read, or that nobody wants to read to its end.
    pub async fn finish(self) -> Result<Option<Trailers>, ErrorCode> {
        let ReceivedBody { stream, body } = self;
        drop(stream);
        let trailers: FutureTrailers = IncomingBody::finish(body);
        loop {
            match trailers.get() {
                None => pollable!(trailers.subscribe()).await,
                // Some hosts have trailers of nothing where there are none, and refuse to send any.
                Some(Ok(Ok(trailers))) => {
                    return Ok(trailers.filter(|trailers| !trailers.entries().is_empty()));
                }
                Some(Ok(Err(code))) => return Err(error::code(code)),
                // Taken twice, which it is not.
                Some(Err(())) => return Err(ErrorCode::InternalError(None)),
            }
        }
    }
}
