//! `polyfill-host serve` as a process: how it tells where it listens, reloads, and ends.

use http::Request;
use isyswasfa_tests::{
    Answer, Backend, Connection, Server, body, exchange, guest, on_every_backend, program, within,
};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

async fn get(server: &Server, path: &str) -> Answer {
    let request = Request::get(path).body(body::empty()).unwrap();
    exchange(server.address, request).await.unwrap()
}

/// Waits until `path` is answered with `text`.
async fn becomes(server: &Server, path: &str, text: &str) {
    within("the new component", async {
        while get(server, path).await.text() != text {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Puts `from` in the place of `to` in one step, as most build tools do.
fn replace(from: &Path, to: &Path) {
    let beside = to.with_extension("new");
    std::fs::copy(from, &beside).unwrap();
    std::fs::rename(&beside, to).unwrap();
}

#[tokio::test]
async fn json_names_every_address() {
    let mut child = Command::new(program("polyfill-host"))
        .args(["serve", "--format", "json"])
        .args(["--addr", "127.0.0.1:0", "--addr", "127.0.0.1:0"])
        .arg(guest("service", Backend::Isyswasfa))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within("a line", lines.next_line()).await.unwrap().unwrap();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(json["abi"], "isyswasfa");
    assert_eq!(json["pid"], child.id().unwrap());
    assert!(
        json["component"]
            .as_str()
            .unwrap()
            .ends_with("service.wasm")
    );
    let addresses = json["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 2);
    for (address, url) in addresses.iter().zip(json["urls"].as_array().unwrap()) {
        let address = address.as_str().unwrap();
        assert_eq!(url.as_str().unwrap(), format!("http://{address}/"));
        let request = Request::post("/").body(body::full("hi")).unwrap();
        let answer = exchange(address.parse().unwrap(), request).await.unwrap();
        assert_eq!(answer.text(), "hi");
    }
}

#[tokio::test]
async fn text_goes_to_stderr() {
    let mut child = Command::new(program("polyfill-host"))
        .args(["serve", "--addr", "127.0.0.1:0"])
        .arg(guest("service", Backend::Native))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = within("a line", lines.next_line()).await.unwrap().unwrap();
    let url = line
        .strip_prefix("Serving HTTP on http://127.0.0.1:")
        .unwrap_or_else(|| panic!("{line}"));
    let port = url.split('/').next().unwrap();
    assert_ne!(port, "0");
    let request = Request::get("/").body(body::empty()).unwrap();
    let answer = exchange(format!("127.0.0.1:{port}").parse().unwrap(), request)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_idle_connection_does_not_delay_the_end() {
    let server = Server::start(&guest("service", Backend::Isyswasfa), &[]).await;
    let mut connection = Connection::open(server.address).await;
    let request = Request::get("/").body(body::empty()).unwrap();
    Answer::read(connection.send(request).await.unwrap())
        .await
        .unwrap();
    let (status, log) = within("the end", server.stop()).await;
    assert!(status.success(), "{log}");
}

on_every_backend! {
    async fn a_second_signal_ends_it_at_once(backend) {
        let server = Server::start(&guest("faults", backend), &[]).await;
        let mut connection = Connection::open(server.address).await;
        let never = tokio::spawn(async move {
            connection.send(Request::get("/never").body(body::empty()).unwrap()).await.map(drop)
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.signal("INT");
        server.logged("shutting down").await;
        assert!(!never.is_finished(), "the request is still waited for");
        let (status, log) = server.stop().await;
        assert_eq!(status.code(), Some(128 + 15), "{log}");
        assert!(within("the client", never).await.unwrap().is_err());
    }

    async fn a_changed_file_is_served(backend) {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("app.wasm");
        std::fs::copy(guest("faults", backend), &app).unwrap();
        let server = Server::start(&app, &["--watch"]).await;
        assert_eq!(get(&server, "/fine").await.text(), "fine");
        let mut connection = Connection::open(server.address).await;
        let slow = tokio::spawn(async move {
            let request = Request::get("/slow").body(body::empty()).unwrap();
            Answer::read(connection.send(request).await.unwrap()).await.unwrap()
        });
        tokio::time::sleep(Duration::from_millis(50)).await;

        // The echo answers nothing with nothing.
        replace(&guest("service", backend), &app);
        becomes(&server, "/fine", "").await;
        // What was under way was finished by the old one.
        assert_eq!(within("the slow request", slow).await.unwrap().text(), "slow");

        std::fs::write(&app, "no component").unwrap();
        server.logged("is not WebAssembly").await;
        assert_eq!(get(&server, "/fine").await.text(), "");

        std::fs::remove_file(&app).unwrap();
        server.logged("is gone").await;
        assert_eq!(get(&server, "/fine").await.text(), "");

        replace(&guest("faults", backend), &app);
        becomes(&server, "/fine", "fine").await;
        // The new one may speak another ABI.
        let other = match backend {
            Backend::Native => Backend::Isyswasfa,
            _ => Backend::Native,
        };
        replace(&guest("service", other), &app);
        becomes(&server, "/fine", "").await;
    }
}
