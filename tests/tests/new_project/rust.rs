//! Rust projects: plain Cargo builds each for both backends, and it does what its README says.

use super::{made, repository};
use http::Request;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, Server, body, cargo_build, compose_files, exchange};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Projects of these worlds, in one folder.
fn projects(worlds: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for world in worlds {
        let name = format!("new-{world}");
        made(
            folder.path(),
            &[&name, "--world", world, "--dev", &repository()],
        );
    }
    folder
}

/// Builds one of them.
fn build(folder: &Path, world: &str, backend: Backend) -> PathBuf {
    let project = folder.join(format!("new-{world}"));
    let artifact = format!("new_{world}.wasm");
    cargo_build(&project, backend, "wasm32-wasip2", &artifact)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_and_middleware() {
    let folder = projects(&["service", "middleware"]);
    for backend in Backend::BUILT {
        let service = build(folder.path(), "service", backend);
        let middleware = build(folder.path(), "middleware", backend);
        let app = folder.path().join("app.wasm");
        let composition = compose_files(&middleware, &[("", &service)]).unwrap();
        fs::write(&app, composition).unwrap();
        for component in [service, app] {
            let server = Server::start(&component, &[]).await;
            let request = Request::get("/there").body(body::empty()).unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!(
                (answer.status.as_u16(), answer.text()),
                (200, "Hello from /there!\n")
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command() {
    let folder = projects(&["command"]);
    for backend in Backend::BUILT {
        let command = build(folder.path(), "command", backend);
        let ran = execute(&command, &[], &["Ada", "Bo"], b"").await;
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (0, "Hello, Ada!\nHello, Bo!\n")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_of_ones_own() {
    let folder = projects(&["custom"]);
    for backend in Backend::BUILT {
        let custom = build(folder.path(), "custom", backend);
        let ran = execute(&custom, &["--invoke", "greet(\"Ada\")"], &[], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (0, "\"Hello, Ada!\"\n"));
    }
}
