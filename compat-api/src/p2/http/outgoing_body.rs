//! Bodies that go.

use super::fields::Trailers;
use crate::http::types as p3;
use crate::http::types::ErrorCode;
use crate::p2::io::output::Output;
use crate::p2::io::sink::Pipe;
use crate::p2::io::streams::OutputStream;
use crate::p2::local::Local;
use crate::wit_bindgen::{FutureReader, FutureWriter, StreamReader, spawn_local};
use crate::{wit_future, wit_stream};
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

/// What comes after a body.
type End = Result<Option<p3::Fields>, ErrorCode>;

/// A body that goes. If it is dropped and not finished, the other side sees that it is not complete.
pub struct OutgoingBody(Local<Body>);

struct Body {
    output: Rc<Output>,
    streamed: Cell<bool>,
    trailers: FutureWriter<End>,
    /// What the headers say, and what it means if it is another.
    length: Option<u64>,
    wrong_length: fn(Option<u64>) -> ErrorCode,
}

/// What a message of 0.3 needs for a body.
pub(super) struct Contents {
    stream: Option<StreamReader<u8>>,
    trailers: FutureReader<End>,
}

impl Contents {
    /// No body.
    pub(super) fn none() -> Self {
        Contents {
            stream: None,
            // Dropping the writer writes the default.
            trailers: wit_future::new(|| Ok(None)).1,
        }
    }

    /// Makes the message. `make` also answers what tells whether it was sent, which nobody asks for: a stream that nobody reads
    /// is closed, as in 0.2.
    pub(super) fn into_message<M>(
        self,
        make: impl FnOnce(
            Option<StreamReader<u8>>,
            FutureReader<End>,
        ) -> (M, FutureReader<Result<(), ErrorCode>>),
    ) -> M {
        let (message, _sent) = make(self.stream, self.trailers);
        message
    }
}

impl OutgoingBody {
    /// The body of a message with these headers.
    pub(super) fn new(
        headers: &p3::Fields,
        wrong_length: fn(Option<u64>) -> ErrorCode,
    ) -> (OutgoingBody, Contents) {
        let (writer, stream) = wit_stream::new();
        let (trailers, after) = wit_future::new(|| Err(ErrorCode::HttpProtocolError));
        let body = Body {
            output: Rc::new(Output::new(Pipe::new(writer, None), false)),
            streamed: Cell::new(false),
            trailers,
            length: content_length(headers),
            wrong_length,
        };
        let contents = Contents {
            stream: Some(stream),
            trailers: after,
        };
        (OutgoingBody(Local::new(body)), contents)
    }

    /// A stream for what it contains, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn write(&self) -> Result<OutputStream, ()> {
        if self.0.streamed.replace(true) {
            Err(())
        } else {
            Ok(OutputStream::new(self.0.output.clone()))
        }
    }

    /// Ends the body. What was written is still sent. It fails if that is not as long as the headers say.
    ///
    /// # Panics
    ///
    /// If its stream is still there, as 0.2 traps.
    pub fn finish(this: OutgoingBody, trailers: Option<Trailers>) -> Result<(), ErrorCode> {
        let body = this.0.into_inner();
        assert!(
            body.output.handles.get() == 0,
            "an outgoing body was finished before its stream was dropped"
        );
        let written = body.output.accepted();
        if body.length.is_some_and(|length| length != written) {
            return Err((body.wrong_length)(Some(written)));
        }
        body.output.finish();
        spawn_local(async move {
            body.output.finished().await;
            // If it fails, nobody is there to read them.
            let _ = body.trailers.write(Ok(trailers.map(Into::into))).await;
        });
        Ok(())
    }
}

fn content_length(headers: &p3::Fields) -> Option<u64> {
    let value = headers.get("content-length").into_iter().next()?;
    std::str::from_utf8(&value).ok()?.trim().parse().ok()
}

impl fmt::Debug for OutgoingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingBody").finish_non_exhaustive()
    }
}
