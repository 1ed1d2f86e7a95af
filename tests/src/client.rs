//! An HTTP client that hides nothing: one connection, one request at a time.

use crate::{Body, within};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// An open connection; dropping it closes it, in the middle of whatever is going on.
pub struct Connection {
    sender: SendRequest<Body>,
    /// The header `host` for requests without one.
    host: HeaderValue,
    driver: JoinHandle<()>,
}

/// A whole response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .expect("a handshake");
        // The reader of the response sees how it ends.
        let driver = tokio::spawn(async move { drop(connection.await) });
        let host = HeaderValue::try_from(address.to_string()).expect("a valid header");
        Self {
            sender,
            host,
            driver,
        }
    }

    /// Sends a request; the answer's body is still to come.
    pub async fn send(&mut self, mut request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        let headers = request.headers_mut();
        headers.entry(HOST).or_insert_with(|| self.host.clone());
        within("room for a request", self.sender.ready()).await?;
        within("the response's head", self.sender.send_request(request)).await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Answer {
    /// Reads a response to its end.
    pub async fn read(response: Response<Incoming>) -> hyper::Result<Self> {
        let (head, body) = response.into_parts();
        let body = within("the response's body", body.collect()).await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
            trailers,
        })
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// Sends one request on a connection of its own, and reads the whole response.
pub async fn exchange(address: SocketAddr, request: Request<Body>) -> hyper::Result<Answer> {
    let mut connection = Connection::open(address).await;
    Answer::read(connection.send(request).await?).await
}
