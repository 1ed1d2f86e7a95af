//! `wasi:io/streams`: streams of bytes.

pub use super::error::Error;
pub use super::poll::Pollable;

use super::output::{CAPACITY, Output};
use super::poll::Readiness;
use super::sink::Pipe;
use super::source::Source;
use crate::p2::bindings::debug_cases;
use crate::p2::local::{Local, local};
use crate::wit_bindgen::{StreamReader, StreamWriter, block_on, spawn_local};
use crate::wit_stream;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::rc::Rc;

/// The most bytes that one blocking write takes.
const MOST_BLOCKING: u64 = 4096;

/// How many bytes are read before somebody says how many they want.
const AHEAD: usize = 16 * 1024;

/// Why a stream gives or takes nothing.
pub enum StreamError {
    /// The last operation, completed or not, has failed. It is told once, and the stream is closed from then on.
    LastOperationFailed(Error),
    /// The stream is closed.
    Closed,
}

debug_cases!(StreamError: LastOperationFailed(error), Closed);

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for StreamError {}

impl From<StreamError> for io::Error {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Closed => io::ErrorKind::UnexpectedEof.into(),
            StreamError::LastOperationFailed(error) => io::Error::other(error.to_debug_string()),
        }
    }
}

/// A stream of bytes to read.
pub struct InputStream(Local<Rc<Source<u8>>>);

impl InputStream {
    pub(crate) fn new(source: Rc<Source<u8>>) -> Self {
        source.handles.set(source.handles.get() + 1);
        InputStream(Local::new(source))
    }

    /// A stream of 0.3, and what tells how it has ended.
    pub fn from_stream<E: Into<Error>>(
        stream: StreamReader<u8>,
        end: impl IntoFuture<Output = Result<(), E>, IntoFuture: 'static> + 'static,
    ) -> Self {
        Self::new(Rc::new(source(stream, end)))
    }

    /// A stream of 0.3 of what has not been read, and what tells how it has ended.
    pub fn into_stream(
        self,
    ) -> (
        StreamReader<u8>,
        impl Future<Output = Result<(), Error>> + use<>,
    ) {
        let (bytes, reader, end) = self.0.dissolve();
        let stream = match (bytes.is_empty(), reader) {
            (true, Some(reader)) => reader,
            (_, rest) => prepended(bytes, rest),
        };
        (stream, end)
    }

    /// Reads up to `len` bytes that are there, which can be none.
    pub fn read(&self, len: u64) -> Result<Vec<u8>, StreamError> {
        self.0.try_take(len)
    }

    /// Reads up to `len` bytes, and waits until there is one.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub async fn blocking_read(&self, len: u64) -> Result<Vec<u8>, StreamError> {
        let wanted = usize::try_from(len).unwrap_or(usize::MAX);
        local(self.0.wait(wanted)).await;
        self.0.take(len)
    }

    /// Skips up to `len` bytes that are there. The result is how many.
    pub fn skip(&self, len: u64) -> Result<u64, StreamError> {
        self.read(len).map(|bytes| bytes.len() as u64)
    }

    /// Skips up to `len` bytes, and waits until there is one. The result is how many.
    ///
    /// # Cancellation
    ///
    /// Dropping the future skips nothing.
    pub async fn blocking_skip(&self, len: u64) -> Result<u64, StreamError> {
        self.blocking_read(len)
            .await
            .map(|bytes| bytes.len() as u64)
    }

    /// Ready when there is something to read, or the stream is over.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }
}

fn source<E: Into<Error>>(
    stream: StreamReader<u8>,
    end: impl IntoFuture<Output = Result<(), E>, IntoFuture: 'static> + 'static,
) -> Source<u8> {
    Source::new(stream, async { end.await.map_err(Into::into) }, AHEAD)
}

/// A source as streams of WASI have it: how it ended comes in a future.
pub(crate) fn input<E: Into<Error>>(
    (stream, end): (
        StreamReader<u8>,
        impl IntoFuture<Output = Result<(), E>, IntoFuture: 'static> + 'static,
    ),
) -> Rc<Source<u8>> {
    Rc::new(source(stream, end))
}

/// A stream of `bytes`, and then of the rest.
fn prepended(bytes: Vec<u8>, rest: Option<StreamReader<u8>>) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        if !writer.write_all(bytes).await.is_empty() {
            return;
        }
        let Some(mut rest) = rest else {
            return;
        };
        loop {
            let (_, bytes) = rest.read(Vec::with_capacity(CAPACITY)).await;
            // None: the rest is over. Some left: the reader is gone.
            if bytes.is_empty() || !writer.write_all(bytes).await.is_empty() {
                return;
            }
        }
    });
    reader
}

impl Drop for InputStream {
    fn drop(&mut self) {
        self.0.handles.set(self.0.handles.get() - 1);
        if self.0.handles.get() == 0 {
            // Another handle of the same stream, of stdin say, finds what this one has read ahead.
            self.0.pause();
        }
    }
}

impl fmt::Debug for InputStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputStream").finish_non_exhaustive()
    }
}

/// A stream that ends well.
impl From<StreamReader<u8>> for InputStream {
    fn from(stream: StreamReader<u8>) -> Self {
        Self::from_stream(stream, std::future::ready(Ok::<(), Error>(())))
    }
}

/// Blocks the component instance, unlike [`blocking_read`](InputStream::blocking_read): use that where it can be awaited.
impl io::Read for InputStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match block_on(self.blocking_read(buf.len() as u64)) {
            Ok(bytes) => {
                buf[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Err(StreamError::Closed) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// A stream of bytes to write. What was written goes its way in a task of its own, also after the stream is dropped.
pub struct OutputStream(Local<Rc<Output>>);

impl OutputStream {
    pub(crate) fn new(output: Rc<Output>) -> Self {
        output.handles.set(output.handles.get() + 1);
        OutputStream(Local::new(output))
    }

    /// How many bytes [`write`](Self::write) takes now. None: [`subscribe`](Self::subscribe) says when it takes some.
    pub fn check_write(&self) -> Result<u64, StreamError> {
        self.0.permit().map(|permit| permit as u64)
    }

    /// Writes all of `contents`, without waiting.
    ///
    /// # Panics
    ///
    /// If [`check_write`](Self::check_write) does not permit that many, as 0.2 traps.
    pub fn write(&self, contents: &[u8]) -> Result<(), StreamError> {
        self.0.write(contents)
    }

    /// Writes all of `contents`, and waits until it was taken.
    ///
    /// # Panics
    ///
    /// If it is more than 4096 bytes, as 0.2 traps.
    ///
    /// # Cancellation
    ///
    /// Dropping the future takes nothing back that was written.
    pub async fn blocking_write_and_flush(&self, contents: &[u8]) -> Result<(), StreamError> {
        self.must_be_short(contents.len() as u64);
        let mut rest = contents;
        while !rest.is_empty() {
            self.writable().await;
            let permit = self.0.permit()?.min(rest.len());
            let (now, later) = rest.split_at(permit);
            self.0.write(now)?;
            rest = later;
        }
        self.blocking_flush().await
    }

    /// Asks for everything that was written to be taken. Nothing more may be written before.
    pub fn flush(&self) -> Result<(), StreamError> {
        self.0.flush()
    }

    /// Waits until everything that was written was taken.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn blocking_flush(&self) -> Result<(), StreamError> {
        self.flush()?;
        local(self.0.flushed()).await
    }

    /// Ready when something may be written, or the stream is over.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }

    /// Writes `len` zeroes, as [`write`](Self::write) does.
    ///
    /// # Panics
    ///
    /// If [`check_write`](Self::check_write) does not permit that many, as 0.2 traps.
    pub fn write_zeroes(&self, len: u64) -> Result<(), StreamError> {
        let permit = self.check_write()?;
        assert!(
            len <= permit,
            "{len} zeroes were written to an output stream that permitted {permit}"
        );
        // No more than `CAPACITY`, by that.
        self.write(&vec![0; len as usize])
    }

    /// Writes `len` zeroes, as [`blocking_write_and_flush`](Self::blocking_write_and_flush) does.
    ///
    /// # Panics
    ///
    /// If it is more than 4096 bytes, as 0.2 traps.
    ///
    /// # Cancellation
    ///
    /// Dropping the future takes nothing back that was written.
    pub async fn blocking_write_zeroes_and_flush(&self, len: u64) -> Result<(), StreamError> {
        self.must_be_short(len);
        self.blocking_write_and_flush(&[0; MOST_BLOCKING as usize][..len as usize])
            .await
    }

    /// Moves up to `len` bytes that are there from `src`, as far as they may be written. The result is how many.
    pub fn splice(&self, src: &InputStream, len: u64) -> Result<u64, StreamError> {
        let most = len.min(self.check_write()?);
        if most == 0 {
            return Ok(0);
        }
        let bytes = src.read(most)?;
        self.write(&bytes)?;
        Ok(bytes.len() as u64)
    }

    /// Moves up to `len` bytes from `src`, and waits until there is one, and until it may be written.
    ///
    /// # Cancellation
    ///
    /// Dropping the future moves nothing.
    pub async fn blocking_splice(&self, src: &InputStream, len: u64) -> Result<u64, StreamError> {
        self.writable().await;
        // Nothing to wait for if it is closed.
        self.check_write()?;
        src.subscribe().block().await;
        self.splice(src, len)
    }

    async fn writable(&self) {
        poll_fn(|cx| self.0.poll_ready(cx)).await;
    }

    fn must_be_short(&self, len: u64) {
        assert!(
            len <= MOST_BLOCKING,
            "a blocking write to an output stream takes at most {MOST_BLOCKING} bytes, and was given {len}"
        );
    }
}

impl Drop for OutputStream {
    fn drop(&mut self) {
        self.0.handles.set(self.0.handles.get() - 1);
    }
}

impl fmt::Debug for OutputStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputStream").finish_non_exhaustive()
    }
}

/// Dropping the output stream ends the stream of 0.3, once everything that was written was read.
impl From<StreamWriter<u8>> for OutputStream {
    fn from(writer: StreamWriter<u8>) -> Self {
        let pipe = Pipe::new(writer, None);
        Self::new(Rc::new(Output::new(pipe, false)))
    }
}

/// Takes everything at once, and writes it in the background: a later call tells of a failure. To wait, await
/// [`blocking_flush`](OutputStream::blocking_flush).
impl io::Write for OutputStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self.0.permit() {
            Ok(_) => {
                self.0.enqueue(buf);
                Ok(buf.len())
            }
            Err(StreamError::Closed) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(OutputStream::flush(self)?)
    }
}
