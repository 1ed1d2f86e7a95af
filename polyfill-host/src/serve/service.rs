//! Passes requests to the component, and responses to hyper.

use super::connection::{Activity, Outlet};
use super::delivery::{Backlog, Delivery, ResponseBody, Source};
use super::exchange::{Client, Exchange};
use super::handler::{Failure, Handler};
use super::head::{self, Refusal};
use super::options::ServeOptions;
use super::shares::{ClientShares, Share, Shares};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

/// Passes requests to the component.
pub(super) struct Service<H> {
    handler: watch::Receiver<Arc<H>>,
    numbers: AtomicU64,
    shares: Shares,
    backlog: Arc<Backlog>,
    request_timeout: Duration,
    client_timeout: Duration,
}

/// The client of a request.
pub(super) struct Asker {
    pub(super) local: Option<SocketAddr>,
    pub(super) activity: Arc<Activity>,
    pub(super) shares: ClientShares,
}

impl<H: Handler> Service<H> {
    pub(super) fn new(handler: watch::Receiver<Arc<H>>, options: &ServeOptions) -> Self {
        Self {
            handler,
            numbers: AtomicU64::new(0),
            shares: Shares::new(options),
            backlog: Arc::default(),
            request_timeout: options.request_timeout,
            client_timeout: options.client_timeout,
        }
    }

    /// What a client at `address` may use on one more connection.
    pub(super) fn connect(&self, address: IpAddr) -> ClientShares {
        let capacity = self.handler.borrow().capacity();
        self.shares.connect(address, capacity)
    }

    /// Answers any request.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        asker: &Asker,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let busy = asker.activity.begin();
        let _answering = asker.activity.answer();
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        tracing::debug!("request {number}: {} {}", request.method(), request.uri());
        let (version, to_head) = (request.version(), request.method() == Method::HEAD);
        let response = match head::accept(request, asker.local, self.client_timeout) {
            Ok(request) => self.respond(number, request, asker).await,
            Err(refusal) => refused(refusal),
        };
        tracing::debug!("request {number}: {}", response.status());
        let pace = (version >= Version::HTTP_2).then_some(self.client_timeout);
        let response = response.map(|source| {
            let delivery = Delivery::new(source, &self.backlog, pace);
            Outlet::deliver(&delivery);
            delivery.body(busy)
        });
        let chunked = version == Version::HTTP_11 && !to_head && is_unsized(&response);
        asker.activity.send_chunked(chunked);
        Ok(response)
    }

    async fn respond(
        &self,
        number: u64,
        request: Request<WasiBody>,
        asker: &Asker,
    ) -> Response<Source> {
        let deadline = Instant::now() + self.request_timeout;
        let client = Client::new(Exchange::new(number, deadline));
        let handled = self.handle(client.exchange(), request, asker);
        let failure = match tokio::time::timeout_at(deadline, handled).await {
            Ok(Ok((response, share))) => {
                return response.map(|body| Source {
                    body,
                    client: Some((client, share)),
                });
            }
            Ok(Err(failure)) => {
                client.finished();
                failure
            }
            Err(_) => Failure::TimedOut,
        };
        drop(client);
        failed(number, &failure)
    }

    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
        asker: &Asker,
    ) -> Result<(Response<WasiBody>, Arc<Share>), Failure> {
        let share = self.shares.take(&asker.shares).await;
        exchange.take_share(&share);
        let handler = self.handler.borrow().clone();
        let (to_head, version) = (request.method() == Method::HEAD, request.version());
        let response = handler.handle(exchange, request).await?;
        let response = check(response, to_head, version >= Version::HTTP_2)?;
        Ok((response, share))
    }
}

/// Whether the response has a body of unknown length.
fn is_unsized(response: &Response<ResponseBody>) -> bool {
    let body = response.body();
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    let has_length = response.headers().contains_key(header::CONTENT_LENGTH);
    let known = has_length || body.size_hint().exact().is_some();
    !bodiless && !known && !body.is_end_stream()
}

/// A response that can be sent (RFC 9110, 15).
fn check(
    mut response: Response<WasiBody>,
    to_head: bool,
    is_2: bool,
) -> Result<Response<WasiBody>, Failure> {
    let status = response.status();
    if status.is_informational() {
        let what = format!("the status {}, which is not final", status.as_u16());
        return Err(Failure::ErrorCode(what));
    }
    if [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT].contains(&status) {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    // hyper omits content where there must be none, except for 205 (15.3.6), and except in HTTP/2.
    let no_content =
        to_head || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    if status == StatusCode::RESET_CONTENT || (is_2 && no_content) {
        *response.body_mut() = Empty::new().map_err(|never| match never {}).boxed_unsync();
    }
    Ok(response)
}

/// What the client gets for a request that no guest sees.
fn refused(refusal: Refusal) -> Response<Source> {
    let mut response = message(refusal.status, &format!("{}\n", refusal.why));
    // After an invalid request, it is not certain where the next one begins.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// What the client gets when there is no response.
fn failed(number: u64, failure: &Failure) -> Response<Source> {
    let status = failure.status();
    match failure {
        // The reason has been logged, once for all affected requests.
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

fn message(status: StatusCode, text: &str) -> Response<Source> {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes()));
    let body = body.map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(Source { body, client: None });
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
