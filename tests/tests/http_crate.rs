//! The case `http-crate`: messages in the types of the crate `http`.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Backend, Connection, Server, Upstream, body, exchange, guest, on_every_backend, within,
};

async fn server(backend: Backend) -> Server {
    Server::start(&guest("http-crate", backend), &[]).await
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(
        HeaderName::from_static("x-sum"),
        HeaderValue::from_static("42"),
    )])
}

on_every_backend! {
    async fn frames_and_trailers_pass_through(backend) {
        let server = server(backend).await;
        let request = Request::post("/upper")
            .header("te", "trailers")
            .header("trailer", "x-sum")
            .body(body::with_trailers("hello", trailers()))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "HELLO");
        assert_eq!(answer.trailers, trailers());
    }

    async fn an_unread_body_is_handed_on(backend) {
        let server = server(backend).await;
        let length = 8 << 20;
        let request = Request::post("/as-is").body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        assert_eq!(within("the body", body::check_pattern(response.body_mut())).await, length);
    }

    async fn requests_go_onward(backend) {
        let server = server(backend).await;
        let upstream = Upstream::start(|request| async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let text = format!("{} {} {:?} {body:?}", head.method, head.uri, head.headers.get("x-own"));
            Response::builder().status(201).body(body::full(text)).unwrap()
        })
        .await;
        let request = Request::put("/onward")
            .header("url", upstream.url("/there?q=1"))
            .header("x-own", "mine")
            .body(body::full("hello"))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), r#"PUT /there?q=1 Some("mine") b"hello""#);
        assert_eq!((answer.status.as_u16(), &answer.headers["x-onward"]), (201, &HeaderValue::from_static("yes")));
    }

    async fn a_status_is_set(backend) {
        let server = server(backend).await;
        let answer = exchange(server.address, Request::get("/x").body(body::empty()).unwrap()).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (404, "no `/x` here\n"));
    }
}
