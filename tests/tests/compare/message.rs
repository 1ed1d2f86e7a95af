//! A response, read from the wire as it is.

use isyswasfa_tests::within;
use std::fmt::Write;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers of the host's own, and how it delimits a body.
const FRAMING: [&str; 4] = ["date", "connection", "transfer-encoding", "server"];

/// A response that a client cannot believe to be complete.
const CUT_OFF: &str = "cut off";

/// Sends these bytes, and reads until the server closes the connection.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let exchange = async {
        // It may have refused what comes before the end.
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        // A connection that breaks is as good as one that ends.
        let _ = stream.read_to_end(&mut bytes).await;
        bytes
    };
    within("the end of the response", exchange).await
}

/// What a client makes of it. `with_length`: the length is the guest's, not the host's.
pub fn described(bytes: &[u8], is_head: bool, with_length: bool) -> String {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        return CUT_OFF.into();
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let rest = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let status = status.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers: Vec<String> = Vec::new();
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value == "chunked",
            _ => {}
        }
        if !FRAMING.contains(&name.as_str()) && (name != "content-length" || with_length) {
            headers.push(format!("{name}: {value}"));
        }
    }
    headers.sort();
    let bodiless = is_head || matches!(status.as_str(), "204" | "304");
    let (body, trailers, complete) = match (bodiless, chunked, length) {
        (true, ..) => (rest.to_vec(), Vec::new(), true),
        (_, true, _) => unchunked(rest),
        (_, _, Some(length)) => (rest.to_vec(), Vec::new(), rest.len() == length),
        _ => (rest.to_vec(), Vec::new(), true),
    };
    if !complete {
        // How much of it is there is a question of time.
        return CUT_OFF.into();
    }
    let mut text = format!("{status} {headers:?} ");
    let shown = body[..body.len().min(200)].escape_ascii();
    write!(text, "{} bytes `{shown}` {trailers:?}", body.len()).expect("a string takes all");
    text
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The body, the trailers, and whether it has an end.
fn unchunked(mut bytes: &[u8]) -> (Vec<u8>, Vec<String>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(bytes, b"\r\n") else {
            return (body, Vec::new(), false);
        };
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            return (body, Vec::new(), false);
        };
        bytes = &bytes[end + 2..];
        if size == 0 {
            let trailers = String::from_utf8_lossy(bytes).into_owned();
            let complete = trailers.ends_with("\r\n\r\n") || trailers == "\r\n";
            let trailers = trailers.split("\r\n").filter(|line| !line.is_empty());
            return (body, trailers.map(str::to_owned).collect(), complete);
        }
        body.extend(&bytes[..size.min(bytes.len())]);
        if bytes.len() < size + 2 {
            return (body, Vec::new(), false);
        }
        bytes = &bytes[size + 2..];
    }
}
