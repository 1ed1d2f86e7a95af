//! A small HTTP server that other servers fetch from: it answers every request with 1 KiB.

use anyhow::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Starts it on all loopback addresses, for as long as this process lives; its port.
pub fn start() -> Result<u16> {
    let listener = TcpListener::bind("0.0.0.0:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            // A client that goes away is no concern of ours.
            std::thread::spawn(move || serve(&socket));
        }
    });
    Ok(port)
}

/// Answers the requests of one connection, which have no bodies.
fn serve(socket: &TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n{}",
        "x".repeat(1024)
    );
    let mut lines = BufReader::new(socket);
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim_end().is_empty() {
            (&mut &*socket).write_all(answer.as_bytes())?;
        }
    }
}
