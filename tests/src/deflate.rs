//! The content coding `deflate`, in the forms of HTTP clients.

use flate2::Compression;
use flate2::read::{DeflateEncoder, ZlibDecoder, ZlibEncoder};
use std::io::{self, Read};

/// With zlib's header, as the specification of HTTP has it.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    read(ZlibEncoder::new(bytes, Compression::default())).expect("no bytes are wrong")
}

/// Without zlib's header, as some clients send it.
pub fn deflate_raw(bytes: &[u8]) -> Vec<u8> {
    read(DeflateEncoder::new(bytes, Compression::default())).expect("no bytes are wrong")
}

/// # Errors
/// If the bytes are not valid, or incomplete.
pub fn inflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    read(ZlibDecoder::new(bytes))
}

fn read(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes)
}
