//! From a stream of 0.3 into an `output-stream` of 0.2.

#[cfg(not(feature = "http"))]
use crate::CHUNK;
use crate::bindings::p2::io::streams::{OutputStream, StreamError};
use polyfill_guest::pollable;
#[cfg(not(feature = "http"))]
use polyfill_guest::{StreamReader, StreamResult};

/// Moves bytes until the stream has ended and all of them are written.
#[cfg(not(feature = "http"))]
pub async fn copy(mut from: StreamReader<u8>, to: &OutputStream) -> Result<(), StreamError> {
    let mut buf = Vec::new();
    loop {
        // No more is taken than there is room for: what a guest has written is the host's, even if the guest ends then.
        let room = room(to).await?.min(CHUNK);
        if buf.capacity() != room {
            buf = Vec::with_capacity(room);
        }
        let (result, bytes) = from.read(buf).await;
        if result == StreamResult::Dropped {
            break;
        }
        write_all(to, &bytes).await?;
        // Somebody may be waiting for it: a line that has not ended yet, say.
        to.flush()?;
        buf = bytes;
        buf.clear();
    }
    Ok(())
}

/// Waits until all is written.
#[cfg(feature = "http")]
pub async fn flush(to: &OutputStream) -> Result<(), StreamError> {
    to.flush()?;
    // There is room again once all is flushed.
    room(to).await.map(drop)
}

/// Writes all of it.
pub async fn write_all(to: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let n = room(to).await?.min(bytes.len());
        to.write(&bytes[..n])?;
        bytes = &bytes[n..];
    }
    Ok(())
}

/// Waits until something can be written: how much.
async fn room(to: &OutputStream) -> Result<usize, StreamError> {
    loop {
        match to.check_write()? {
            0 => pollable!(to.subscribe()).await,
            n => return Ok(usize::try_from(n).unwrap_or(usize::MAX)),
        }
    }
}
