//! The composition of five components: `router` and the four that it passes requests on to; and requests that reach all of
//! them.

use crate::{
    Answer, Backend, Body, Upstream, body, composable, compose_files, deflate, inflate, lower_if,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Writes the composition to `file`.
///
/// # Panics
/// If it cannot be made.
pub fn compose_five(backend: Backend, file: &Path) {
    let [router, echo, hash_all, middleware, service] =
        ["router", "echo", "hash-all", "middleware", "service"]
            .map(|name| composable(name, backend));
    let composed = compose_files(
        &router,
        &[
            ("echo", &echo),
            ("hash-all", &hash_all),
            ("middleware", &middleware),
            // One instance, for the router and for the middleware.
            ("service,handler", &service),
        ],
    );
    let composed = composed.expect("the five fit");
    std::fs::write(file, composed).expect("the composition can be written");
    lower_if(backend, file);
}

/// A server that answers with the request's body, trailers and some of its headers, and with the method and path.
pub async fn mirror() -> Upstream {
    Upstream::start(|request| async move {
        let asked = format!("{} {}", request.method(), request.uri());
        let mut response = Response::builder().header("asked", asked);
        for name in ["content-type", "x-mark", "url", "trailer"] {
            if let Some(value) = request.headers().get(name) {
                response = response.header(name, value);
            }
        }
        let body = request.into_body().map_err(std::io::Error::other);
        response.body(body.boxed_unsync()).expect("valid headers")
    })
    .await
}

/// The request with this number for the composition of five, and the expected status and body.
pub fn numbered(number: usize, upstream: &Upstream) -> (Request<Body>, u16, Vec<u8>) {
    let text = format!("request {number}").repeat(1 + number % 50);
    let url = upstream.url(&format!("/echoed/{number}"));
    let whole = || body::full(text.clone());
    let same = text.clone().into_bytes();
    let (request, status, body, answer) = match number % 7 {
        0 => (Request::post("/echo"), 200, whole(), same),
        1 => {
            let request = Request::post("/double-echo").header("url", url);
            (request, 200, whole(), same)
        }
        2 => {
            // The guest fetches the URL without a body, so the mirror answers with an empty one.
            let request = Request::get("/hash-all").header("url", &url);
            let line = format!("{url}: {}\n", hash(b""));
            (request, 200, body::empty(), line.into_bytes())
        }
        3 => (Request::put("/service?x=y"), 200, whole(), same),
        4 => {
            let request = Request::post("/middleware")
                .header("content-encoding", "deflate")
                .header("accept-encoding", "deflate");
            (request, 200, body::full(deflate(&same)), same)
        }
        5 => {
            let request = Request::post("/proxy").header("url", url);
            (request, 200, whole(), same)
        }
        _ => (Request::post("/elsewhere"), 404, whole(), vec![]),
    };
    let request = request.body(body).expect("a valid request");
    (request, status, answer)
}

/// The parts of an answer that do not depend on the server's framing: status, headers and body.
///
/// # Panics
/// If the answer claims to be deflated, and is not.
pub fn essence(answer: Answer) -> (u16, Vec<(String, Bytes)>, Vec<u8>) {
    let is_deflated = answer.headers.get("content-encoding").is_some();
    let body = if is_deflated {
        inflate(&answer.body).expect("a deflated body")
    } else {
        answer.body.to_vec()
    };
    let framing = [
        "connection",
        "content-length",
        "date",
        "host",
        "keep-alive",
        "transfer-encoding",
    ];
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !framing.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), Bytes::copy_from_slice(value.as_bytes())))
        .collect();
    headers.sort();
    (answer.status.as_u16(), headers, body)
}

/// The SHA-256 of these bytes, as `hash-all` writes it.
pub fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
