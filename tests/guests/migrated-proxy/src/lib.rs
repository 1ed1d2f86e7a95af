//! A proxy for one upstream: adds a header, refuses what is too long, streams bodies both ways, and tries again once.

use compat_api::cli::environment;
use compat_api::clocks::{monotonic_clock, system_clock};
use compat_api::http::client;
use compat_api::http::types::{
    ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme,
};

/// Where requests go, unless the environment says `UPSTREAM`.
const UPSTREAM: &str = "upstream.internal:8080";
/// Longer paths are refused.
const LONGEST: usize = 2048;
/// In nanoseconds.
const TIMEOUT: u64 = 10_000_000_000;

struct Proxy;

compat_api::http::service::export!(Proxy);

impl compat_api::exports::http::handler::Guest for Proxy {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let started = monotonic_clock::now();
        let path = request
            .get_path_with_query()
            .unwrap_or_else(|| "/".to_string());
        if path.len() > LONGEST {
            return refuse(414, "the path is too long\n");
        }
        if path == "/.proxy/health" {
            return refuse(200, "well\n");
        }
        let method = request.get_method();
        let answer = match method {
            Method::Get | Method::Head => get(&method, &path, forwarded(&request)).await,
            Method::Post | Method::Put => send(&method, &path, forwarded(&request), request).await,
            _ => {
                return refuse(405, "only GET, HEAD, POST and PUT\n");
            }
        };
        match answer {
            Ok(response) => pass_on(response, started),
            Err(error) => {
                eprintln!("{path}: {error:?}");
                Err(error)
            }
        }
    }
}

/// The headers for upstream.
fn forwarded(request: &Request) -> Fields {
    let now = system_clock::now();
    let headers = Fields::new();
    for (name, value) in request.get_headers().copy_all() {
        // These are about this connection.
        if !["host", "connection", "transfer-encoding"].contains(&name.as_str()) {
            headers.append(&name, &value).unwrap();
        }
    }
    headers
        .set(
            "x-forwarded-at",
            &[(now.seconds as u64).to_string().into_bytes()],
        )
        .unwrap();
    headers
}

/// A request without a body is tried again once.
async fn get(method: &Method, path: &str, headers: Fields) -> Result<Response, ErrorCode> {
    match get_once(method, path, headers.clone()).await {
        Err(ErrorCode::ConnectionTerminated) => {
            // A tenth of a second later.
            monotonic_clock::wait_for(TIMEOUT / 100).await;
            get_once(method, path, headers).await
        }
        answer => answer,
    }
}

async fn get_once(method: &Method, path: &str, headers: Fields) -> Result<Response, ErrorCode> {
    let options = limits();
    let request = Request::new(
        headers,
        None,
        compat_api::wit_future::new(|| Ok(None)).1,
        Some(options),
    )
    .0;
    address(&request, method, path);
    client::send(request).await
}

/// A request whose body is streamed through.
async fn send(
    method: &Method,
    path: &str,
    headers: Fields,
    incoming: Request,
) -> Result<Response, ErrorCode> {
    let options = limits();
    let (outgoing_body, contents) = compat_api::wit_stream::new();
    let request = Request::new(
        headers,
        Some(contents),
        compat_api::wit_future::new(|| Ok(None)).1,
        Some(options),
    )
    .0;
    address(&request, method, path);
    let (mut input, _trailers) =
        Request::consume_body(incoming, compat_api::wit_future::new(|| Ok(())).1);

    compat_api::wit_bindgen::spawn_local(async move {
        let mut output = outgoing_body;
        while let (compat_api::wit_bindgen::StreamResult::Complete(_), chunk) =
            input.read(Vec::with_capacity(4096)).await
        {
            assert!(
                output.write_all(chunk.to_vec()).await.is_empty(),
                "the stream is closed"
            );
        }
        drop(output);
    });

    client::send(request).await
}

fn address(request: &Request, method: &Method, path: &str) {
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
fn pass_on(response: Response, started: u64) -> Result<Response, ErrorCode> {
    let headers = response.get_headers().clone();
    let took = (monotonic_clock::now() - started) / 1_000_000;
    headers
        .set("x-upstream-ms", &[took.to_string().into_bytes()])
        .unwrap();
    let (outgoing_body, contents) = compat_api::wit_stream::new();
    let outgoing = Response::new(
        headers,
        Some(contents),
        compat_api::wit_future::new(|| Ok(None)).1,
    )
    .0;
    outgoing
        .set_status_code(response.get_status_code())
        .unwrap();

    let (mut input, _trailers) =
        Response::consume_body(response, compat_api::wit_future::new(|| Ok(())).1);
    compat_api::wit_bindgen::spawn_local(async move {
        let mut output = outgoing_body;
        while let (compat_api::wit_bindgen::StreamResult::Complete(_), chunk) =
            input.read(Vec::with_capacity(4096)).await
        {
            if !output.write_all(chunk.to_vec()).await.is_empty() {
                break;
            }
        }
        drop(output);
        drop(input);
    });
    Ok(outgoing)
}

/// An answer of our own.
fn refuse(status: u16, why: &str) -> Result<Response, ErrorCode> {
    let (body, contents) = compat_api::wit_stream::new();
    let response = Response::new(
        Fields::new(),
        Some(contents),
        compat_api::wit_future::new(|| Ok(None)).1,
    )
    .0;
    response.set_status_code(status).unwrap();
    let why = why.to_owned();
    compat_api::wit_bindgen::spawn_local(async move {
        let mut stream = body;
        assert!(
            stream.write_all(why.as_bytes().to_vec()).await.is_empty(),
            "the stream is closed"
        );
        drop(stream);
    });
    Ok(response)
}
