//! One request of the demo and its answer, on the wire.

use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Sends a request with a header `url` for each of `urls`. Prints the request and the answer, and returns the answer.
pub fn get(address: SocketAddr, urls: &[String]) -> Result<String> {
    let mut head = format!("GET / HTTP/1.1\nhost: {address}\nconnection: close\n");
    for url in urls {
        head.push_str(&format!("url: {url}\n"));
    }
    for line in head.lines() {
        println!("> {line}");
    }
    let mut stream = TcpStream::connect(address).context("failed to connect to the server")?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "{}\r\n", head.replace('\n', "\r\n")).context("failed to send the request")?;
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .context("failed to read the answer")?;

    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no end of its head")?;
    println!();
    for line in head.lines() {
        println!("< {line}");
    }
    let body = if head
        .to_ascii_lowercase()
        .contains("\r\ntransfer-encoding: chunked")
    {
        joined(body)?
    } else {
        body.to_owned()
    };
    println!("\n{body}");
    ensure!(
        head.starts_with("HTTP/1.1 200 "),
        "the answer is not `200 OK`"
    );
    Ok(body)
}

/// The body that was sent in chunks.
fn joined(mut chunks: &str) -> Result<String> {
    let mut body = String::new();
    loop {
        let (size, rest) = chunks
            .split_once("\r\n")
            .context("a chunk of the answer has no size")?;
        let size = usize::from_str_radix(size, 16)
            .with_context(|| format!("`{size}` is not the size of a chunk"))?;
        if size == 0 {
            return Ok(body);
        }
        body.push_str(
            rest.get(..size)
                .context("a chunk of the answer is cut short")?,
        );
        chunks = rest[size..].strip_prefix("\r\n").unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        assert_eq!(
            joined("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n").unwrap(),
            "abc0123456789"
        );
        for broken in ["", "3\r\nab", "x\r\nabc\r\n", "3\r\nabc\r\n"] {
            assert!(joined(broken).is_err(), "{broken:?}");
        }
    }
}
