//! What RFC 9110 and 9112 require of a client, byte by byte, and what a guest is told of a request: whether it was transmitted,
//! and how much of its body was not. `docs/http.md` lists each requirement with its test.

use isyswasfa_tests::raw::raw;
use isyswasfa_tests::{Backend, Server, guest, on_every_backend, on_every_build, within};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

async fn server(backend: Backend) -> Server {
    Server::start(&guest("duties", backend), &[]).await
}

/// What the guest says of a request to `to`.
async fn send(server: &Server, to: &str, more: &str) -> String {
    // wasmtime's own WASI HTTP sends no request without a path.
    let path = if more.contains("&path=") {
        ""
    } else {
        "&path=/"
    };
    let request =
        format!("GET /send?to={to}{path}{more} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    raw(server.address, request.as_bytes()).await
}

/// A server that answers every request with the same bytes, and closes.
struct Canned {
    address: SocketAddr,
    /// What it was asked last.
    asked: Arc<Mutex<String>>,
    accepting: JoinHandle<()>,
}

impl Canned {
    /// `first` is sent before a request has come, `answer` after its head.
    async fn start(first: &'static [u8], answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(String::new()));
        let accepting = tokio::spawn({
            let asked = asked.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, first, answer, asked.clone()));
                }
            }
        });
        Self {
            address,
            asked,
            accepting,
        }
    }

    async fn with(answer: &'static str) -> Self {
        Self::start(b"", answer.as_bytes()).await
    }

    /// What the guest says of a request to it.
    async fn fetched(&self, server: &Server, more: &str) -> String {
        send(server, &self.address.to_string(), more).await
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, first: &[u8], answer: &[u8], asked: Arc<Mutex<String>>) {
    if stream.write_all(first).await.is_err() {
        return;
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    *asked.lock().unwrap() = String::from_utf8_lossy(&head).into_owned();
    // The body, if there is one: an answer that comes before its end may stop it.
    let mut body = [0; 4096];
    let pause = std::time::Duration::from_millis(100);
    while let Ok(Ok(1..)) = tokio::time::timeout(pause, stream.read(&mut body)).await {}
    if stream.write_all(answer).await.is_err() || stream.shutdown().await.is_err() {
        return;
    }
    // What still comes is read, lest a reset overtakes the answer.
    let _ = stream.read_to_end(&mut head).await;
}

on_every_backend! {
    async fn a_request_names_its_host_once(backend) {
        let (server, there) = (server(backend).await, Canned::with("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await);
        let said = there.fetched(&server, "&path=/a").await;
        assert!(said.contains("answer 200 \"hi\""), "{said}");
        let asked = there.asked();
        assert!(asked.starts_with("GET /a HTTP/1.1\r\n"), "{asked}");
        let hosts: Vec<_> = asked.lines().filter(|line| line.to_ascii_lowercase().starts_with("host:")).collect();
        assert_eq!(hosts.len(), 1, "{asked}");
        assert!(hosts[0].ends_with(&there.address.to_string()), "{asked}");
        assert!(!asked.contains("content-length") && !asked.contains("transfer-encoding"), "{asked}");
    }

    async fn connect_names_an_authority(backend) {
        let (server, there) = (server(backend).await, Canned::with("HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n").await);
        there.fetched(&server, "&method=CONNECT").await;
        let (asked, address) = (there.asked(), there.address);
        assert!(asked.starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")), "{asked}");
        assert!(asked.to_ascii_lowercase().contains(&format!("host: {address}\r\n")), "{asked}");
    }

    async fn http_2_without_being_asked_is_a_protocol_error(backend) {
        let server = server(backend).await;
        let settings: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64";
        let goodbye: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01";
        for (first, answer) in [(settings, &b""[..]), (b"", goodbye), (settings, goodbye), (b"", settings)] {
            let there = Canned::start(first, answer).await;
            let said = there.fetched(&server, "").await;
            assert!(said.contains("HttpProtocolError"), "{first:?} {answer:?}: {said}");
        }
    }

    async fn answers_that_are_none_are_protocol_errors(backend) {
        let server = server(backend).await;
        for answer in [
            "nonsense\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nx : 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            // Nobody asked to switch.
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ] {
            let there = Canned::with(answer).await;
            let said = there.fetched(&server, "").await;
            assert!(said.contains("HttpProtocolError"), "{answer:?}: {said}");
        }
    }

    async fn unknown_transfer_codings_are_told(backend) {
        let server = server(backend).await;
        for answer in [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nhi",
        ] {
            let there = Canned::with(answer).await;
            let said = there.fetched(&server, "").await;
            assert!(said.contains("HttpResponseTransferCoding(Some(\"gzip\"))"), "{answer:?}: {said}");
        }
    }

    async fn answers_before_the_final_one_are_passed_over(backend) {
        let server = server(backend).await;
        let there = Canned::with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
        let said = there.fetched(&server, "").await;
        assert!(said.contains("answer 200 \"hi\""), "{said}");
    }

    async fn an_answer_that_is_cut_off_is_incomplete(backend) {
        let server = server(backend).await;
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhi",
            "HTTP/1.1 200 OK\r\nx: 1",
        ] {
            let there = Canned::with(answer).await;
            let said = there.fetched(&server, "").await;
            assert!(["HttpResponseIncomplete", "ConnectionTerminated", "HttpProtocolError"].iter().any(|code| said.contains(code)), "{answer:?}: {said}");
        }
        // Without a length, the end of the connection is the end.
        let there = Canned::with("HTTP/1.1 200 OK\r\n\r\nhi").await;
        let said = there.fetched(&server, "").await;
        assert!(said.contains("answer 200 \"hi\" Ok(())"), "{said}");
    }

    async fn answers_without_content_have_none(backend) {
        let server = server(backend).await;
        for (answer, more) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", "&method=HEAD"),
            ("HTTP/1.1 204 No Content\r\ncontent-length: 10\r\n\r\n", ""),
            ("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n", ""),
        ] {
            let there = Canned::with(answer).await;
            let said = there.fetched(&server, more).await;
            assert!(said.contains("\"\" Ok(())"), "{answer:?}: {said}");
        }
    }
}

// A future of the transmission is something of WASI 0.3: what a guest that was lowered is told, the adapter makes up.
on_every_build! {
    async fn too_long_a_body_comes_back_whole(backend) {
        let (server, there) = (server(backend).await, Canned::with("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await);
        let said = there.fetched(&server, "&length=5&bytes=10").await;
        assert!(said.contains("left Some(10)"), "{said}");
        assert!(said.contains("sent Err(ErrorCode::HttpRequestBodySize(Some(10)))") || said.contains("sent Err(HttpRequestBodySize(Some(10)))"), "{said}");
        let said = there.fetched(&server, "&length=10&bytes=10").await;
        assert!(said.contains("left Some(0)") && said.contains("sent Ok"), "{said}");
    }

    async fn a_transmitted_request_is_sent(backend) {
        let (server, there) = (server(backend).await, Canned::with("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await);
        for more in ["", "&bytes=10", "&length=10&bytes=10", "&bytes=1000"] {
            let said = there.fetched(&server, more).await;
            assert!(said.contains("answer 200") && said.contains("sent Ok"), "{more}: {said}");
        }
    }
}

/// wasmtime's own WASI HTTP says `ok` of a request that it could not send, as it does of one that is dropped: its library lets go of
/// the future's sender in both cases, and gives its embedder no hook there.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_not_transmitted_is_not_sent() {
    let server = server(Backend::Isyswasfa).await;
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let cut_off = Canned::with("HTTP/1.1 20").await;
    for (to, code) in [
        ("nobody.invalid", "DnsError"),
        (&*nobody, "ConnectionRefused"),
        (&*cut_off.address.to_string(), "HttpResponseIncomplete"),
    ] {
        for more in [
            "",
            "&bytes=0",
            "&bytes=10",
            "&bytes=10&end=never",
            "&length=10&bytes=10",
            "&length=20&bytes=10&end=never",
        ] {
            let said = within("the guest", send(&server, to, more)).await;
            let answer = said
                .lines()
                .find(|line| line.starts_with("answer "))
                .unwrap_or_default();
            let sent = said
                .lines()
                .find(|line| line.starts_with("sent "))
                .unwrap_or_default();
            assert!(answer.contains(code), "{to}{more}: {said}");
            assert!(sent.contains("Err("), "{to}{more}: {said}");
        }
    }
    let said = send(&server, "", "").await;
    assert!(
        said.contains("answer HttpRequestUriInvalid") || said.contains("HttpRequestUriInvalid"),
        "{said}"
    );
    assert!(said.contains("sent Err("), "{said}");
    let unsent = raw(
        server.address,
        b"GET /unsent HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(unsent.contains("sent false"), "{unsent}");
}
