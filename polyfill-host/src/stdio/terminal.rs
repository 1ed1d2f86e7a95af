//! A terminal that a guest may write to, but not control.

use super::instance::Source;
use crate::escape::Pieces;
use bytes::Bytes;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Bytes taken in one write.
const MAX_WRITE: usize = 64 << 10;

/// This process's stdout or stderr, which is a terminal: control characters are [escaped](crate::escape), and the guest does
/// not see that it is a terminal, so it does not try to control it.
///
/// Writes block the thread: this is for a single guest in the terminal's foreground.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal(Source);

impl Terminal {
    /// The stream, if it is a terminal.
    pub fn of(source: Source) -> Option<Self> {
        let is_terminal = match source {
            Source::Stdout => io::IsTerminal::is_terminal(&io::stdout()),
            Source::Stderr => io::IsTerminal::is_terminal(&io::stderr()),
        };
        is_terminal.then_some(Terminal(source))
    }

    fn stream(self) -> Stream {
        Stream {
            to: self.0,
            pieces: Pieces::default(),
        }
    }
}

impl IsTerminal for Terminal {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Terminal {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.stream())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.stream())
    }
}

/// The stream for WASI 0.2 and 0.3.
struct Stream {
    to: Source,
    pieces: Pieces,
}

impl Stream {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = Vec::with_capacity(bytes.len());
        self.pieces.push(bytes, &mut out);
        self.show(&out)
    }

    fn show(&self, bytes: &[u8]) -> io::Result<()> {
        match self.to {
            Source::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Source::Stderr => io::stderr().lock().write_all(bytes),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut out = Vec::new();
        self.pieces.finish(&mut out);
        // There is nobody to tell of an error.
        let _ = self.show(&out);
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let bytes = &bytes[..bytes.len().min(MAX_WRITE)];
        Poll::Ready(self.put(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.put(&bytes)
            .map_err(|error| StreamError::LastOperationFailed(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(MAX_WRITE)
    }
}

#[async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {}
}
