//! What one client may take of a server: every phase of its connections ends in time, what it does not read keeps no guest, and it
//! has a share of the instances only.

use isyswasfa_tests::raw::{Frame, Http2, connect_from, head, raw, rest};
use isyswasfa_tests::{Backend, Server, guest, on_every_backend, within};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// An instance that works on so many requests at once, and no others.
const ONE_INSTANCE: [&str; 2] = ["-O", "pooling-total-component-instances=1"];

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("duties", backend), arguments).await
}

async fn is_served(server: &Server) {
    let answer = raw(
        server.address,
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// Sends `bytes` and then nothing; how long the server keeps the connection.
async fn kept(server: &Server, bytes: &str) -> Duration {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let start = Instant::now();
    rest(&mut stream).await;
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_phase_of_a_connection_ends() {
    let server = server(Backend::Isyswasfa, &["--client-timeout", "500ms"]).await;
    let settings = Frame {
        kind: Frame::SETTINGS,
        flags: 0,
        stream: 0,
        payload: Vec::new(),
    };
    let settings = format!("{PREFACE}{}", String::from_utf8(settings.bytes()).unwrap());
    let phases = [
        "",
        "P",
        "G",
        "POS",
        &PREFACE[..23],
        PREFACE,
        &settings,
        "GET / HTTP/1.1\r\nhost: a\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf",
    ];
    let all = phases.map(|phase| kept(&server, phase));
    for (phase, kept) in phases.iter().zip(futures::future::join_all(all).await) {
        let (least, most) = (Duration::from_millis(400), Duration::from_secs(10));
        assert!(least < kept && kept < most, "{phase:?}: {kept:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_without_requests_ends_though_its_pings_are_answered() {
    let server = server(Backend::Isyswasfa, &["--client-timeout", "500ms"]).await;
    let mut client = Http2::open(server.address, 65535).await;
    client.send(&Frame::get(1, "/")).await;
    client
        .until("a response", |frame| {
            frame.stream == 1 && frame.flags & Frame::END_STREAM != 0
        })
        .await;
    let goodbye = client
        .until("its end", |frame| frame.kind == Frame::GOAWAY)
        .await;
    assert_eq!(goodbye.payload[4..8], [0; 4], "no error");
    assert!(client.ends_within(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_without_requests_make_room() {
    let arguments = ["--max-concurrent-connections", "20"];
    let server = server(Backend::Isyswasfa, &arguments).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /slow?ms=3000 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let start = Instant::now();
    is_served(&server).await;
    let took = start.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    // One with a request stays.
    assert!(rest(&mut slow).await.contains("slow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_connections_that_files_do_not_allow_is_lowered() {
    let most = usize::MAX.to_string();
    let server = server(Backend::Isyswasfa, &["--max-concurrent-connections", &most]).await;
    server.logged("the limit of open files").await;
    is_served(&server).await;
}

on_every_backend! {
    async fn streams_with_a_closed_window_keep_no_instance(backend) {
        let mut arguments = ONE_INSTANCE.to_vec();
        arguments.extend(["--client-timeout", "2s", "--request-timeout", "30s"]);
        let server = server(backend, &arguments).await;
        is_served(&server).await;
        let mut client = Http2::open(server.address, 0).await;
        for stream in 0..60 {
            client.send(&Frame::get(2 * stream + 1, "/bytes?n=50000")).await;
        }
        client.until("a response", |frame| frame.kind == Frame::HEADERS).await;
        let start = Instant::now();
        is_served(&server).await;
        let took = start.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
        // The client goes on to answer pings; what does not move is reset all the same.
        let mut reset = 0;
        while reset < 60 {
            client.until("a reset", |frame| frame.kind == Frame::RST_STREAM).await;
            reset += 1;
        }
        is_served(&server).await;
    }

    async fn what_a_client_does_not_read_keeps_no_instance(backend) {
        let mut arguments = ONE_INSTANCE.to_vec();
        arguments.extend(["--client-timeout", "60s", "--max-concurrent-requests-per-client", "1000"]);
        let server = server(backend, &arguments).await;
        let mut clients = Vec::new();
        for _ in 0..30 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(b"GET /bytes?n=200000 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            clients.push(stream);
        }
        within("all are answered", async {
            for client in &mut clients {
                head(client).await;
            }
        })
        .await;
        is_served(&server).await;
    }

    async fn a_large_response_that_nobody_takes_is_given_up(backend) {
        let server = server(backend, &["--client-timeout", "1s"]).await;
        let mut client = Http2::open(server.address, 0).await;
        client.send(&Frame::get(1, "/bytes?n=1000000000")).await;
        client.until("a reset", |frame| frame.kind == Frame::RST_STREAM).await;
        is_served(&server).await;
    }

    async fn a_slow_stream_that_moves_goes_on(backend) {
        let server = server(backend, &["--client-timeout", "1s"]).await;
        let mut client = Http2::open(server.address, 1000).await;
        client.send(&Frame::get(1, "/bytes?n=5000")).await;
        let mut received = 0;
        while received < 5000 {
            // Or what ends it. What else comes is about the connection.
            let of_interest = [Frame::DATA, Frame::RST_STREAM, Frame::GOAWAY];
            let data = client.until("more", |frame| of_interest.contains(&frame.kind)).await;
            assert_eq!(data.kind, Frame::DATA, "after {received} bytes: {data:?}");
            received += data.payload.len();
            tokio::time::sleep(Duration::from_millis(200)).await;
            let payload = 1000u32.to_be_bytes().to_vec();
            client.send(&Frame { kind: 8, flags: 0, stream: 1, payload }).await;
        }
        assert_eq!(received, 5000);
    }

    async fn a_connection_has_a_share_of_the_instances(backend) {
        let mut arguments = ["-O", "pooling-total-component-instances=8"].to_vec();
        arguments.extend(["--client-timeout", "30s"]);
        let server = server(backend, &arguments).await;
        let mut client = Http2::open(server.address, 65535).await;
        for stream in 0..150 {
            client.send(&Frame::get(2 * stream + 1, "/slow?ms=20000")).await;
        }
        let start = Instant::now();
        is_served(&server).await;
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        drop(client);
    }

    async fn a_client_has_a_share_of_the_instances(backend) {
        let server = server(backend, &["--max-concurrent-requests-per-client", "2"]).await;
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(b"GET /slow?ms=5000 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
            clients.push(stream);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut other = connect_from("127.0.0.2", server.address).await;
        let start = Instant::now();
        other.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(rest(&mut other).await.starts_with("HTTP/1.1 200 "));
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        // The third had to wait for one of the others.
        for client in &mut clients {
            assert!(rest(client).await.contains("slow"));
        }
        assert!(start.elapsed() > Duration::from_secs(8), "{:?}", start.elapsed());
    }

    async fn the_end_has_a_limit(backend) {
        let server = server(backend, &["--shutdown-timeout", "500ms"]).await;
        let mut stalled = Http2::open(server.address, 0).await;
        stalled.send(&Frame::get(1, "/bytes?n=10000000")).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /slow?ms=60000 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        stalled.until("a response", |frame| frame.kind == Frame::HEADERS).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let start = Instant::now();
        let (status, log) = server.stop().await;
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(log.contains("requests under way were cut off: 2"), "{log}");
    }

    async fn a_client_that_has_gone_is_noticed(backend) {
        let server = server(backend, &["--max-concurrent-requests-per-client", "1"]).await;
        let mut gone = TcpStream::connect(server.address).await.unwrap();
        gone.write_all(b"GET /slow?ms=60000 HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(gone);
        // What it had is free again when its guest has been given up.
        is_served(&server).await;
    }
}
