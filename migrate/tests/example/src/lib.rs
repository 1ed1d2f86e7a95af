//! A proxy for one upstream: adds a header, refuses what is too long, streams bodies both ways, and tries again once.

use wasip2::cli::environment;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam, Scheme,
};

/// Where requests go, unless the environment says `UPSTREAM`.
const UPSTREAM: &str = "upstream.internal:8080";
/// Longer paths are refused.
const LONGEST: usize = 2048;
/// In nanoseconds.
const TIMEOUT: u64 = 10_000_000_000;

struct Proxy;

wasip2::http::proxy::export!(Proxy);

impl wasip2::exports::http::incoming_handler::Guest for Proxy {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let started = monotonic_clock::now();
        let path = request.path_with_query().unwrap_or_else(|| "/".to_string());
        if path.len() > LONGEST {
            return refuse(out, 414, "the path is too long\n");
        }
        if path == "/.proxy/health" {
            return refuse(out, 200, "well\n");
        }
        let method = request.method();
        let answer = match method {
            Method::Get | Method::Head => get(&method, &path, forwarded(&request)),
            Method::Post | Method::Put => send(&method, &path, forwarded(&request), request),
            _ => {
                return refuse(out, 405, "only GET, HEAD, POST and PUT\n");
            }
        };
        match answer {
            Ok(response) => pass_on(response, out, started),
            Err(error) => {
                eprintln!("{path}: {error:?}");
                ResponseOutparam::set(out, Err(error));
            }
        }
    }
}

/// The headers for upstream.
fn forwarded(request: &IncomingRequest) -> Fields {
    let now = wall_clock::now();
    let headers = Fields::new();
    for (name, value) in request.headers().entries() {
        // These are about this connection.
        if !["host", "connection", "transfer-encoding"].contains(&name.as_str()) {
            headers.append(&name, &value).unwrap();
        }
    }
    headers
        .set("x-forwarded-at", &[now.seconds.to_string().into_bytes()])
        .unwrap();
    headers
}

/// A request without a body is tried again once.
fn get(method: &Method, path: &str, headers: Fields) -> Result<IncomingResponse, ErrorCode> {
    match get_once(method, path, headers.clone()) {
        Err(ErrorCode::ConnectionTerminated) => {
            // A tenth of a second later.
            monotonic_clock::subscribe_duration(TIMEOUT / 100).block();
            get_once(method, path, headers)
        }
        answer => answer,
    }
}

fn get_once(method: &Method, path: &str, headers: Fields) -> Result<IncomingResponse, ErrorCode> {
    let options = limits();
    let request = OutgoingRequest::new(headers);
    address(&request, method, path);
    let future = outgoing_handler::handle(request, Some(options))?;
    future.subscribe().block();
    future.get().unwrap().unwrap()
}

/// A request whose body is streamed through.
fn send(
    method: &Method,
    path: &str,
    headers: Fields,
    incoming: IncomingRequest,
) -> Result<IncomingResponse, ErrorCode> {
    let options = limits();
    let request = OutgoingRequest::new(headers);
    address(&request, method, path);
    let incoming_body = incoming.consume().unwrap();
    let input = incoming_body.stream().unwrap();

    let outgoing_body = request.body().unwrap();
    let future = outgoing_handler::handle(request, Some(options))?;
    let output = outgoing_body.write().unwrap();
    while let Ok(chunk) = input.blocking_read(4096) {
        output.blocking_write_and_flush(&chunk).unwrap();
    }
    drop(output);
    OutgoingBody::finish(outgoing_body, None)?;

    match future.get() {
        Some(result) => result.unwrap(),
        None => {
            let pollable = future.subscribe();
            pollable.block();
            future.get().unwrap().unwrap()
        }
    }
}

fn address(request: &OutgoingRequest, method: &Method, path: &str) {
    request.set_method(method).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(&upstream())).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
}

fn upstream() -> String {
    let mut variables = environment::get_environment().into_iter();
    let upstream = variables.find(|(name, _)| name == "UPSTREAM");
    upstream.map_or(UPSTREAM.to_string(), |(_, value)| value)
}

fn limits() -> RequestOptions {
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(TIMEOUT)).unwrap();
    options.set_first_byte_timeout(Some(TIMEOUT)).unwrap();
    options
}

/// Upstream's answer, with its body as it comes.
fn pass_on(response: IncomingResponse, out: ResponseOutparam, started: u64) {
    let headers = response.headers().clone();
    let took = (monotonic_clock::now() - started) / 1_000_000;
    headers
        .set("x-upstream-ms", &[took.to_string().into_bytes()])
        .unwrap();
    let outgoing = OutgoingResponse::new(headers);
    outgoing.set_status_code(response.status()).unwrap();
    let outgoing_body = outgoing.body().unwrap();
    ResponseOutparam::set(out, Ok(outgoing));

    let body = response.consume().unwrap();
    let input = body.stream().unwrap();
    let output = outgoing_body.write().unwrap();
    while let Ok(chunk) = input.blocking_read(4096) {
        if output.blocking_write_and_flush(&chunk).is_err() {
            break;
        }
    }
    drop(output);
    OutgoingBody::finish(outgoing_body, None).unwrap();
    drop(input);
    IncomingBody::finish(body);
}

/// An answer of our own.
fn refuse(out: ResponseOutparam, status: u16, why: &str) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().unwrap();
    stream.blocking_write_and_flush(why.as_bytes()).unwrap();
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}
