//! Which version of HTTP a client speaks: its first bytes tell.

use bytes::Bytes;
use std::io;
use tokio::net::TcpStream;

/// What a client of HTTP/2 sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Whether it is HTTP/2, and what was read to find out. HTTP/1 as soon as a byte differs, or the client sends no more.
///
/// # Errors
/// If the connection breaks.
pub(super) async fn read(stream: &TcpStream) -> io::Result<(bool, Bytes)> {
    let mut first = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < PREFACE.len() {
        stream.readable().await?;
        match stream.try_read(&mut first[filled..]) {
            Ok(read) => {
                filled += read;
                if read == 0 || first[..filled] != PREFACE[..filled] {
                    return Ok((false, Bytes::copy_from_slice(&first[..filled])));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok((true, Bytes::copy_from_slice(&first)))
}
