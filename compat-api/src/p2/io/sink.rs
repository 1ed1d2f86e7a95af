//! Where an output stream writes to.

use super::error::Error;
use super::source::End;
use super::streams::StreamError;
use crate::p2::shared::Boxed;
use crate::wit_bindgen::{StreamReader, StreamWriter};
use crate::wit_stream;
use std::future::Future;
use std::pin::Pin;

/// Takes bytes, one list after the other.
pub(crate) trait Sink {
    /// Writes all of them.
    fn write(
        &mut self,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StreamError>> + '_>>;
}

/// A stream of 0.3 that lives as long as the output stream. A write is done when the reader has taken all.
pub(crate) struct Pipe {
    writer: StreamWriter<u8>,
    end: Option<End>,
}

impl Pipe {
    /// `end` tells why nobody reads any more. It must be known soon after that.
    pub(crate) fn new(writer: StreamWriter<u8>, end: Option<End>) -> Self {
        Pipe { writer, end }
    }
}

impl Sink for Pipe {
    fn write(
        &mut self,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StreamError>> + '_>> {
        Box::pin(async move {
            if self.writer.write_all(bytes).await.is_empty() {
                return Ok(());
            }
            if let Some(end) = self.end.take() {
                end.await.map_err(StreamError::LastOperationFailed)?;
            }
            Err(StreamError::Closed)
        })
    }
}

/// A stream of 0.3 for each write, such as those of files. A write is done when all is written.
pub(crate) struct Bursts<F>(F);

impl<F> Bursts<F>
where
    F: FnMut(StreamReader<u8>, u64) -> Boxed<Result<(), Error>>,
{
    /// `start` is given each stream, and how many bytes come in it.
    pub(crate) fn new(start: F) -> Self {
        Bursts(start)
    }
}

impl<F> Sink for Bursts<F>
where
    F: FnMut(StreamReader<u8>, u64) -> Boxed<Result<(), Error>>,
{
    fn write(
        &mut self,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StreamError>> + '_>> {
        let length = bytes.len() as u64;
        let (mut writer, reader) = wit_stream::new();
        let done = (self.0)(reader, length);
        Box::pin(async move {
            let left = writer.write_all(bytes).await;
            drop(writer);
            done.await.map_err(StreamError::LastOperationFailed)?;
            if left.is_empty() {
                Ok(())
            } else {
                Err(StreamError::Closed)
            }
        })
    }
}
