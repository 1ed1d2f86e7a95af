//! The HTTP client for outgoing requests of all ABIs.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::connect::{Connected, Tls, connect};
use super::error::error_from_hyper;
use super::hop::{remove_nominated, unknown_coding};
use super::outbound::Outbound;
use super::timed::TimedBody;

/// The timeout if the guest sets none.
const FOREVER: Duration = Duration::from_secs(600);
/// How long an unused connection stays open.
const IDLE: Duration = Duration::from_secs(60);
/// How many unused connections to one server are kept.
const IDLE_PER_SERVER: usize = 32;

/// Sends requests over HTTP/1.1 and HTTPS, and reuses connections. A clone shares them.
///
/// Certificates are checked against those that the system trusts, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. If
/// there are none, Mozilla's are used.
#[derive(Clone, Default)]
pub struct Client {
    shared: Arc<Shared>,
    outbound: Outbound,
}

#[derive(Default)]
struct Shared {
    idle: Mutex<HashMap<Server, Vec<Idle>>>,
    tls: Tls,
}

/// The server of a connection.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Server {
    tls: bool,
    host: String,
    port: u16,
}

struct Idle {
    connection: SendRequest<WasiBody>,
    since: Instant,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client without connections.
    pub fn new() -> Self {
        Client::default()
    }

    /// The same client, for requests to these hosts only: all others are denied (`HTTP-request-denied`).
    pub fn only_to(mut self, outbound: Outbound) -> Self {
        self.outbound = outbound;
        self
    }

    /// Sends a request whose URI has a scheme (`http` or `https`) and an authority. The response comes when its head is there.
    ///
    /// # Errors
    ///
    /// Errors that have a code in WASI HTTP: of the destination, TLS, timeouts, the protocol.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, or the response's body, closes the connection.
    pub async fn send(
        &self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let server = server(request.uri())?;
        if !self.outbound.allows(&server.host, server.port) {
            tracing::warn!(
                "a guest's request to `{}:{}` was denied: it is not on the list of allowed hosts",
                server.host,
                server.port
            );
            return Err(Error::HttpRequestDenied);
        }
        prepare(&mut request, &server)?;
        let connect_timeout = options.connect_timeout.unwrap_or(FOREVER);
        let first_byte_timeout = options.first_byte_timeout.unwrap_or(FOREVER);

        let deadline = tokio::time::Instant::now() + first_byte_timeout;
        let mut message = request;
        while let Some(mut connection) = self.take_idle(&server) {
            match tokio::time::timeout_at(deadline, connection.try_send_request(message)).await {
                Ok(Ok(response)) => return self.receive(server, connection, response, options),
                // The server had closed the connection, and did not get the request: try another one.
                Ok(Err(mut error)) => match error.take_message() {
                    Some(unsent) => message = unsent,
                    None => return Err(error_from_hyper(error.error())),
                },
                Err(_) => return Err(Error::ConnectionReadTimeout),
            }
        }

        let tls = server.tls.then_some(&self.shared.tls);
        let connecting = connect(tls, &server.host, server.port);
        let mut connected = match timeout(connect_timeout, connecting).await {
            Ok(connected) => connected?,
            Err(_) => return Err(Error::ConnectionTimeout),
        };
        match timeout(first_byte_timeout, first(&mut connected, message)).await {
            Ok(Ok(response)) => self.receive(server, connected.sender, response, options),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::ConnectionReadTimeout),
        }
    }

    fn receive(
        &self,
        server: Server,
        connection: SendRequest<WasiBody>,
        mut response: Response<Incoming>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            // No request asks for a switch of protocols.
            return Err(Error::HttpProtocolError);
        }
        if let Some(coding) = unknown_coding(response.headers()) {
            return Err(Error::HttpResponseTransferCoding(Some(coding)));
        }
        remove_nominated(response.headers_mut());
        Ok(response.map(|incoming| {
            let timeout = options.between_bytes_timeout.unwrap_or(FOREVER);
            let mut body = ResponseBody {
                body: TimedBody::new(incoming, timeout, |error| error_from_hyper(&error)),
                back: Some((self.clone(), server, connection)),
            };
            if body.body.is_end_stream() {
                body.give_back();
            }
            body.boxed_unsync()
        }))
    }

    fn take_idle(&self, server: &Server) -> Option<SendRequest<WasiBody>> {
        let mut idle = self.idle();
        let connections = idle.get_mut(server)?;
        while let Some(Idle { connection, since }) = connections.pop() {
            if since.elapsed() < IDLE && connection.is_ready() {
                return Some(connection);
            }
        }
        idle.remove(server);
        None
    }

    fn put_idle(&self, server: Server, connection: SendRequest<WasiBody>) {
        if connection.is_closed() {
            return;
        }
        let mut idle = self.idle();
        idle.retain(|_, connections| {
            connections.retain(|idle| idle.since.elapsed() < IDLE && !idle.connection.is_closed());
            !connections.is_empty()
        });
        let connections = idle.entry(server).or_default();
        if connections.len() < IDLE_PER_SERVER {
            connections.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<Server, Vec<Idle>>> {
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first request on a connection.
async fn first(
    connected: &mut Connected,
    request: Request<WasiBody>,
) -> Result<Response<Incoming>, Error> {
    let error = match connected.sender.send_request(request).await {
        Ok(response) => return Ok(response),
        Err(error) => error_from_hyper(&error),
    };
    match error {
        // Data that the server sent without a request may have broken the connection.
        Error::ConnectionTerminated => Err((&mut connected.broken).await.unwrap_or(error)),
        error => Err(error),
    }
}

fn server(uri: &Uri) -> Result<Server, Error> {
    let tls = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => false,
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(_) => return Err(Error::HttpProtocolError),
        None => return Err(Error::HttpRequestUriInvalid),
    };
    let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    if host.is_empty() {
        return Err(Error::HttpRequestUriInvalid);
    }
    Ok(Server {
        tls,
        host: host.to_string(),
        port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
    })
}

/// Puts the request into the form of the wire: a path in the request line (for CONNECT the authority with its port), the
/// authority in a header.
fn prepare(request: &mut Request<WasiBody>, server: &Server) -> Result<(), Error> {
    let authority = request
        .uri()
        .authority()
        .map_or("", |authority| authority.as_str());
    // The user's name is not part of the server's name.
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let target = if request.method() == Method::CONNECT {
        match request.uri().port() {
            Some(_) => host.to_owned(),
            None => format!("{host}:{}", server.port),
        }
    } else {
        match request.uri().path_and_query() {
            // This adds a slash before a query without a path.
            Some(path) => path.to_string(),
            None => "/".to_owned(),
        }
    };
    if !request.headers().contains_key(HOST) {
        let host = HeaderValue::from_str(host).map_err(|_| Error::HttpRequestUriInvalid)?;
        request.headers_mut().insert(HOST, host);
    }
    *request.uri_mut() = target.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok(())
}

/// A response's body. At its end, the connection goes back to the pool.
struct ResponseBody {
    body: TimedBody,
    back: Option<(Client, Server, SendRequest<WasiBody>)>,
}

impl ResponseBody {
    fn give_back(&mut self) {
        if let Some((client, server, connection)) = self.back.take() {
            client.put_idle(server, connection);
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        match &frame {
            // Further data on this connection would belong to no request.
            Some(Err(_)) => this.back = None,
            Some(Ok(_)) if !this.body.is_end_stream() => {}
            Some(Ok(_)) | None => this.give_back(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Empty;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    /// The error of a request that is sent after the server has sent `said`, or has closed the connection.
    async fn asked_after(said: &'static [u8]) -> Error {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connecting = connect(None, "127.0.0.1", port);
        let (connected, accepted) = tokio::join!(connecting, listener.accept());
        let (mut connected, (mut stream, _)) = (connected.ok().unwrap(), accepted.unwrap());
        stream.write_all(said).await.unwrap();
        if said.is_empty() {
            drop(stream);
        }
        while !connected.sender.is_closed() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        first(&mut connected, Request::new(body)).await.unwrap_err()
    }

    #[tokio::test]
    async fn what_comes_before_the_request_counts() {
        let error = asked_after(b"\0\0\0\x04\0\0\0\0\0").await;
        assert!(matches!(error, Error::HttpProtocolError), "{error:?}");
        // As if the server had closed the connection when it had the request.
        let error = asked_after(b"").await;
        assert!(matches!(error, Error::HttpResponseIncomplete), "{error:?}");
    }
}
