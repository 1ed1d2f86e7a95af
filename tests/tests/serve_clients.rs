//! Clients that misbehave: none of them holds anything up, or leaves anything behind.

use http::Request;
use isyswasfa_tests::{
    Answer, Backend, Connection, Server, body, exchange, guest, on_every_backend, within,
};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("service", backend), arguments).await
}

async fn is_fine(server: &Server) {
    let request = Request::post("/").body(body::full("fine")).unwrap();
    assert_eq!(
        exchange(server.address, request).await.unwrap().text(),
        "fine"
    );
}

/// Sends `bytes`, and answers what comes until the server closes.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end, too.
    let _ = within("the server closes", stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn no_sockets_stay(server: &Server, before: usize) {
    within("the sockets are closed", async {
        while server.sockets() > before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

on_every_backend! {
    async fn malformed_requests_are_400(backend) {
        let server = server(backend, &[]).await;
        let before = server.sockets();
        for request in [
            "nonsense\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
        ] {
            let request = request.replace("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n");
            let answer = raw(&server, request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer:?}");
        }
        let answer = raw(&server, b"GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.0 200 "), "{answer:?}");
        no_sockets_stay(&server, before).await;
        is_fine(&server).await;
    }

    async fn a_head_that_never_ends_is_cut_off(backend) {
        let server = server(backend, &["--client-timeout", "300ms"]).await;
        let before = server.sockets();
        let start = Instant::now();
        raw(&server, b"GET / HTTP/1.1\r\nhost: a\r\n").await;
        assert!(start.elapsed() >= Duration::from_millis(250));
        no_sockets_stay(&server, before).await;
        is_fine(&server).await;
    }

    async fn a_body_that_never_ends_is_cut_off(backend) {
        let server = server(backend, &["--client-timeout", "300ms"]).await;
        let before = server.sockets();
        let answer = raw(&server, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf").await;
        assert!(!answer.contains("\r\n0\r\n"), "passed off as whole: {answer:?}");
        no_sockets_stay(&server, before).await;
        is_fine(&server).await;
    }

    async fn a_client_that_does_not_read_is_cut_off(backend) {
        let server = server(backend, &["--client-timeout", "300ms"]).await;
        let before = server.sockets();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n").await.unwrap();
        let piece = vec![b'.'; 64 * 1024];
        // The echo comes to a stop when nobody reads it; then the server ends the connection.
        within("the server cuts it off", async {
            while stream.write_all(&piece).await.is_ok() {}
        })
        .await;
        no_sockets_stay(&server, before).await;
        is_fine(&server).await;
    }

    async fn clients_that_go_away_leave_nothing(backend) {
        let server = server(backend, &[]).await;
        is_fine(&server).await;
        let before = server.sockets();
        let round = async || {
            for _ in 0..50 {
                let mut stream = TcpStream::connect(server.address).await.unwrap();
                let head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
                stream.write_all(head).await.unwrap();
                let mut first = [0; 16];
                within("the answer begins", stream.read_exact(&mut first)).await.unwrap();
            }
            no_sockets_stay(&server, before).await;
        };
        round().await;
        let resident = server.resident();
        for _ in 0..4 {
            round().await;
        }
        let grown = server.resident().saturating_sub(resident);
        assert!(grown < 32 << 20, "200 clients left {grown} bytes behind");
        is_fine(&server).await;
    }

    async fn a_gibibyte_passes_through_within_64_mib(backend) {
        let server = server(backend, &[]).await;
        is_fine(&server).await;
        let before = server.resident();
        let length = 1 << 30;
        let request = Request::post("/").body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(request).await.unwrap();
        let mut most = before;
        let measure = async {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                most = most.max(server.resident());
            }
        };
        let receive = async {
            // Longer than anything else that is waited for.
            tokio::time::timeout(Duration::from_secs(300), body::check_pattern(response.body_mut())).await.expect("a gibibyte in time")
        };
        let received = tokio::select! {
            received = receive => received,
            () = measure => unreachable!(),
        };
        assert_eq!(received, length);
        assert!(most - before < 64 << 20, "grew by {} bytes", most - before);
    }

    async fn http_2_is_spoken_without_tls(backend) {
        let server = server(backend, &[]).await;
        let stream = TcpStream::connect(server.address).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let executor = hyper_util::rt::TokioExecutor::new();
        let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
        let driver = tokio::spawn(connection);
        let uri = format!("http://{}/", server.address);
        let answers = (0..20).map(|number| {
            let request = Request::post(&uri).body(body::full(number.to_string())).unwrap();
            sender.send_request(request)
        });
        for (number, answer) in futures::future::join_all(answers).await.into_iter().enumerate() {
            let answer = Answer::read(answer.unwrap()).await.unwrap();
            assert_eq!(answer.text(), number.to_string());
        }
        driver.abort();
    }
}
