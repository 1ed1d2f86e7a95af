//! The worked example of `MIGRATION.md`: what the migrated proxy answers is what the original answered, on every backend.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::{Backend, Body, Server, Upstream, body, exchange, guest, on_every_backend};

/// The component of WASI 0.2 that the other one was made from.
async fn original(upstream: &Upstream) -> Server {
    // Built without a choice of backends, where those lie that are valid 0.2.
    serve("proxy", Backend::Isyswasfa, upstream).await
}

async fn serve(name: &str, backend: Backend, upstream: &Upstream) -> Server {
    let environment = format!("UPSTREAM={}", upstream.address);
    Server::start(&guest(name, backend), &["--env", &environment]).await
}

/// Says what it was asked, in the body and by its status.
async fn upstream() -> Upstream {
    Upstream::start(|request| async move {
        let (head, body) = request.into_parts();
        let received = body.collect().await.map(|body| body.to_bytes());
        let forwarded = head.headers.contains_key("x-forwarded-at");
        let own = head
            .headers
            .get("x-own")
            .map(|value| value.to_str().unwrap().to_owned());
        let (status, length) = match &received {
            Ok(received) => (StatusCode::CREATED, received.len()),
            Err(_) => (StatusCode::BAD_REQUEST, 0),
        };
        let said = format!(
            "{} {} {own:?} forwarded: {forwarded}, {length} bytes\n",
            head.method, head.uri
        );
        let rest = received.unwrap_or_default();
        Response::builder()
            .status(status)
            .header("x-upstream", "yes")
            .body(body::full(Bytes::from(
                [said.into_bytes(), rest.to_vec()].concat(),
            )))
            .unwrap()
    })
    .await
}

fn requests() -> Vec<Request<Body>> {
    let long = format!("/{}", "long".repeat(600));
    vec![
        Request::get("/a?b=c")
            .header("x-own", "mine")
            .body(body::empty())
            .unwrap(),
        Request::get("/.proxy/health").body(body::empty()).unwrap(),
        Request::get(long).body(body::empty()).unwrap(),
        Request::delete("/a").body(body::empty()).unwrap(),
        Request::post("/small")
            .body(body::full("a few bytes"))
            .unwrap(),
        Request::put("/large")
            .body(body::patterned(300_000))
            .unwrap(),
    ]
}

/// All that a client sees, but for how long it took.
async fn answers(server: &Server) -> Vec<(StatusCode, bool, bool, Bytes)> {
    let mut answers = Vec::new();
    for request in requests() {
        let answer = exchange(server.address, request).await.unwrap();
        let has = |name| answer.headers.contains_key(name);
        answers.push((
            answer.status,
            has("x-upstream"),
            has("x-upstream-ms"),
            answer.body.clone(),
        ));
    }
    answers
}

on_every_backend! {
    async fn the_answers_are_the_same(backend) {
        let upstream = upstream().await;
        let before = answers(&original(&upstream).await).await;
        let statuses: Vec<_> = before.iter().map(|answer| answer.0.as_u16()).collect();
        assert_eq!(statuses, [201, 200, 414, 405, 201, 201]);
        let migrated = serve("migrated-proxy", backend, &upstream).await;
        assert_eq!(answers(&migrated).await, before);
    }

    async fn an_upstream_that_is_not_there(backend) {
        let gone = upstream().await;
        let (before, after) = (original(&gone).await, serve("migrated-proxy", backend, &gone).await);
        drop(gone);
        let request = || Request::get("/").body(body::empty()).unwrap();
        let before = exchange(before.address, request()).await.unwrap();
        let after = exchange(after.address, request()).await.unwrap();
        assert!(before.status.is_server_error());
        assert_eq!(after.status, before.status);
    }
}
