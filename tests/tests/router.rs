//! The case `router`: one composition of five components answers all that they answer, at once.

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Answer, Backend, Body, Server, Upstream, body, composable, compose_files, deflate, exchange,
    inflate, lower_if, on_every_backend,
};
use sha2::{Digest, Sha256};

async fn server(backend: Backend) -> Server {
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
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("five.wasm");
    std::fs::write(&file, composed.unwrap()).unwrap();
    lower_if(backend, &file);
    Server::start(&file, &[]).await
}

/// Answers with the request's body, trailers and some of its headers, and tells what it was asked.
async fn upstream() -> Upstream {
    Upstream::start(|request| async move {
        let asked = format!("{} {}", request.method(), request.uri());
        let mut response = Response::builder().header("asked", asked);
        for name in ["x-mark", "url", "trailer"] {
            if let Some(value) = request.headers().get(name) {
                response = response.header(name, value);
            }
        }
        let body = request.into_body().map_err(std::io::Error::other);
        response.body(body.boxed_unsync()).unwrap()
    })
    .await
}

/// The request with this number, and what is expected of its answer: status and body.
fn numbered(number: usize, upstream: &Upstream) -> (Request<Body>, u16, Vec<u8>) {
    let text = format!("request {number}").repeat(1 + number % 50);
    let url = upstream.url(&format!("/echoed/{number}"));
    let whole = || body::full(text.clone());
    let same = text.clone().into_bytes();
    match number % 7 {
        0 => (Request::post("/echo").body(whole()).unwrap(), 200, same),
        1 => {
            let request = Request::post("/double-echo").header("url", url);
            (request.body(whole()).unwrap(), 200, same)
        }
        2 => {
            // A body that nobody sends has nobody's hash.
            let hash = Sha256::digest(b"")
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>();
            let request = Request::get("/hash-all").header("url", &url);
            let line = format!("{url}: {hash}\n");
            (request.body(body::empty()).unwrap(), 200, line.into_bytes())
        }
        3 => (
            Request::put("/service?x=y").body(whole()).unwrap(),
            200,
            same,
        ),
        4 => {
            let request = Request::post("/middleware")
                .header("content-encoding", "deflate")
                .header("accept-encoding", "deflate");
            (request.body(body::full(deflate(&same))).unwrap(), 200, same)
        }
        5 => {
            let request = Request::post("/proxy").header("url", url);
            (request.body(whole()).unwrap(), 200, same)
        }
        _ => (
            Request::post("/elsewhere").body(whole()).unwrap(),
            404,
            vec![],
        ),
    }
}

/// What of an answer does not depend on how the server frames it.
fn essence(answer: Answer) -> (u16, Vec<(String, Bytes)>, Vec<u8>) {
    let is_deflated = answer.headers.get("content-encoding").is_some();
    let body = match is_deflated {
        true => inflate(&answer.body).unwrap(),
        false => answer.body.to_vec(),
    };
    let framing = ["date", "content-length", "transfer-encoding", "host"];
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

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_mixed_requests_are_answered_alike() {
    let upstream = upstream().await;
    let mut answers = vec![];
    for backend in [Backend::Lowered, Backend::Isyswasfa, Backend::Native] {
        let server = server(backend).await;
        let all = stream::iter(0..1000).map(|number| {
            let (request, status, body) = numbered(number, &upstream);
            let address = server.address;
            async move {
                let answer = essence(exchange(address, request).await.unwrap());
                assert_eq!((answer.0, &answer.2), (status, &body), "request {number}");
                answer
            }
        });
        answers.push(all.buffered(64).collect::<Vec<_>>().await);
    }
    let native = answers.pop().unwrap();
    for ours in answers {
        for (number, (ours, native)) in ours.into_iter().zip(&native).enumerate() {
            assert_eq!(ours, *native, "request {number}");
        }
    }
}

on_every_backend! {
    async fn the_proxy_passes_on_everything_but_the_url(backend) {
        let (server, upstream) = (server(backend).await, upstream().await);
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "42".parse().unwrap());
        let request = Request::put("/proxy")
            .header("url", upstream.url("/a/b?c=d"))
            .header("x-mark", "kept")
            .header("te", "trailers")
            .header("trailer", "x-sum")
            .body(body::with_trailers("hello", trailers.clone()))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello"));
        assert_eq!(answer.headers["asked"], "PUT /a/b?c=d");
        assert_eq!(answer.headers["x-mark"], "kept");
        assert_eq!(answer.headers.get("url"), None);
        assert_eq!(answer.trailers, trailers);
    }

    async fn the_proxy_needs_a_url(backend) {
        let server = server(backend).await;
        for url in [None, Some("ftp://example.com/"), Some("/relative"), Some("http://")] {
            let mut request = Request::get("/proxy");
            if let Some(url) = url {
                request = request.header("url", url);
            }
            let answer = exchange(server.address, request.body(body::empty()).unwrap()).await.unwrap();
            assert!([400, 500, 502].contains(&answer.status.as_u16()), "{url:?}: {}", answer.status);
        }
    }
}
