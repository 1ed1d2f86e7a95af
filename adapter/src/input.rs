//! From an `input-stream` of 0.2 into a stream of 0.3.

use crate::CHUNK;
use crate::bindings::p2::io::streams::{InputStream, StreamError};
#[cfg(not(feature = "http"))]
use polyfill_guest::StreamResult;
use polyfill_guest::{StreamWriter, pollable};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// Moves bytes until the input has ended or the reader is gone. Reads only what a reader waits for.
#[cfg(not(feature = "http"))]
pub async fn copy(from: &InputStream, to: &mut StreamWriter<u8>) -> Result<(), StreamError> {
    while is_wanted(to).await {
        if !copy_some(from, to).await? {
            break;
        }
    }
    Ok(())
}

/// Moves what a reader waits for; `false` if the input has ended or the reader is gone.
pub async fn copy_some(from: &InputStream, to: &mut StreamWriter<u8>) -> Result<bool, StreamError> {
    loop {
        match from.read(CHUNK as u64) {
            Ok(bytes) if bytes.is_empty() => {
                if !ready(from, to).await {
                    return Ok(false);
                }
            }
            Ok(bytes) => {
                // What is left over was not wanted: the next round finds the reader gone.
                to.write_all(bytes).await;
                return Ok(true);
            }
            Err(StreamError::Closed) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// Waits for a reader that reads; `false` if it is gone.
#[cfg(not(feature = "http"))]
pub async fn is_wanted<T: 'static>(to: &mut StreamWriter<T>) -> bool {
    to.write(Vec::new()).await.0 != StreamResult::Dropped
}

/// Waits until there is something to read; `false` if the reader was dropped meanwhile.
async fn ready(from: &InputStream, to: &mut StreamWriter<u8>) -> bool {
    let ready = pollable!(from.subscribe());
    unless_dropped(ready, to).await
}

/// Waits for `ready`; `false` if the reader was dropped before.
pub async fn unless_dropped<T: 'static>(
    ready: pollable::Pollable,
    to: &mut StreamWriter<T>,
) -> bool {
    let mut ready = ready;
    let mut dropped = pin!(to.reader_dropped());
    poll_fn(|cx| {
        if Pin::new(&mut ready).poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        dropped.as_mut().poll(cx).map(|()| false)
    })
    .await
}
