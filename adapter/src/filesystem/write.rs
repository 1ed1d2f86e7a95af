//! A stream as the contents of a file.

use super::error;
use crate::CHUNK;
use crate::bindings::p2::filesystem::types::Descriptor;
use crate::bindings::p3::filesystem::types::ErrorCode;
use crate::output;
use polyfill_guest::{StreamReader, StreamResult};

/// Writes what comes to the file from `offset` on.
pub async fn copy(
    mut from: StreamReader<u8>,
    file: &Descriptor,
    offset: u64,
) -> Result<(), ErrorCode> {
    // Tells whether the file can be written at all, even if nothing comes.
    drop(file.write_via_stream(offset).map_err(error::code)?);
    let mut offset = offset;
    let mut buf = Vec::with_capacity(CHUNK);
    loop {
        let (result, mut bytes) = from.read(buf).await;
        if result == StreamResult::Dropped {
            return Ok(());
        }
        while !bytes.is_empty() {
            let n = file.write(&bytes, offset).map_err(error::code)?;
            offset = offset.checked_add(n).ok_or(ErrorCode::Overflow)?;
            bytes.drain(..n as usize);
        }
        buf = bytes;
    }
}

/// Writes what comes to the end of the file, wherever that is by then.
pub async fn append(from: StreamReader<u8>, file: &Descriptor) -> Result<(), ErrorCode> {
    let stream = file.append_via_stream().map_err(error::code)?;
    output::copy(from, &stream).await.map_err(error::of_stream)
}
