//! One client of the soak: one exchange after another, of a kind that chance chooses.

use super::random::Random;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use isyswasfa_tests::{Connection, body, exchange, within};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// How many exchanges of each kind there were.
pub type Counts = BTreeMap<&'static str, u64>;

/// The kinds that there are.
pub const KINDS: usize = 8;

pub struct Client {
    server: SocketAddr,
    upstream: String,
    random: Random,
    counts: Counts,
}

impl Client {
    pub fn new(server: SocketAddr, upstream: String, seed: u64) -> Self {
        Self {
            server,
            upstream,
            random: Random(seed),
            counts: Counts::default(),
        }
    }

    /// Goes on until `until`; a wrong answer is a panic.
    pub async fn run(mut self, until: Instant) -> Counts {
        while Instant::now() < until {
            let kind = match self.random.below(20) {
                0..=4 => self.echo().await,
                5..=7 => self.pass_on().await,
                8..=10 => self.http2().await,
                11..=12 => self.cut_request_off().await,
                13..=15 => self.cut_answer_off().await,
                16..=17 => self.reset_http2().await,
                18 => self.garbage().await,
                _ => self.silence().await,
            };
            *self.counts.entry(kind).or_default() += 1;
        }
        self.counts
    }

    fn body(&mut self) -> Bytes {
        // Mostly short; some longer than any buffer on the way.
        let longest = if self.random.below(8) == 0 {
            300_000
        } else {
            2_000
        };
        let length = self.random.below(longest) as usize;
        let first = self.random.next() as u8;
        (0..length).map(|at| first.wrapping_add(at as u8)).collect()
    }

    async fn echo(&mut self) -> &'static str {
        let sent = self.body();
        let request = Request::post("/echo").body(body::full(sent.clone()));
        let answer = exchange(self.server, request.unwrap()).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, sent);
        "echoed"
    }

    async fn pass_on(&mut self) -> &'static str {
        let sent = self.body();
        let request = Request::post("/double-echo")
            .header("url", &self.upstream)
            .body(body::full(sent.clone()));
        let answer = exchange(self.server, request.unwrap()).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, sent);
        "passed on"
    }

    /// Several requests on one connection.
    async fn http2(&mut self) -> &'static str {
        let mut connection = Http2::open(self.server).await;
        for _ in 0..4 {
            let sent = self.body();
            let answer = connection.echo(sent.clone());
            assert_eq!(within("an answer over HTTP/2", answer).await, sent);
        }
        "over HTTP/2"
    }

    /// Several requests on one connection, most of which are given up.
    async fn reset_http2(&mut self) -> &'static str {
        let mut connection = Http2::open(self.server).await;
        for _ in 0..4 {
            let sent = self.body();
            let patience = Duration::from_micros(self.random.below(2_000));
            // In time or not: both are fine.
            if let Ok(answer) = tokio::time::timeout(patience, connection.echo(sent.clone())).await
            {
                assert_eq!(answer, sent);
            }
        }
        "reset over HTTP/2"
    }

    /// Promises more than it sends.
    async fn cut_request_off(&mut self) -> &'static str {
        let head = b"POST /echo HTTP/1.1\r\nhost: soak\r\ncontent-length: 100000\r\n\r\n";
        let mut stream = TcpStream::connect(self.server).await.unwrap();
        let sent = self.random.below(head.len() as u64 + 1) as usize;
        stream.write_all(&head[..sent]).await.unwrap();
        if sent == head.len() || self.random.below(2) == 0 {
            let wait = Duration::from_micros(self.random.below(3_000));
            tokio::time::sleep(wait).await;
        }
        "request cut off"
    }

    /// Reads the beginning of an answer only.
    async fn cut_answer_off(&mut self) -> &'static str {
        let mut connection = Connection::open(self.server).await;
        let request = Request::post("/echo")
            .body(body::patterned(2 << 20))
            .unwrap();
        let mut response = connection.send(request).await.unwrap();
        assert_eq!(response.status(), 200);
        for _ in 0..self.random.below(4) {
            let frame = within("a piece of the answer", response.body_mut().frame()).await;
            frame.unwrap().unwrap();
        }
        "answer cut off"
    }

    /// Says something that is no HTTP.
    async fn garbage(&mut self) -> &'static str {
        let mut stream = TcpStream::connect(self.server).await.unwrap();
        let noise: Vec<u8> = (0..self.random.below(200) + 2)
            .map(|_| self.random.next() as u8 | 0x80)
            .chain(*b"\r\n\r\n")
            .collect();
        stream.write_all(&noise).await.unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = within("the server closes", stream.read_to_end(&mut answer)).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 400 "),
            "{text}"
        );
        "garbage"
    }

    /// Says nothing.
    async fn silence(&mut self) -> &'static str {
        let stream = TcpStream::connect(self.server).await.unwrap();
        let wait = Duration::from_millis(self.random.below(20));
        tokio::time::sleep(wait).await;
        drop(stream);
        "silent"
    }
}

/// A connection on which requests are streams.
struct Http2 {
    sender: http2::SendRequest<Full<Bytes>>,
    connection: JoinHandle<hyper::Result<()>>,
}

impl Http2 {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let io = TokioIo::new(stream);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        let connection = tokio::spawn(connection);
        Self { sender, connection }
    }

    /// Dropping the future resets the stream.
    async fn echo(&mut self, sent: Bytes) -> Bytes {
        let request = Request::post("http://soak/echo").body(Full::new(sent));
        let response = self.sender.send_request(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap().to_bytes()
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
