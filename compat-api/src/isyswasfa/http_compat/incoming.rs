//! The body of an incoming message, as a body of the crate `http-body`.

use super::internal;
use crate::http::types::{self, ErrorCode, Trailers};
use crate::wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult};
use crate::wit_future;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes to ask for in one read.
const READ: usize = 16 * 1024;

/// A message with headers and a body: `request` or `response`.
pub trait IncomingMessage: Unpin {
    /// Its headers.
    fn get_headers(&self) -> types::Headers;

    /// Its body. `res` tells the sender how reading it went.
    fn consume_body(
        self,
        res: FutureReader<Result<(), ErrorCode>>,
    ) -> (
        StreamReader<u8>,
        FutureReader<Result<Option<Trailers>, ErrorCode>>,
    );
}

impl IncomingMessage for types::Request {
    fn get_headers(&self) -> types::Headers {
        self.get_headers()
    }

    fn consume_body(
        self,
        res: FutureReader<Result<(), ErrorCode>>,
    ) -> (
        StreamReader<u8>,
        FutureReader<Result<Option<Trailers>, ErrorCode>>,
    ) {
        Self::consume_body(self, res)
    }
}

impl IncomingMessage for types::Response {
    fn get_headers(&self) -> types::Headers {
        self.get_headers()
    }

    fn consume_body(
        self,
        res: FutureReader<Result<(), ErrorCode>>,
    ) -> (
        StreamReader<u8>,
        FutureReader<Result<Option<Trailers>, ErrorCode>>,
    ) {
        Self::consume_body(self, res)
    }
}

/// The body of an incoming message. Nothing is read before it is polled.
pub struct IncomingBody<T> {
    state: State<T>,
    content_length: Option<u64>,
}

enum State<T> {
    Unstarted(T),
    Ready(Reading),
    Waiting(Pin<Box<dyn Future<Output = Read> + Send>>),
    Done,
    Taken,
}

struct Reading {
    stream: StreamReader<u8>,
    trailers: FutureReader<Result<Option<Trailers>, ErrorCode>>,
    /// Dropped at the end, which says that reading went well.
    _fared: FutureWriter<Result<(), ErrorCode>>,
}

enum Read {
    Data(Bytes, Reading),
    End(Result<Option<Trailers>, ErrorCode>),
}

impl<T: IncomingMessage> IncomingBody<T> {
    /// The body of `message`. An error if its `content-length` is not a number, or if there are several.
    pub fn new(message: T) -> Result<Self, ErrorCode> {
        let content_length = content_length(&message.get_headers())?;
        Ok(Self {
            state: State::Unstarted(message),
            content_length,
        })
    }

    /// The message, if nothing of the body has been read yet. Polling the body after that is an error.
    pub fn take_unstarted(&mut self) -> Option<T> {
        match mem::replace(&mut self.state, State::Taken) {
            State::Unstarted(message) => Some(message),
            other => {
                self.state = other;
                None
            }
        }
    }
}

impl<T: IncomingMessage> Body for IncomingBody<T> {
    type Data = Bytes;
    type Error = ErrorCode;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ErrorCode>>> {
        loop {
            self.state = match mem::replace(&mut self.state, State::Done) {
                State::Unstarted(message) => State::Ready(Reading::start(message)),
                State::Ready(reading) => State::Waiting(Box::pin(reading.read())),
                State::Waiting(mut read) => match read.as_mut().poll(context) {
                    Poll::Pending => {
                        self.state = State::Waiting(read);
                        return Poll::Pending;
                    }
                    Poll::Ready(Read::Data(data, reading)) => {
                        self.state = State::Ready(reading);
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    Poll::Ready(Read::End(Ok(None))) => return Poll::Ready(None),
                    Poll::Ready(Read::End(Ok(Some(trailers)))) => {
                        return Poll::Ready(Some(trailers.try_into().map(Frame::trailers)));
                    }
                    Poll::Ready(Read::End(Err(error))) => return Poll::Ready(Some(Err(error))),
                },
                State::Done => return Poll::Ready(None),
                State::Taken => {
                    self.state = State::Taken;
                    return Poll::Ready(Some(Err(internal(
                        "the body was taken by `take_unstarted`",
                    ))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// At most the `content-length`: bytes that were read already are not subtracted.
    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        if let Some(length) = self.content_length {
            hint.set_upper(length);
        }
        hint
    }
}

impl Reading {
    fn start(message: impl IncomingMessage) -> Self {
        let (fared, reader) = wit_future::new(|| Ok(()));
        let (stream, trailers) = message.consume_body(reader);
        Self {
            stream,
            trailers,
            _fared: fared,
        }
    }

    async fn read(mut self) -> Read {
        let (result, data) = self.stream.read(Vec::with_capacity(READ)).await;
        match result {
            StreamResult::Complete(_) => Read::Data(data.into(), self),
            // Reads are never cancelled here, so nothing more will come.
            StreamResult::Dropped | StreamResult::Cancelled => Read::End(self.trailers.await),
        }
    }
}

fn content_length(headers: &types::Headers) -> Result<Option<u64>, ErrorCode> {
    let values = headers.get("content-length");
    match values.as_slice() {
        [] => Ok(None),
        [value] => {
            let value = std::str::from_utf8(value).map_err(internal)?;
            value.parse().map(Some).map_err(internal)
        }
        _ => Err(internal("multiple `content-length` values")),
    }
}
