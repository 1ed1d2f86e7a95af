//! Bodies on their way out.

use super::body::TrailersFuture;
use super::error;
use super::fields::Fields;
use super::join;
use super::length::Length;
use super::received::Received;
use crate::beside::Beside;
use crate::bindings::p2::http::types::{OutgoingBody, Trailers};
use crate::bindings::p2::io::streams::{InputStream, OutputStream, StreamError};
use crate::bindings::p3::http::types::ErrorCode;
use crate::{CHUNK, output};
use polyfill_guest::{StreamReader, StreamResult, pollable, spawn_local};
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The buffer that a body begins with: most are small. One that fills it gets [`CHUNK`].
const SMALL: usize = 512;

/// How much is moved at once of a body that is passed on.
const PIECE: u64 = 256 * 1024;

/// Why a body was not sent to its end.
pub enum Failure {
    /// We or the guest would not have it so: it has the wrong length, or its trailers are an error.
    Refused(ErrorCode),
    /// The host could not send it.
    Broken(ErrorCode),
}

impl Failure {
    /// What the guest is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Failure::Refused(code) | Failure::Broken(code) => code,
        }
    }

    fn of_stream(error: StreamError) -> Self {
        Failure::Broken(error::of_stream(error))
    }
}

/// Sends contents and trailers. A body that is dropped unfinished tells the host that it is incomplete.
pub async fn transmit(
    contents: Option<StreamReader<u8>>,
    trailers: TrailersFuture,
    body: OutgoingBody,
    mut length: Length,
) -> Result<(), Failure> {
    let mut end = Beside::new(trailers.into_future());
    if let Some(contents) = contents {
        let internal = |()| Failure::Broken(ErrorCode::InternalError(None));
        let stream = body.write().map_err(internal)?;
        // A guest may write its trailers before it drops the contents.
        end.during(send(contents, &stream, &mut length)).await?;
    }
    if length.is_reached() {
        // The peer has all of it, whatever becomes of the trailers: none are sent after a body of this length.
        spawn_local(async move { drop(end.output().await) });
        return finish(body, None);
    }
    let trailers = end.output().await.map_err(Failure::Refused)?;
    length.end().map_err(Failure::Refused)?;
    finish(
        body,
        trailers.map(|trailers| trailers.into_inner::<Fields>().into_p2()),
    )
}

fn finish(body: OutgoingBody, trailers: Option<Trailers>) -> Result<(), Failure> {
    OutgoingBody::finish(body, trailers).map_err(|code| Failure::Broken(error::code(code)))
}

/// Sends the body of a message that has come in, which no guest has asked for: as long as it was.
pub async fn pass_on(from: Received, to: OutgoingBody) -> Result<(), Failure> {
    let internal = |()| Failure::Broken(ErrorCode::InternalError(None));
    let body = from.body().map_err(Failure::Broken)?;
    let stream = to.write().map_err(internal)?;
    let mut length = Length::any();
    pass(body.stream(), &stream, &mut length)
        .await?
        .map_err(|error| Failure::Refused(from.why(error)))?;
    output::flush(&stream).await.map_err(Failure::of_stream)?;
    drop(stream);
    let trailers = body.finish().await.map_err(Failure::Refused)?;
    finish(to, trailers)
}

/// Moves bytes until the stream has ended, and flushes whenever it waits for more.
async fn send(
    from: StreamReader<u8>,
    to: &OutputStream,
    length: &mut Length,
) -> Result<(), Failure> {
    let (mut from, taken) = join::take(from).await;
    if let Some(body) = taken {
        // How it has ended is told with the trailers.
        let result = pass(body.stream(), to, length).await?;
        body.finish(result);
        return Ok(());
    }
    let mut buf = Vec::with_capacity(SMALL);
    let mut unflushed = Unflushed { to, any: false };
    loop {
        if !length.allows(buf.capacity()) {
            // It may be too much, and then the writer gets all of it back: that works only if it waits already.
            let (result, none) = unflushed.before(from.read(Vec::new()), length).await?;
            if result == StreamResult::Dropped {
                return unflushed.flush(length);
            }
            drop(none);
        }
        let (result, bytes) = unflushed.before(from.read(buf), length).await?;
        if result == StreamResult::Dropped {
            return unflushed.flush(length);
        }
        if let Err(code) = length.count(bytes.len()) {
            from.unread(&bytes);
            return Err(Failure::Refused(code));
        }
        output::write_all(to, &bytes)
            .await
            .map_err(Failure::of_stream)?;
        unflushed.any = true;
        buf = bytes;
        if buf.len() == buf.capacity() && buf.len() < CHUNK {
            buf = Vec::with_capacity(CHUNK);
        }
        buf.clear();
    }
}

/// Moves bytes from the host to the host until the input has ended, or failed, and flushes whenever it waits for more. (By hand:
/// `splice` fails on some hosts, and does not tell the end on others.)
///
/// What comes after a piece is asked before the piece is written: who has all of an answer may hang up, and some hosts know then
/// only that, and no more that the request had ended.
async fn pass(
    from: &InputStream,
    to: &OutputStream,
    length: &mut Length,
) -> Result<Result<(), StreamError>, Failure> {
    let mut unflushed = Unflushed { to, any: false };
    let mut piece = from.read(PIECE);
    loop {
        match piece {
            Ok(bytes) if bytes.is_empty() => {
                let ready = pollable!(from.subscribe());
                unflushed.before(ready, length).await?;
                piece = from.read(PIECE);
            }
            // The peer has all of it: as on hosts of 0.3, nobody asks what comes then.
            Ok(_) if length.is_reached() => {
                unflushed.flush(length)?;
                return Ok(Ok(()));
            }
            Ok(bytes) => {
                length.count(bytes.len()).map_err(Failure::Refused)?;
                piece = next(from);
                output::write_all(to, &bytes)
                    .await
                    .map_err(Failure::of_stream)?;
                unflushed.any = true;
            }
            Err(error) => {
                unflushed.flush(length)?;
                return Ok(match error {
                    StreamError::Closed => Ok(()),
                    error => Err(error),
                });
            }
        }
    }
}

/// What there is after a piece: another, the end, or nothing yet. Some hosts tell the end only to who asks once more.
fn next(from: &InputStream) -> Result<Vec<u8>, StreamError> {
    match from.read(PIECE) {
        Ok(bytes) if bytes.is_empty() => from.read(PIECE),
        piece => piece,
    }
}

/// Whether something was written that has not been flushed.
struct Unflushed<'a> {
    to: &'a OutputStream,
    any: bool,
}

impl Unflushed<'_> {
    /// Flushes what is left. A peer that has all that it was promised may have gone.
    fn flush(&mut self, length: &Length) -> Result<(), Failure> {
        let flushed = if std::mem::take(&mut self.any) {
            self.to.flush()
        } else {
            Ok(())
        };
        match flushed {
            Err(StreamError::Closed) if length.is_reached() => Ok(()),
            flushed => flushed.map_err(Failure::of_stream),
        }
    }

    /// Flushes if that has to be waited for.
    async fn before<F: Future>(
        &mut self,
        future: F,
        length: &Length,
    ) -> Result<F::Output, Failure> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => match self.flush(length) {
                Ok(()) => Poll::Pending,
                Err(failure) => Poll::Ready(Err(failure)),
            },
        })
        .await
    }
}
