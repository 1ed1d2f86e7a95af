//! Bodies on their way out.

use super::body::TrailersFuture;
use super::error;
use super::fields::Fields;
use super::join;
use super::received::Received;
use crate::bindings::p2::http::types::OutgoingBody;
use crate::bindings::p2::io::streams::{InputStream, OutputStream, StreamError};
use crate::bindings::p3::http::types::ErrorCode;
use crate::{CHUNK, output};
use polyfill_guest::{StreamReader, StreamResult, pollable};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The buffer that a body begins with: most are small. One that fills it gets [`CHUNK`].
const SMALL: usize = 512;

/// How much is moved at once of a body that is passed on.
const PIECE: u64 = 256 * 1024;

/// Sends contents and trailers. A body that is dropped unfinished tells the host that it is incomplete.
pub async fn transmit(
    contents: Option<StreamReader<u8>>,
    trailers: TrailersFuture,
    body: OutgoingBody,
) -> Result<(), ErrorCode> {
    if let Some(contents) = contents {
        let stream = body.write().map_err(|()| ErrorCode::InternalError(None))?;
        send(contents, &stream).await.map_err(error::of_stream)?;
    }
    let trailers = trailers.await?;
    let trailers = trailers.map(|trailers| trailers.into_inner::<Fields>().into_p2());
    OutgoingBody::finish(body, trailers).map_err(error::code)
}

/// Sends the body of a message that has come in, which no guest has asked for. Nobody is told why that failed: an incomplete body
/// is all there is to see.
pub async fn pass_on(from: Received, to: OutgoingBody) -> Option<()> {
    let body = from.body().ok()?;
    let stream = to.write().ok()?;
    pass(body.stream(), &stream).await.flatten().ok()?;
    output::flush(&stream).await.ok()?;
    drop(stream);
    let trailers = body.finish().await.ok()?;
    OutgoingBody::finish(to, trailers).ok()
}

/// Moves bytes until the stream has ended, and flushes whenever it waits for more.
async fn send(from: StreamReader<u8>, to: &OutputStream) -> Result<(), StreamError> {
    let (mut from, taken) = join::take(from).await;
    if let Some(body) = taken {
        // How it has ended is told with the trailers.
        let result = pass(body.stream(), to).await?;
        body.finish(result);
        return Ok(());
    }
    let mut buf = Vec::with_capacity(SMALL);
    let mut unflushed = Unflushed { to, any: false };
    loop {
        let (result, bytes) = unflushed.before_waiting_for(from.read(buf)).await?;
        if result == StreamResult::Dropped {
            return unflushed.flush();
        }
        output::write_all(to, &bytes).await?;
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
) -> Result<Result<(), StreamError>, StreamError> {
    let mut unflushed = Unflushed { to, any: false };
    let mut piece = from.read(PIECE);
    loop {
        match piece {
            Ok(bytes) if bytes.is_empty() => {
                let ready = pollable!(from.subscribe());
                unflushed.before_waiting_for(ready).await?;
                piece = from.read(PIECE);
            }
            Ok(bytes) => {
                piece = next(from);
                output::write_all(to, &bytes).await?;
                unflushed.any = true;
            }
            Err(error) => {
                unflushed.flush()?;
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
    fn flush(&mut self) -> Result<(), StreamError> {
        match std::mem::take(&mut self.any) {
            true => self.to.flush(),
            false => Ok(()),
        }
    }

    /// Flushes if that has to be waited for.
    async fn before_waiting_for<F: Future>(&mut self, future: F) -> Result<F::Output, StreamError> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => match self.flush() {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        })
        .await
    }
}
