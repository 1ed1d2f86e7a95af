//! Futures that tell how a stream ended.

use crate::bindings::wit_future::FuturePayload;
use polyfill_guest::{FutureWriter, spawn_local};

/// Writes what `future` is to come to. Nothing waits for that: if nobody reads it, it lasts until the reader is dropped.
pub fn resolve<E: 'static>(future: FutureWriter<Result<(), E>>, result: Result<(), E>)
where
    Result<(), E>: FuturePayload,
{
    spawn_local(async move {
        // An error means that nobody wants to know.
        let _ = future.write(result).await;
    });
}
