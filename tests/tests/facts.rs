//! The case `facts`: what guests learn from the host.

use http::Request;
use isyswasfa_tests::{Backend, Server, body, exchange, guest, on_every_backend};
use std::time::{SystemTime, UNIX_EPOCH};

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("facts", backend), arguments).await
}

async fn ask(server: &Server, path: &str) -> String {
    let answer = exchange(
        server.address,
        Request::get(path).body(body::empty()).unwrap(),
    )
    .await
    .unwrap();
    assert_eq!(answer.status, 200);
    answer.text().to_owned()
}

on_every_backend! {
    async fn the_environment_is_what_was_given(backend) {
        let server = server(backend, &["--env", "ONE=1", "--env", "TWO=2 = zwei"]).await;
        assert_eq!(ask(&server, "/environment").await, r#"[("ONE", "1"), ("TWO", "2 = zwei")]"#);
    }

    async fn nothing_is_inherited(backend) {
        let server = server(backend, &[]).await;
        assert_eq!(ask(&server, "/environment").await, "[]");
        assert_eq!(ask(&server, "/cwd").await, "None");
        assert_eq!(ask(&server, "/stdin").await, "0 Ok(())");
        assert_eq!(ask(&server, "/terminals").await, "[false, false, false]");
    }

    async fn clocks_go(backend) {
        let server = server(backend, &[]).await;
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let before = now();
        let time: u64 = ask(&server, "/time").await.parse().unwrap();
        assert!((before..=now()).contains(&time), "{time}");
        assert_eq!(ask(&server, "/wait").await, "true true");
    }

    async fn random_numbers_differ(backend) {
        let server = server(backend, &[]).await;
        assert_eq!(ask(&server, "/random").await, "false (1000, 1000)");
    }

    async fn what_is_said_appears_line_by_line(backend) {
        let server = server(backend, &[]).await;
        assert_eq!(ask(&server, "/say").await, "Ok(()) Ok(())");
        let out = server.logged("one line to stdout").await;
        let other = server.logged("and another").await;
        let err = server.logged("one line to stderr").await;
        // Each with its stream and the request's number.
        let prefix = out.strip_suffix("one line to stdout").unwrap();
        assert!(prefix.starts_with("stdout ["), "{out}");
        assert_eq!(other, format!("{prefix}and another"));
        assert_eq!(err, format!("{}one line to stderr", prefix.replace("stdout", "stderr")));
    }
}
