//! The case `router`: one composition of five components answers all that they answer, at once.

use futures::{StreamExt, stream};
use http::{HeaderMap, Request};
use isyswasfa_tests::{
    Backend, Server, body, compose_five, essence, exchange, mirror, numbered, on_every_backend,
};

async fn server(backend: Backend) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("five.wasm");
    compose_five(backend, &file);
    Server::start(&file, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_mixed_requests_are_answered_alike() {
    let upstream = mirror().await;
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
        let (server, upstream) = (server(backend).await, mirror().await);
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
