//! The contents of a file as a stream.

use super::error;
use crate::CHUNK;
use crate::bindings::p2::filesystem::types::Descriptor;
use crate::bindings::p3::filesystem::types::ErrorCode;
use crate::input::is_wanted;
use polyfill_guest::StreamWriter;

/// Reads the file from `offset` on, each piece when a reader waits for it, to its end or until the reader is gone.
pub async fn copy(
    file: &Descriptor,
    offset: u64,
    to: &mut StreamWriter<u8>,
) -> Result<(), ErrorCode> {
    // Tells whether the file can be read at all, before anybody has read. The stream itself is of no use: it needs a pollable
    // for each piece, and `read` doesn't.
    drop(file.read_via_stream(offset).map_err(error::code)?);
    let mut offset = offset;
    while is_wanted(to).await {
        let (bytes, at_end) = file.read(CHUNK as u64, offset).map_err(error::code)?;
        if bytes.is_empty() && at_end {
            break;
        }
        offset = offset
            .checked_add(bytes.len() as u64)
            .ok_or(ErrorCode::Overflow)?;
        // What is left over was not wanted: the next round finds the reader gone.
        to.write_all(bytes).await;
        if at_end {
            break;
        }
    }
    Ok(())
}
