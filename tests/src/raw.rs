//! A client that sends raw bytes and HTTP/2 frames, which no HTTP library would send.

use crate::within;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Sends `bytes`, and returns everything until the server closes.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream.write_all(bytes).await.expect("bytes can be sent");
    rest(&mut stream).await
}

/// Everything until the server closes. A reset is an end, too.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = within("the server closes", stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The head of a response, and the length of its body, from its `content-length`.
pub async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    within("a response's head", async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("more of the head"));
        }
    })
    .await;
    String::from_utf8_lossy(&head).into_owned()
}

/// A connection from another address of this machine.
pub async fn connect_from(from: &str, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = format!("{from}:0").parse().expect("an address");
    socket.bind(from).expect("an address of this machine");
    socket.connect(address).await.expect("a server")
}

/// A frame of HTTP/2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const ACK: u8 = 1;
    pub const END_STREAM: u8 = 1;
    pub const END_HEADERS: u8 = 4;

    /// Its form on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = (self.payload.len() as u32).to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// The head of a request; its fields are not compressed.
    pub fn request(stream: u32, fields: &[(&str, &str)], end: bool) -> Self {
        let mut payload = Vec::new();
        for (name, value) in fields {
            payload.push(0);
            for text in [name, value] {
                // Texts of tests are short: a length beyond 126 takes more than a byte.
                payload.push(u8::try_from(text.len()).expect("a short text"));
                payload.extend(text.as_bytes());
            }
        }
        Self {
            kind: Self::HEADERS,
            flags: Self::END_HEADERS | if end { Self::END_STREAM } else { 0 },
            stream,
            payload,
        }
    }

    /// The head of `GET path`.
    pub fn get(stream: u32, path: &str) -> Self {
        let fields = [
            (":method", "GET"),
            (":scheme", "http"),
            (":authority", "a"),
            (":path", path),
        ];
        Self::request(stream, &fields, true)
    }
}

/// A connection of HTTP/2.
pub struct Http2(TcpStream);

impl Http2 {
    /// Opens a connection; responses have to wait if `window` is 0.
    pub async fn open(address: SocketAddr, window: u32) -> Self {
        let stream = TcpStream::connect(address).await.expect("a server");
        let mut this = Self(stream);
        let mut payload = vec![0, 4];
        payload.extend(window.to_be_bytes());
        let settings = Frame {
            kind: Frame::SETTINGS,
            flags: 0,
            stream: 0,
            payload,
        };
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(settings.bytes());
        this.0.write_all(&bytes).await.expect("it can be sent");
        this
    }

    pub async fn send(&mut self, frame: &Frame) {
        self.0
            .write_all(&frame.bytes())
            .await
            .expect("it can be sent");
    }

    /// The next frame, if there is one; settings and pings are answered.
    pub async fn next(&mut self) -> io::Result<Frame> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut frame = Frame {
                kind: head[3],
                flags: head[4],
                stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
                payload: vec![0; length as usize],
            };
            self.0.read_exact(&mut frame.payload).await?;
            let kind = frame.kind;
            if kind != Frame::SETTINGS && kind != Frame::PING {
                return Ok(frame);
            }
            if frame.flags & Frame::ACK == 0 {
                if kind == Frame::SETTINGS {
                    frame.payload.clear();
                }
                frame.flags = Frame::ACK;
                self.0.write_all(&frame.bytes()).await?;
            }
        }
    }

    /// The next frame for which `wanted` holds.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Frame) -> bool) -> Frame {
        within(what, async {
            loop {
                let frame = self.next().await.expect("the connection is open");
                if wanted(&frame) {
                    return frame;
                }
            }
        })
        .await
    }

    /// Reads for `time`, or until the connection ends; returns whether it has.
    pub async fn ends_within(&mut self, time: Duration) -> bool {
        let end = async { while self.next().await.is_ok() {} };
        tokio::time::timeout(time, end).await.is_ok()
    }
}
