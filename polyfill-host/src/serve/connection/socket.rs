//! A client's socket for hyper, which accounts for bytes that were read, and a byte that was written, before.

use bytes::Bytes;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A socket that is watched while hyper uses it.
pub(super) struct Shared {
    pub(super) stream: TcpStream,
    /// Whether the first byte of the next response has been written already.
    early: AtomicBool,
}

/// The first byte of all HTTP/1 responses.
const FIRST: u8 = b'H';

impl Shared {
    pub(super) fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self {
            stream,
            early: AtomicBool::new(false),
        })
    }

    /// Writes the first byte of the response that the client waits for.
    ///
    /// Must be called by the task that hyper writes in, when hyper has nothing left to write.
    pub(super) fn begin_response(&self) {
        if !self.early.load(Relaxed) && self.stream.try_write(&[FIRST]).is_ok_and(|n| n == 1) {
            self.early.store(true, Relaxed);
        }
    }

    /// Shuts down our half, and discards further bytes of the client for up to `time`. A socket that is closed with unread
    /// bytes is reset, and the client may lose the response (RFC 9112, 9.6).
    pub(super) async fn close(&self, time: Duration) {
        // A socket that is broken or closed cannot be shut down.
        let _ = self.shut_down();
        let rest = async {
            let mut rest = vec![0; 16 * 1024];
            while self.stream.readable().await.is_ok() {
                match self.stream.try_read(&mut rest) {
                    Ok(1..) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    _ => return,
                }
            }
        };
        // An error means that the time is over.
        let _ = tokio::time::timeout(time, rest).await;
    }

    fn shut_down(&self) -> io::Result<()> {
        #[cfg(unix)]
        rustix::net::shutdown(&self.stream, rustix::net::Shutdown::Write)?;
        // On other systems, dropping the socket must suffice.
        Ok(())
    }

    /// Writes the first digit of the size of the next chunk. Sizes may begin with zeros (RFC 9112, 7.1).
    ///
    /// Must be called by the task that hyper writes in, between two chunks.
    pub(super) fn begin_chunk(&self) {
        // If there is no room, hyper's next write fails.
        let _ = self.stream.try_write(b"0");
    }
}

/// The socket for hyper.
pub(super) struct Socket {
    shared: Arc<Shared>,
    first: Bytes,
}

impl Socket {
    /// A socket from which `first` was read already.
    pub(super) fn new(shared: Arc<Shared>, first: Bytes) -> Self {
        Self { shared, first }
    }

    fn write_all_of(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.shared.stream.poll_write_ready(cx))?;
            match write(&self.shared.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Writes without the byte that has been written already.
    fn write_rest(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match bytes.split_first() {
            None => Poll::Ready(Ok(0)),
            Some((&FIRST, rest)) => {
                let written = match rest {
                    [] => 0,
                    rest => ready!(self.write_all_of(cx, |stream| stream.try_write(rest)))?,
                };
                self.shared.early.store(false, Relaxed);
                Poll::Ready(Ok(written + 1))
            }
            Some(_) => Poll::Ready(Err(io::Error::other("what is written is no response"))),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let n = self.first.len().min(buffer.remaining());
            buffer.put_slice(&self.first.split_to(n));
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(self.shared.stream.poll_read_ready(cx))?;
            match self.shared.stream.try_read_buf(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(drop)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.shared.early.load(Relaxed) {
            return self.write_rest(cx, bytes);
        }
        self.write_all_of(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.shared.early.load(Relaxed) {
            let first = slices.iter().find(|slice| !slice.is_empty());
            return self.write_rest(cx, first.map_or(&[], |slice| slice));
        }
        self.write_all_of(cx, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket has no buffer of its own here.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shared.shut_down())
    }
}
