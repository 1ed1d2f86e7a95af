//! The server that the demo's guest fetches from: two files, over HTTP.

use anyhow::{Context, Result};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A server that runs as long as this program.
pub struct Upstream {
    address: SocketAddr,
}

impl Upstream {
    /// Serves on a free port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("failed to listen")?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A broken connection shows in the guest's answer.
                thread::spawn(move || serve(&stream));
            }
        });
        Ok(Self { address })
    }

    /// The URLs of its two files, and of one that does not exist.
    pub fn urls(&self) -> [String; 3] {
        [
            format!("http://{}/hello", self.address),
            format!("http://{}/ten-megabytes", self.address),
            "nonsense".to_owned(),
        ]
    }
}

/// Answers one request.
fn serve(mut stream: &TcpStream) -> io::Result<()> {
    let mut head = BufReader::new(stream).lines();
    let first = head.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in head {
        if line?.is_empty() {
            break;
        }
    }
    let (status, body) = match first.split(' ').nth(1) {
        Some("/hello") => ("200 OK", b"hello, world\n".to_vec()),
        Some("/ten-megabytes") => ("200 OK", (0..10 << 20).map(|at: u32| at as u8).collect()),
        _ => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
