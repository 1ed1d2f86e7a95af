//! Files in a component that is served: on the split backend the adapter is plugged in for them.

use http::Request;
use isyswasfa_tests::{Server, body, exchange, guest, on_every_backend};
use std::fs;

on_every_backend! {
    async fn a_file_is_a_response(backend) {
        let folder = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
        fs::write(folder.path().join("large"), &content).unwrap();
        fs::write(folder.path().join("empty"), "").unwrap();
        let dir = format!("{}::/::ro", folder.path().display());
        let server = Server::start(&guest("file-server", backend), &["--dir", &dir]).await;
        let get = async |path: &str| {
            let request = Request::get(path).body(body::empty()).unwrap();
            exchange(server.address, request).await.unwrap()
        };
        for _ in 0..3 {
            let answer = get("/large").await;
            assert_eq!(answer.status, 200);
            assert!(answer.body == content, "{} bytes", answer.body.len());
        }
        assert_eq!(get("/empty").await.body.len(), 0);
        assert_eq!(get("/absent").await.status, 404);
        assert_eq!(get("/../absent").await.status, 404);
    }
}
