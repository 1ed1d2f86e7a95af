//! A stream as the contents of a file.

use super::error;
use crate::CHUNK;
use crate::bindings::p2::filesystem::types::{Descriptor, DescriptorFlags};
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
    while is_offered(&mut from).await {
        let (_, bytes) = from.read(buf).await;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match file.write(rest, offset) {
                Ok(n) => {
                    offset = offset.checked_add(n).ok_or(ErrorCode::Overflow)?;
                    rest = &rest[n as usize..];
                }
                Err(code) => {
                    from.unread(rest);
                    return Err(error::code(code));
                }
            }
        }
        buf = bytes;
        buf.clear();
    }
    Ok(())
}

/// Waits for a writer that writes; false if it is gone. What is read then can be given back.
async fn is_offered(from: &mut StreamReader<u8>) -> bool {
    from.read(Vec::new()).await.0 != StreamResult::Dropped
}

/// Writes what comes to the end of the file, wherever that is by then.
pub async fn append(mut from: StreamReader<u8>, file: &Descriptor) -> Result<(), ErrorCode> {
    let stream = file.append_via_stream().map_err(error::code)?;
    // A stream takes bytes before the host finds that they can't be written: by then, the writer would not get them back.
    let flags = file.get_flags().map_err(error::code)?;
    if !flags.contains(DescriptorFlags::WRITE) {
        return if is_offered(&mut from).await {
            Err(ErrorCode::BadDescriptor)
        } else {
            Ok(())
        };
    }
    output::copy(from, &stream).await.map_err(error::of_stream)
}
