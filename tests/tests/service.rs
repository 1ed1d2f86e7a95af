//! The case `service`: what comes back is what was sent, on every backend.

use bytes::Bytes;
use futures::{SinkExt, channel::mpsc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::BodyExt;
use isyswasfa_tests::{Answer, Connection, body, exchange, in_languages, within};

in_languages! {
    [python: Python, javascript: JavaScript]

    async fn headers_come_back(variant) {
        let server = variant.serve("service").await;
        let request = Request::get("/")
            .header("x-one", "1")
            .header("x-many", "a")
            .header("x-many", "b, c")
            .header("x-empty", "")
            .header("x-bytes", HeaderValue::from_bytes(b"caf\xe9 \xff").unwrap())
            .body(body::empty())
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.status, 200);
        let values = |name: &str| {
            answer.headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(values("x-one"), [b"1"]);
        assert_eq!(values("x-many"), [b"a".to_vec(), b"b, c".to_vec()]);
        assert_eq!(values("x-empty"), [b""]);
        assert_eq!(values("x-bytes"), [b"caf\xe9 \xff"]);
        assert!(answer.body.is_empty());
    }

    async fn a_body_of_known_length_comes_back(variant) {
        let server = variant.serve("service").await;
        let request = Request::post("/").body(body::full("hello")).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "hello");
        assert_eq!(answer.headers["content-length"], "5");
    }

    async fn every_method_is_answered(variant) {
        let server = variant.serve("service").await;
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            let request = Request::builder()
                .method(Method::from_bytes(method.as_bytes()).unwrap())
                .uri("/some/path?and=query")
                .body(body::full(method))
                .unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.text()), (200, method));
        }
    }

    async fn trailers_come_back(variant) {
        let server = variant.serve("service").await;
        let mut trailers = HeaderMap::new();
        trailers.insert(HeaderName::from_static("x-sum"), HeaderValue::from_static("42"));
        let request = Request::post("/")
            .header("te", "trailers")
            .header("trailer", "x-sum")
            .body(body::with_trailers("hello", trailers.clone()))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "hello");
        assert_eq!(answer.trailers, trailers);
    }

    async fn a_body_comes_back_while_it_is_sent(variant) {
        let server = variant.serve("service").await;
        let (mut sender, pieces) = mpsc::channel(0);
        let request = Request::post("/").body(body::pieces(pieces)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        for piece in ["one", "two", "three"] {
            sender.send(Ok(Bytes::from_static(piece.as_bytes()))).await.unwrap();
            let frame = within("the piece", response.frame()).await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), piece);
        }
        drop(sender);
        assert!(within("the end", response.frame()).await.is_none());
    }

    async fn one_connection_carries_many_requests(variant) {
        let server = variant.serve("service").await;
        let mut connection = Connection::open(server.address).await;
        // More than one instance takes.
        for number in 0..300 {
            let text = format!("request {number}");
            let request = Request::post("/").body(body::full(text.clone())).unwrap();
            let answer = Answer::read(connection.send(request).await.unwrap()).await.unwrap();
            assert_eq!(answer.text(), text);
        }
    }

    async fn a_large_body_comes_back_whole(variant) {
        let server = variant.serve("service").await;
        let length = 16 << 20;
        let request = Request::post("/").body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        let received = within("the body", body::check_pattern(response.body_mut())).await;
        assert_eq!(received, length);
    }
}
