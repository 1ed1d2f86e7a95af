//! A WASI 0.2 component, served by the same command.

use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::{Answer, Backend, Connection, Server, body, exchange, guest, within};
use std::path::PathBuf;
use std::time::Duration;

fn plain() -> PathBuf {
    // Built without a choice of backends, where those lie that are valid 0.2.
    guest("plain", Backend::Isyswasfa)
}

async fn server(arguments: &[&str]) -> Server {
    Server::start(&plain(), arguments).await
}

async fn get(server: &Server, path: &str) -> hyper::Result<Answer> {
    let request = Request::get(path).body(body::empty()).unwrap();
    exchange(server.address, request).await
}

async fn text(server: &Server, path: &str) -> String {
    let answer = get(server, path).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered() {
    let server = server(&[]).await;
    assert_eq!(text(&server, "/").await, "hello");
    assert_eq!(
        text(&server, "/authority").await,
        server.address.to_string()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_trailers_pass_through() {
    let server = server(&[]).await;
    let length = 8 << 20;
    let request = Request::post("/echo")
        .body(body::patterned(length))
        .unwrap();
    let mut connection = Connection::open(server.address).await;
    let mut response = connection.send(request).await.unwrap();
    let received = within("the body", body::check_pattern(response.body_mut())).await;
    assert_eq!(received, length);

    let mut trailers = HeaderMap::new();
    trailers.insert(
        HeaderName::from_static("x-sum"),
        HeaderValue::from_static("42"),
    );
    // Which a client over HTTP/2 sees without having to ask for them.
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let request = Request::post(server.url("/echo"))
        .body(body::with_trailers("hello", trailers.clone()))
        .unwrap();
    let answer = Answer::read(sender.send_request(request).await.unwrap())
        .await
        .unwrap();
    assert_eq!((answer.text(), &answer.trailers), ("hello", &trailers));
    driver.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_answers_one_request_unless_told_otherwise() {
    let one = server(&[]).await;
    for _ in 0..3 {
        assert_eq!(text(&one, "/number").await, "0");
    }
    let two = server(&["--max-instance-reuse-count", "2"]).await;
    let mut numbers = Vec::new();
    for _ in 0..4 {
        numbers.push(text(&two, "/number").await);
    }
    assert_eq!(numbers, ["0", "1", "0", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn output_has_the_number_of_its_request() {
    let server = server(&[]).await;
    text(&server, "/").await;
    text(&server, "/print").await;
    let line = server.logged("one line").await;
    assert_eq!(line, "stdout [1] :: one line");
    let line = server.logged("the beginning of another").await;
    assert_eq!(line, "stdout [1] :: and the beginning of another");
    assert_eq!(
        server.logged("a complaint").await,
        "stderr [1] :: a complaint"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_as_the_options_say() {
    let bare = server(&["--no-logging-prefix"]).await;
    text(&bare, "/print").await;
    assert_eq!(bare.logged("one line").await, "one line");
    let silent = server(&["-S", "inherit-stdout=n,inherit-stderr"]).await;
    text(&silent, "/print").await;
    assert_eq!(silent.logged("a complaint").await, "a complaint");
    let (_, log) = silent.stop().await;
    assert!(!log.contains("one line"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_see_what_they_are_given() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["read", "write"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(
            folder.path().join(name).join("file"),
            format!("in {name}\n"),
        )
        .unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let read = format!("{path}/read::/r::ro");
    let write = format!("{path}/write::/w");
    let arguments = [
        "--dir", &read, "--dir", &write, "--env", "A=1", "--env", "B", "--env", "C=x=y",
    ];
    let server = Server::start_with(&plain(), &arguments, &[("B", "2"), ("D", "hidden")]).await;
    assert_eq!(
        text(&server, "/environment").await,
        r#"[("A", "1"), ("B", "2"), ("C", "x=y")]"#
    );
    assert_eq!(
        text(&server, "/files").await,
        "/r: in read, writable: false\n/w: in write, writable: true\n"
    );
    assert!(!folder.path().join("read/made").exists());
    assert!(folder.path().join("write/made").exists());

    let server = Server::start_with(
        &plain(),
        &["-S", "inherit-env", "--env", "B=3"],
        &[("B", "2"), ("D", "seen")],
    )
    .await;
    let environment = text(&server, "/environment").await;
    assert!(environment.contains(r#"("D", "seen")"#), "{environment}");
    assert!(environment.contains(r#"("B", "3")"#), "{environment}");
    assert!(!environment.contains(r#"("B", "2")"#), "{environment}");
    assert_eq!(text(&server, "/files").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn traps_are_500_and_logged_with_the_last_words() {
    let server = server(&[]).await;
    assert_eq!(get(&server, "/trap").await.unwrap().status, 500);
    server.logged("request 0: the guest trapped").await;
    // Once as it was written, once with the trap.
    server.logged("    about to trap").await;
    assert_eq!(get(&server, "/no-response").await.unwrap().status, 500);
    server
        .logged("request 1: the guest's handler returned without a response")
        .await;
    assert_eq!(text(&server, "/").await, "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_in_the_body_breaks_the_connection() {
    let server = server(&[]).await;
    let mut connection = Connection::open(server.address).await;
    let request = Request::get("/trap-in-body").body(body::empty()).unwrap();
    let mut response = connection.send(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let frame = within("the first piece", response.frame())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(frame.into_data().unwrap(), "so far, so good\n");
    let end = within("the end", response.frame()).await;
    assert!(matches!(end, Some(Err(_))), "{end:?}");
    server.logged("request 0: the guest trapped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_that_take_too_long_are_504() {
    for path in ["/never", "/spin"] {
        let server = server(&["-W", "timeout=500ms"]).await;
        let slow = tokio::spawn({
            let request = Request::get(path).body(body::empty()).unwrap();
            exchange(server.address, request)
        });
        assert_eq!(text(&server, "/").await, "hello");
        let answer = within("the timeout", slow).await.unwrap().unwrap();
        assert_eq!(answer.status, 504, "{path}");
        server.logged("stopped the instance").await;
        assert_eq!(text(&server, "/").await, "hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_an_endless_body() {
    let server = server(&[]).await;
    let mut connection = Connection::open(server.address).await;
    let request = Request::get("/endless").body(body::empty()).unwrap();
    let mut response = connection.send(request).await.unwrap();
    within("the first piece", response.frame())
        .await
        .unwrap()
        .unwrap();
    drop((response, connection));
    server.logged("nobody reads any more").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_places_wait() {
    let server = server(&["-O", "pooling-total-component-instances=2"]).await;
    let slow = (0..6).map(|_| get(&server, "/slow"));
    for answer in futures::future::join_all(slow).await {
        assert_eq!(answer.unwrap().text(), "slow");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_limit_wait() {
    let server = server(&[
        "--max-concurrent-requests",
        "1",
        "--max-concurrent-connections",
        "3",
    ])
    .await;
    let start = std::time::Instant::now();
    let slow = (0..4).map(|_| get(&server, "/slow"));
    for answer in futures::future::join_all(slow).await {
        assert_eq!(answer.unwrap().text(), "slow");
    }
    assert!(
        start.elapsed() >= Duration::from_millis(4 * 250),
        "{:?}",
        start.elapsed()
    );
}
