//! Detects the HTTP version of a client from its first bytes.

use bytes::Bytes;
use std::io;
use tokio::net::TcpStream;

/// The first bytes of an HTTP/2 client (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

/// The version that the client speaks, and the bytes that were read. It is HTTP/1 as soon as a byte differs, or the client sends
/// no more.
///
/// # Errors
/// If the connection breaks.
pub(super) async fn read(stream: &TcpStream) -> io::Result<(Version, Bytes)> {
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < PREFACE.len() {
        stream.readable().await?;
        match stream.try_read(&mut first[filled..]) {
            Ok(read) => {
                filled += read;
                if read == 0 || first[..filled] != PREFACE[..filled] {
                    return Ok((Version::Http1, Bytes::copy_from_slice(&first[..filled])));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok((Version::Http2, Bytes::copy_from_slice(&first)))
}
