//! The case `middleware`, composed with what answers: bodies are inflated on their way in and deflated on their way out.

use bytes::Bytes;
use futures::{SinkExt, channel::mpsc};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Answer, Backend, Connection, Server, body, composable, compose_files, deflate, deflate_raw,
    exchange, inflate, lower_if, on_every_backend, within,
};

/// Serves `middleware` in front of another case.
async fn server(backend: Backend, inner: &str) -> Server {
    let plug = composable(inner, backend);
    let composed = compose_files(&composable("middleware", backend), &[("", &plug)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("composed.wasm");
    std::fs::write(&file, composed).unwrap();
    lower_if(backend, &file);
    Server::start(&file, &[]).await
}

fn trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert(
        HeaderName::from_static("x-sum"),
        HeaderValue::from_static("42"),
    );
    trailers
}

on_every_backend! {
    async fn a_deflated_body_arrives_as_it_was(backend) {
        let server = server(backend, "service").await;
        for packed in [deflate(b"hello"), deflate_raw(b"hello")] {
            let request = Request::post("/")
                .header("content-encoding", "deflate")
                .header("x-other", "stays")
                .body(body::full(packed))
                .unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            // `service` answers with the headers that it got.
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello"));
            assert_eq!(answer.headers.get("content-encoding"), None);
            assert_eq!(answer.headers["x-other"], "stays");
        }
    }

    async fn only_the_outermost_encoding_is_ours(backend) {
        let server = server(backend, "service").await;
        let request = Request::post("/")
            .header("content-encoding", "gzip, deflate")
            .body(body::full(deflate(b"no gzip")))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "no gzip");
        assert_eq!(answer.headers["content-encoding"], "gzip");
    }

    async fn an_answer_is_deflated_for_who_takes_it(backend) {
        let server = server(backend, "service").await;
        for (accepts, is_deflated) in [
            ("deflate", true),
            ("gzip, Deflate;q=0.5", true),
            ("deflate;q=0", false),
            ("gzip", false),
        ] {
            let request = Request::post("/")
                .header("accept-encoding", accepts)
                .body(body::full("hello"))
                .unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!(answer.status, 200);
            let encoding = answer.headers.get("content-encoding");
            assert_eq!(encoding.is_some_and(|it| it == "deflate"), is_deflated, "{accepts}");
            if is_deflated {
                assert_eq!(answer.headers["vary"], "accept-encoding");
                assert_eq!(inflate(&answer.body).unwrap(), b"hello");
            } else {
                assert_eq!(answer.text(), "hello");
            }
        }
    }

    async fn what_is_encoded_already_stays(backend) {
        let server = server(backend, "service").await;
        for (name, value) in [("content-encoding", "br"), ("cache-control", "no-transform")] {
            let request = Request::post("/")
                .header("accept-encoding", "deflate")
                .header(name, value)
                .body(body::full("as it is"))
                .unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!(answer.text(), "as it is");
            assert_eq!(answer.headers[name], value);
        }
    }

    async fn trailers_pass(backend) {
        let server = server(backend, "service").await;
        let request = Request::post("/")
            .header("content-encoding", "deflate")
            .header("accept-encoding", "deflate")
            .header("te", "trailers")
            .header("trailer", "x-sum")
            .body(body::with_trailers(deflate(b"hello"), trailers()))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(inflate(&answer.body).unwrap(), b"hello");
        assert_eq!(answer.trailers, trailers());
    }

    async fn a_large_body_passes_both_ways(backend) {
        let server = server(backend, "service").await;
        let length = 8 << 20;
        let whole = body::pattern(0, length);
        let request = Request::post("/")
            .header("content-encoding", "deflate")
            .header("accept-encoding", "deflate")
            .body(body::full(deflate(&whole)))
            .unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert!(inflate(&answer.body).unwrap() == whole);
    }

    async fn each_piece_is_passed_on_as_it_comes(backend) {
        let server = server(backend, "service").await;
        let (mut sender, pieces) = mpsc::channel(0);
        let request = Request::post("/")
            .header("accept-encoding", "deflate")
            .body(body::pieces(pieces))
            .unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        let mut inflate = flate2::Decompress::new(true);
        for piece in ["one", "two", "three"] {
            sender.send(Ok(Bytes::from_static(piece.as_bytes()))).await.unwrap();
            let mut plain = Vec::new();
            while plain.len() < piece.len() {
                let frame = within("the piece", response.frame()).await.unwrap().unwrap();
                plain.reserve(1024);
                inflate.decompress_vec(&frame.into_data().unwrap(), &mut plain, flate2::FlushDecompress::Sync).unwrap();
            }
            assert_eq!(plain, piece.as_bytes());
        }
        drop(sender);
        while let Some(frame) = within("the end", response.frame()).await {
            frame.unwrap();
        }
    }

    async fn a_body_that_is_not_deflated_ends_the_answer(backend) {
        let server = server(backend, "service").await;
        let mut cut = deflate(&body::pattern(0, 100_000));
        cut.truncate(cut.len() / 2);
        for wrong in [&b"this is no deflate at all"[..], &cut, b"x"] {
            let request = Request::post("/")
                .header("content-encoding", "deflate")
                .body(body::full(wrong.to_vec()))
                .unwrap();
            let mut connection = Connection::open(server.address).await;
            let answer = match connection.send(request).await {
                // `service` may have begun to answer.
                Ok(response) if response.status().is_success() => Answer::read(response).await.err().map(drop),
                Ok(_) | Err(_) => Some(()),
            };
            assert!(answer.is_some(), "{wrong:?} is answered as if it were whole");
        }
        // The instance lives on.
        let request = Request::post("/").body(body::full("still here")).unwrap();
        assert_eq!(exchange(server.address, request).await.unwrap().text(), "still here");
    }

    async fn a_request_that_breaks_off_ends_the_answer(backend) {
        let server = server(backend, "service").await;
        let (mut sender, pieces) = mpsc::channel(1);
        let request = Request::post("/")
            .header("content-encoding", "deflate")
            .header("accept-encoding", "deflate")
            .body(body::pieces(pieces))
            .unwrap();
        let mut connection = Connection::open(server.address).await;
        let packed = deflate(&body::pattern(0, 300_000));
        sender.send(Ok(Bytes::copy_from_slice(&packed[..packed.len() / 2]))).await.unwrap();
        let mut response = connection.send(request).await.unwrap();
        within("a piece", response.frame()).await.unwrap().unwrap();
        sender.send(Err(std::io::Error::other("on purpose"))).await.unwrap();
        let end = async {
            loop {
                match response.frame().await {
                    Some(Ok(_)) => {}
                    end => return end,
                }
            }
        };
        assert!(matches!(within("the end", end).await, Some(Err(_))));
    }

    async fn what_the_handler_fails_with_is_passed_on(backend) {
        let server = server(backend, "faults").await;
        let get = |path| Request::get(path).header("accept-encoding", "deflate").body(body::empty()).unwrap();
        assert_eq!(exchange(server.address, get("/error")).await.unwrap().status, 500);
        let fine = exchange(server.address, get("/fine")).await.unwrap();
        assert_eq!(inflate(&fine.body).unwrap(), b"fine");
        // It begins to answer, and traps.
        let mut connection = Connection::open(server.address).await;
        let response = connection.send(get("/panic-in-body")).await;
        let ended = match response {
            Ok(response) => Answer::read(response).await.map(drop),
            Err(error) => Err(error),
        };
        assert!(ended.is_err());
    }

    async fn a_client_that_goes_away_ends_what_the_handler_does(backend) {
        let server = server(backend, "faults").await;
        let before = server.sockets();
        for _ in 0..10 {
            let request = Request::get("/endless").header("accept-encoding", "deflate").body(body::empty()).unwrap();
            let mut connection = Connection::open(server.address).await;
            let mut response = connection.send(request).await.unwrap();
            within("a piece", response.frame()).await.unwrap().unwrap();
            drop((response, connection));
        }
        within("all sockets closed", async {
            while server.sockets() > before {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
        let fine = exchange(server.address, Request::get("/fine").body(body::empty()).unwrap()).await.unwrap();
        assert_eq!(fine.text(), "fine");
    }
}
