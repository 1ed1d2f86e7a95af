//! One client's connection: HTTP/1.1 or HTTP/2 on it, and the way of each request to the component.

mod stall;

use self::stall::WriteTimeout;
use super::body::{ResponseBody, request_body};
use super::exchange::{Client, Exchange};
use super::handler::{Failure, Handler};
use super::server::Shutdown;
use crate::options::ServeOptions;
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

type Body = Either<ResponseBody, Full<Bytes>>;

pub(super) struct Connection<H> {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) service: Arc<Service<H>>,
    pub(super) client_timeout: Duration,
    pub(super) shutdown: Shutdown,
}

impl<H: Handler> Connection<H> {
    /// Serves the connection to its end.
    pub(super) async fn run(mut self) {
        // Responses are small, and each is flushed when it is whole: waiting for more only delays it.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!("{}: no TCP_NODELAY: {error}", self.peer);
        }
        let local = self.stream.local_addr().ok();
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.client_timeout);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.client_timeout)
            .keep_alive_timeout(self.client_timeout);
        let io = TokioIo::new(WriteTimeout::new(self.stream, self.client_timeout));
        let service = service_fn(move |request| {
            let service = self.service.clone();
            async move { service.answer(request, local).await }
        });
        let connection = builder.serve_connection(io, service);
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = self.shutdown.begun() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            // What the component did wrong has been logged; the rest is the client's doing.
            tracing::debug!("{}: the connection ended: {error:?}", self.peer);
        }
    }
}

/// Brings requests to the component.
pub(super) struct Service<H> {
    handler: watch::Receiver<Arc<H>>,
    numbers: AtomicU64,
    requests: Option<Arc<Semaphore>>,
    request_timeout: Duration,
    client_timeout: Duration,
}

impl<H: Handler> Service<H> {
    pub(super) fn new(handler: watch::Receiver<Arc<H>>, options: &ServeOptions) -> Self {
        Self {
            handler,
            numbers: AtomicU64::new(0),
            requests: options
                .max_requests
                .map(|max| Arc::new(Semaphore::new(max))),
            request_timeout: options.request_timeout,
            client_timeout: options.client_timeout,
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        local: Option<SocketAddr>,
    ) -> Result<Response<Body>, Infallible> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let deadline = Instant::now() + self.request_timeout;
        tracing::debug!("request {number}: {} {}", request.method(), request.uri());
        let Some(request) = complete(request, local, self.client_timeout) else {
            return Ok(message(
                StatusCode::BAD_REQUEST,
                "the request names no host\n",
            ));
        };
        let client = Client::new(Exchange::new(number, deadline));
        let handled = tokio::time::timeout_at(deadline, self.handle(client.exchange(), request));
        let response = match handled.await {
            Ok(Ok((response, permit))) => {
                response.map(|body| Either::Left(ResponseBody::new(body, client, permit)))
            }
            failed => {
                let failure = match failed {
                    Ok(Err(failure)) => {
                        client.finished();
                        failure
                    }
                    _ => Failure::TimedOut,
                };
                drop(client);
                refusal(number, &failure)
            }
        };
        tracing::debug!("request {number}: {}", response.status());
        Ok(response)
    }

    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<(Response<WasiBody>, Option<OwnedSemaphorePermit>), Failure> {
        let permit = match &self.requests {
            // An error would mean that the semaphore was closed, which it never is.
            Some(requests) => requests.clone().acquire_owned().await.ok(),
            None => None,
        };
        let handler = self.handler.borrow().clone();
        let response = handler.handle(exchange, request).await?;
        Ok((response, permit))
    }
}

/// The request as the component wants it: with scheme and authority in its URI, as HTTP/2 has them
/// but HTTP/1.1 has not. `None` if it has no authority at all.
fn complete(
    request: Request<Incoming>,
    local: Option<SocketAddr>,
    timeout: Duration,
) -> Option<Request<WasiBody>> {
    let (mut parts, body) = request.into_parts();
    let mut uri = parts.uri.into_parts();
    if uri.authority.is_none() {
        uri.authority = Some(match parts.headers.get(header::HOST) {
            Some(host) => authority(host)?,
            // HTTP/1.0 does not ask for it.
            None if parts.version == http::Version::HTTP_10 => local?.to_string().parse().ok()?,
            None => return None,
        });
    }
    uri.scheme = Some(Scheme::HTTP);
    if uri.path_and_query.is_none() {
        uri.path_and_query = Some(PathAndQuery::from_static("/"));
    }
    parts.uri = Uri::from_parts(uri).ok()?;
    Some(Request::from_parts(parts, request_body(body, timeout)))
}

fn authority(host: &HeaderValue) -> Option<Authority> {
    Authority::try_from(host.as_bytes()).ok()
}

/// What the client gets when there is no response.
fn refusal(number: u64, failure: &Failure) -> Response<Body> {
    let status = failure.status();
    match failure {
        // The reason has been logged, once for all requests that it hit.
        Failure::Trapped => tracing::info!("request {number}: answered with {status}"),
        Failure::TimedOut | Failure::NoInstance(_) | Failure::NoResponse => {
            tracing::error!("request {number}: {failure}; answered with {status}");
        }
        Failure::ErrorCode(_) => {
            tracing::warn!("request {number}: {failure}; answered with {status}");
        }
    }
    let text = match failure {
        Failure::TimedOut => "the component did not answer in time",
        _ => "the component failed to answer; the server's log says why",
    };
    message(status, &format!("{text} (request {number})\n"))
}

fn message(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes()));
    let mut response = Response::new(Either::Right(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
