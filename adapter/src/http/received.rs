//! Messages that have come in from 0.2, and their bodies.

use super::error;
use crate::bindings::p2::http::types::{
    FutureTrailers, IncomingBody, IncomingRequest, IncomingResponse, Trailers,
};
use crate::bindings::p2::io::streams::{InputStream, StreamError};
use crate::bindings::p3::http::types::ErrorCode;
use crate::input;
use polyfill_guest::{StreamWriter, pollable};
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
}

impl ReceivedBody {
    /// Writes it as it is wanted.
    pub async fn copy(&self, to: &mut StreamWriter<u8>) -> Result<(), StreamError> {
        input::copy(&self.stream, to).await
    }

    /// What there is to read, up to so many bytes; None at the end.
    pub async fn read(&self, max: u64) -> Result<Option<Vec<u8>>, ErrorCode> {
        loop {
            match self.stream.read(max) {
                Ok(bytes) if bytes.is_empty() => pollable!(self.stream.subscribe()).await,
                Ok(bytes) => return Ok(Some(bytes)),
                Err(StreamError::Closed) => return Ok(None),
                Err(error) => return Err(error::of_stream(error)),
            }
        }
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
