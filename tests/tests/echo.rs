//! The case `echo`: bodies pass through guests, and through guests to other servers.

use http::{Method, Request, Response};
use isyswasfa_tests::{Answer, Connection, Upstream, body, exchange, in_languages, within};

/// Answers with the request's body, and tells what it was asked.
async fn upstream() -> Upstream {
    Upstream::start(|request| async move {
        let asked = format!("{} {}", request.method(), request.uri());
        let mut response = Response::builder().header("asked", asked);
        if let Some(kind) = request.headers().get("content-type") {
            response = response.header("content-type", kind);
        }
        let body = http_body_util::BodyExt::map_err(request.into_body(), std::io::Error::other);
        response
            .body(http_body_util::BodyExt::boxed_unsync(body))
            .unwrap()
    })
    .await
}

in_languages! {
    [python: Python, javascript: JavaScript]

    async fn echo_streams_the_body_back(variant) {
        let server = variant.serve("echo").await;
        let request = Request::post("/echo").header("content-type", "text/x").body(body::full("hello")).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello"));
        assert_eq!(answer.headers["content-type"], "text/x");
    }

    async fn anything_else_is_not_allowed(variant) {
        let server = variant.serve("echo").await;
        for (method, path) in [(Method::GET, "/echo"), (Method::POST, "/"), (Method::PUT, "/double-echo"), (Method::POST, "/echo/x")] {
            let request = Request::builder().method(method).uri(path).body(body::empty()).unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.text()), (405, ""));
        }
    }

    async fn double_echo_goes_through_the_other_server(variant) {
        let (server, upstream) = (variant.serve("echo").await, upstream().await);
        let request = Request::post("/double-echo")
            .header("url", upstream.url("/a/b?c=d"))
            .header("content-type", "text/x")
            .body(body::full("hello"))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello"));
        assert_eq!(answer.headers["content-type"], "text/x");
    }

    async fn double_echo_streams(variant) {
        let (server, upstream) = (variant.serve("echo").await, upstream().await);
        let length = 32 << 20;
        let request = Request::post("/double-echo").header("url", upstream.url("/")).body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        let received = within("the body", body::check_pattern(response.body_mut())).await;
        assert_eq!(received, length);
    }

    async fn double_echo_wants_a_url(variant) {
        let server = variant.serve("echo").await;
        for url in ["", "nonsense", "ftp://localhost/", "http://"] {
            let request = Request::post("/double-echo").header("url", url).body(body::empty()).unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!(answer.status, 400, "{url}");
        }
        let request = Request::post("/double-echo").body(body::empty()).unwrap();
        assert_eq!(exchange(server.address, request).await.unwrap().status, 400);
    }

    async fn a_gibibyte_passes_in_little_memory(variant) {
        let server = variant.serve("echo").await;
        let small = Request::post("/echo").body(body::patterned(1 << 20)).unwrap();
        let answer = exchange(server.address, small).await.unwrap();
        assert_eq!(answer.body.len(), 1 << 20);
        let before = server.resident();

        let length = 1 << 30;
        let request = Request::post("/echo").body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        let mut highest = before;
        let received = tokio::select! {
            received = body::check_pattern(response.body_mut()) => received,
            never = async {
                loop {
                    highest = highest.max(server.resident());
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            } => never,
        };
        assert_eq!(received, length);
        let growth = highest.max(server.resident()) - before;
        assert!(growth <= 64 << 20, "the server grew by {} MiB", growth >> 20);
    }

    async fn an_upstream_that_refuses_is_the_guests_error(variant) {
        let server = variant.serve("echo").await;
        // Bound, but nobody accepts any more.
        let gone = { upstream().await.url("/") };
        let request = Request::post("/double-echo").header("url", gone).body(body::full("x")).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert!(answer.status.is_server_error(), "{answer:?}");
        // The instance lives on.
        let request = Request::post("/echo").body(body::full("still here")).unwrap();
        assert_eq!(exchange(server.address, request).await.unwrap().text(), "still here");
    }

    async fn a_client_that_goes_away_leaves_nothing_behind(variant) {
        let server = variant.serve("echo").await;
        let before = server.sockets();
        for _ in 0..50 {
            let request = Request::post("/echo").body(body::patterned(1 << 30)).unwrap();
            let mut connection = Connection::open(server.address).await;
            let response = connection.send(request).await.unwrap();
            drop((response, connection));
        }
        within("all sockets closed", async {
            while server.sockets() > before {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
        let request = Request::post("/echo").body(body::full("still here")).unwrap();
        let answer = Answer::read(Connection::open(server.address).await.send(request).await.unwrap()).await.unwrap();
        assert_eq!(answer.text(), "still here");
    }
}
