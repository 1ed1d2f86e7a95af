//! What RFC 9110, 9112 and 9113 require of a server, byte by byte: `docs/http.md` lists each requirement with its test.

use isyswasfa_tests::raw::{Frame, Http2, head, raw, rest};
use isyswasfa_tests::{Backend, Server, guest, on_every_backend, within};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn server(backend: Backend) -> Server {
    Server::start(&guest("duties", backend), &[]).await
}

/// The answer to `request`, whose lines end with `\n` here; the last of its headers is `connection: close`.
async fn ask(server: &Server, request: &str) -> String {
    let request = request.replacen("\n\n", "\nconnection: close\n\n", 1);
    raw(server.address, request.replace('\n', "\r\n").as_bytes()).await
}

async fn expect(server: &Server, request: &str, status: u16) {
    let answer = ask(server, request).await;
    let expected = format!("HTTP/1.1 {status} ");
    assert!(
        answer.starts_with(&expected),
        "{request:?}: {answer:?}, not {status}"
    );
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Whether the head of `answer` has this field.
fn has(answer: &str, name: &str) -> bool {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    head.lines()
        .any(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))
}

on_every_backend! {
    async fn a_request_has_one_valid_host(backend) {
        let server = server(backend).await;
        for host in ["host: a\n", "host: a:80\n", "HOST: [::1]:80\n", "host: a:\n"] {
            expect(&server, &format!("GET / HTTP/1.1\n{host}\n"), 200).await;
        }
        for host in [
            "", "host: a\nhost: b\n", "host: a\nhost: a\n", "host: u@h\n", "host:\n", "host: a b\n", "host: a/b\n", "host: a:b\n",
            "host: a:99999\n", "host: [::1\n", "host: http://a\n",
        ] {
            expect(&server, &format!("GET / HTTP/1.1\n{host}\n"), 400).await;
            expect(&server, &format!("GET http://a/ HTTP/1.1\n{host}\n"), 400).await;
        }
        let answer = ask(&server, "GET / HTTP/1.0\nhost: a\nhost: b\n\n").await;
        assert!(answer.contains(" 400 "), "{answer}");
        let answer = ask(&server, "GET / HTTP/1.0\n\n").await;
        assert!(answer.contains(" 200 "), "{answer}");
    }

    async fn an_absolute_target_comes_before_host(backend) {
        let server = server(backend).await;
        let answer = ask(&server, "GET http://there:81/a?b HTTP/1.1\nhost: here\n\n").await;
        assert!(answer.contains("Get Some(Http) Some(\"there:81\") Some(\"/a?b\")") || answer.contains("Method::Get Some(Scheme::Http) Some(\"there:81\") Some(\"/a?b\")"), "{answer}");
        let answer = ask(&server, "GET http://there HTTP/1.1\nhost: here\n\n").await;
        assert!(answer.contains("Some(\"there\") Some(\"/\")"), "{answer}");
        expect(&server, "GET http://u@there/ HTTP/1.1\nhost: there\n\n", 400).await;
    }

    async fn other_schemes_are_misdirected(backend) {
        let server = server(backend).await;
        for scheme in ["https", "ftp", "ws", "urn"] {
            expect(&server, &format!("GET {scheme}://a/ HTTP/1.1\nhost: a\n\n"), 421).await;
        }
    }

    async fn a_target_has_the_form_of_its_method(backend) {
        let server = server(backend).await;
        expect(&server, "OPTIONS * HTTP/1.1\nhost: a\n\n", 200).await;
        for method in ["GET", "POST", "HEAD", "BREW"] {
            expect(&server, &format!("{method} * HTTP/1.1\nhost: a\n\n"), 400).await;
            expect(&server, &format!("{method} a:80 HTTP/1.1\nhost: a\n\n"), 400).await;
        }
        for target in ["a:80", "a", "/", "http://a/"] {
            let answer = ask(&server, &format!("CONNECT {target} HTTP/1.1\nhost: a\n\n")).await;
            assert!(answer.starts_with("HTTP/1.1 501 "), "{target}: {answer}");
        }
        for request in ["GET /a b HTTP/1.1\nhost: a\n\n", "GET / HTTP/1.1 \nhost: a\n\n", "GET\n\n", "G<T / HTTP/1.1\nhost: a\n\n"] {
            expect(&server, request, 400).await;
        }
    }

    async fn unknown_transfer_codings_are_501(backend) {
        let server = server(backend).await;
        for codings in ["gzip, chunked", "gzip\ntransfer-encoding: chunked", "chunked, chunked", "x, chunked"] {
            let request = format!("POST /read HTTP/1.1\nhost: a\ntransfer-encoding: {codings}\n\n0\n\n");
            expect(&server, &request, 501).await;
        }
        let answer = ask(&server, "POST /read HTTP/1.1\nhost: a\ntransfer-encoding: CHUNKED\n\n2\nab\n0\n\n").await;
        assert!(answer.contains("2 bytes, Ok(false)"), "{answer}");
    }

    async fn faulty_framing_is_400(backend) {
        let server = server(backend).await;
        for framing in [
            "transfer-encoding: gzip", "transfer-encoding: chunked, gzip", "transfer-encoding: identity",
            "content-length: x", "content-length: -1", "content-length: +1", "content-length: 1, 2",
            "content-length: 1\ncontent-length: 2", "content-length: 99999999999999999999999", "content-length: 0x1",
        ] {
            expect(&server, &format!("POST /read HTTP/1.1\nhost: a\n{framing}\n\n"), 400).await;
        }
        let answer = ask(&server, "POST /read HTTP/1.0\nhost: a\ntransfer-encoding: chunked\n\n0\n\n").await;
        assert!(answer.contains(" 400 "), "{answer}");
    }

    async fn a_length_beside_a_coding_ends_the_connection(backend) {
        let server = server(backend).await;
        let request = "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 40\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let answer = raw(server.address, request.as_bytes()).await;
        assert!(answer.contains("2 bytes, Ok(false)"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }

    async fn chunks_are_read_as_they_are_sent(backend) {
        let server = server(backend).await;
        let post = "POST /read HTTP/1.1\nhost: a\ntransfer-encoding: chunked\n\n";
        let answer = ask(&server, &format!("{post}2;name=\"value\"\nab\n0a\n0123456789\n0\nx-trailer: 1\n\n")).await;
        assert!(answer.contains("12 bytes, Ok(true)"), "{answer}");
        for faulty in ["x\n", "-1\n", "fffffffffffffffff\n", "2\nabc\n0\n\n"] {
            let answer = ask(&server, &format!("{post}{faulty}")).await;
            assert!(!answer.contains("Ok("), "{faulty:?}: {answer}");
        }
    }

    async fn a_body_that_ends_early_is_incomplete(backend) {
        let server = server(backend).await;
        for request in [
            "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf",
            "POST /read HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        ] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let answer = rest(&mut stream).await;
            assert!(!answer.contains("Ok("), "{request:?}: {answer}");
        }
    }

    async fn faulty_fields_are_400(backend) {
        let server = server(backend).await;
        for field in ["x : 1", " x: 1", "x\t: 1", "x", ": 1", "x: a\0b", "x: 1\n folded", "x\0: 1"] {
            expect(&server, &format!("GET / HTTP/1.1\nhost: a\n{field}\n\n"), 400).await;
        }
        let long = "a".repeat(1 << 20);
        expect(&server, &format!("GET / HTTP/1.1\nhost: a\nx: {long}\n\n"), 431).await;
        let long = "a".repeat(70_000);
        expect(&server, &format!("GET /{long} HTTP/1.1\nhost: a\n\n"), 414).await;
    }

    async fn fields_of_the_connection_stay_on_it(backend) {
        let server = server(backend).await;
        let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close, X-Hop\r\nx-hop: 1\r\nx-end: 2\r\nkeep-alive: 1\r\nproxy-connection: x\r\nupgrade: x\r\n\r\n";
        let answer = raw(server.address, request.as_bytes()).await;
        assert!(answer.contains("x-end: 2"), "{answer}");
        for hop in ["x-hop", "keep-alive", "proxy-connection", "upgrade", "connection: "] {
            assert!(!body(&answer).contains(hop), "{hop}: {answer}");
        }
    }

    async fn a_half_closed_client_gets_its_response(backend) {
        let server = server(backend).await;
        for (path, expected) in [("/slow?ms=700", "slow"), ("/drip?ms=700", "last"), ("/", "Get"), ("/bytes?n=3000000", "...")] {
            for version in ["1.0", "1.1"] {
                let mut stream = TcpStream::connect(server.address).await.unwrap();
                let request = format!("GET {path} HTTP/{version}\r\nhost: a\r\n\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                let answer = rest(&mut stream).await;
                assert!(answer.starts_with(&format!("HTTP/{version} 200 ")), "{path}: {:.100}", answer);
                assert!(answer.contains(expected), "{path}: {:.100}", answer);
            }
        }
        // Of a body, too; and of several requests.
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nabGET /slow?ms=300 HTTP/1.1\r\nhost: a\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.contains("2 bytes") && answer.contains("slow"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 2, "{answer}");
    }

    async fn a_refusal_reaches_a_client_that_still_sends(backend) {
        let server = server(backend).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"POST /read HTTP/1.1\r\nhost: u@h\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
        for _ in 0..10 {
            // The server may have given up by then.
            let _ = stream.write_all(&[b'.'; 1000]).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("`host` is not a valid host"), "{answer}");
    }

    async fn a_status_before_the_final_one_is_none(backend) {
        let server = server(backend).await;
        for code in [100, 101, 102, 103, 199] {
            expect(&server, &format!("GET /status?code={code} HTTP/1.1\nhost: a\n\n"), 500).await;
        }
        for code in [200, 299, 404, 599] {
            expect(&server, &format!("GET /status?code={code} HTTP/1.1\nhost: a\n\n"), code).await;
        }
    }

    async fn content_is_where_it_may_be(backend) {
        let server = server(backend).await;
        for (request, length) in [
            ("HEAD / HTTP/1.1\nhost: a\n\n", true),
            ("GET /status?code=204 HTTP/1.1\nhost: a\n\n", false),
            ("GET /status?code=205 HTTP/1.1\nhost: a\n\n", true),
            ("GET /status?code=304 HTTP/1.1\nhost: a\n\n", true),
        ] {
            let answer = ask(&server, request).await;
            assert_eq!(body(&answer), "", "{request:?}: {answer}");
            let framed = has(&answer, "content-length") || has(&answer, "transfer-encoding");
            assert!(length || !framed, "{request:?}: {answer}");
        }
    }

    async fn a_response_has_a_date_and_one_framing(backend) {
        let server = server(backend).await;
        let answer = ask(&server, "GET /drip?ms=1 HTTP/1.1\nhost: a\n\n").await;
        assert!(has(&answer, "date"), "{answer}");
        assert!(has(&answer, "transfer-encoding") != has(&answer, "content-length"), "{answer}");
        // HTTP/1.0 knows no chunks: the end of the connection ends the body.
        let answer = ask(&server, "GET /drip?ms=1 HTTP/1.0\nhost: a\n\n").await;
        assert!(!has(&answer, "transfer-encoding"), "{answer}");
        assert_eq!(body(&answer), "first\nlast\n");
    }

    async fn a_connection_goes_on_unless_it_is_to_close(backend) {
        let server = server(backend).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        for path in ["/status?code=404", "/status?code=204"] {
            let request = format!("HEAD {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let answer = head(&mut stream).await;
            assert!(!has(&answer, "connection"), "{answer}");
        }
        stream.write_all(b"HEAD / HTTP/1.1\r\nhost: a\r\nconnection: Close\r\n\r\n").await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
        let answer = raw(server.address, b"GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.contains(" 200 "), "{answer}");
    }

    async fn pipelined_requests_are_answered_in_order(backend) {
        let server = server(backend).await;
        let request = "GET /slow?ms=200 HTTP/1.1\r\nhost: a\r\n\r\n\r\nGET /status?code=404 HTTP/1.1\r\nhost: a\r\n\r\nGET /slow?ms=0 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let answer = raw(server.address, request.as_bytes()).await;
        let statuses: Vec<_> = answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..at + 12]).collect();
        assert_eq!(statuses, ["200", "404", "200"], "{answer}");
    }

    async fn a_body_is_asked_for(backend) {
        let server = server(backend).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"POST /read HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n").await.unwrap();
        let interim = head(&mut stream).await;
        assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"ab").await.unwrap();
        assert!(rest(&mut stream).await.contains("2 bytes, Ok(false)"));
        // A client of HTTP/1.0 does not know it.
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"POST /read HTTP/1.0\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nab").await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    }

    async fn content_of_http_2_is_where_it_may_be(backend) {
        let server = server(backend).await;
        for (method, path) in [("HEAD", "/"), ("GET", "/status?code=204"), ("GET", "/status?code=205"), ("GET", "/status?code=304")] {
            let fields = [(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path)];
            let mut client = Http2::open(server.address, 65535).await;
            client.send(&Frame::request(1, &fields, true)).await;
            let mut content = 0;
            loop {
                let frame = client.until("an answer", |frame| frame.stream == 1).await;
                assert_ne!(frame.kind, Frame::RST_STREAM, "{method} {path}");
                content += if frame.kind == Frame::DATA { frame.payload.len() } else { 0 };
                if frame.flags & Frame::END_STREAM != 0 {
                    break;
                }
            }
            assert_eq!(content, 0, "{method} {path}");
        }
    }

    async fn malformed_requests_of_http_2_are_refused(backend) {
        let server = server(backend).await;
        let base = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let malformed = [
            base[1..].to_vec(),
            base[..3].to_vec(),
            vec![base[0], base[2], base[3]],
            with(&[(":path", "/b")]),
            with(&[(":unknown", "1")]),
            [&[("x", "1")][..], &base].concat(),
            with(&[("X-Upper", "1")]),
            with(&[("connection", "close")]),
            with(&[("keep-alive", "1")]),
            with(&[("proxy-connection", "1")]),
            with(&[("transfer-encoding", "chunked")]),
            with(&[("upgrade", "x")]),
            with(&[("te", "gzip")]),
            with(&[("x", "a\rb")]),
            with(&[("x", "a\0b")]),
            with(&[("content-length", "5")]),
            with(&[("host", "b")]),
            with(&[("host", "a"), ("host", "a")]),
            vec![base[0], base[1], base[3]],
            vec![base[0], base[1], (":authority", "u@a"), base[3]],
            vec![base[0], base[1], base[2], (":path", "")],
            vec![base[0], base[1], base[2], (":path", "*")],
            vec![base[0], (":scheme", "ftp"), base[2], base[3]],
            vec![(":method", "CONNECT"), (":authority", "a:80")],
        ];
        for fields in malformed {
            let mut client = Http2::open(server.address, 65535).await;
            client.send(&Frame::request(1, &fields, true)).await;
            let answer = within("an answer", client.next()).await;
            let served = answer.is_ok_and(|frame| frame.kind == Frame::HEADERS && is_success(&frame));
            assert!(!served, "{fields:?}");
        }
        for fields in [with(&[]), with(&[("te", "trailers"), ("host", "A")]), vec![base[0], base[1], base[3], ("host", "a")]] {
            let mut client = Http2::open(server.address, 65535).await;
            client.send(&Frame::request(1, &fields, true)).await;
            let answer = client.until("an answer", |frame| frame.stream == 1).await;
            assert!(answer.kind == Frame::HEADERS && is_success(&answer), "{fields:?}: {answer:?}");
        }
    }

    async fn frames_that_are_none_end_the_connection(backend) {
        let server = server(backend).await;
        let frame = |kind, flags, stream, payload: &[u8]| Frame { kind, flags, stream, payload: payload.to_vec() };
        for faulty in [
            frame(Frame::DATA, 0, 0, b"x"),
            frame(Frame::HEADERS, Frame::END_HEADERS | Frame::END_STREAM, 2, b"\x82"),
            frame(Frame::HEADERS, Frame::END_HEADERS | Frame::END_STREAM, 1, &[0xff; 20]),
            frame(Frame::SETTINGS, 0, 0, b"abc"),
            frame(Frame::PING, 0, 0, b"abc"),
            frame(8, 0, 0, &0x7fff_ffffu32.to_be_bytes()),
            frame(9, 0, 1, b"x"),
        ] {
            let mut client = Http2::open(server.address, 65535).await;
            client.send(&faulty).await;
            let goodbye = within("the end", async {
                loop {
                    match client.next().await {
                        Ok(frame) if frame.kind == Frame::GOAWAY => return Some(frame),
                        Ok(_) => {}
                        Err(_) => return None,
                    }
                }
            })
            .await;
            let error = goodbye.is_none_or(|frame| frame.payload[4..8] != [0; 4]);
            assert!(error, "{faulty:?}");
            assert!(client.ends_within(Duration::from_secs(10)).await);
        }
        // Kinds of frames that nobody knows are ignored.
        let mut client = Http2::open(server.address, 65535).await;
        client.send(&frame(0xee, 0xff, 0, b"what is this?")).await;
        client.send(&Frame::get(1, "/")).await;
        let answer = client.until("an answer", |frame| frame.stream == 1).await;
        assert!(is_success(&answer));
    }
}

/// Whether a head begins with `:status: 200`, which HPACK has as one byte.
fn is_success(head: &Frame) -> bool {
    head.payload.first() == Some(&0x88)
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_get_400_at_most() {
    let server = server(Backend::Isyswasfa).await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"\0\0\0\0",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = within("the end", stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.contains(" 400 ") || answer.contains(" 505 "),
            "{bytes:?}: {answer}"
        );
    }
}
