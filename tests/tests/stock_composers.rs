//! Composers that know nothing of the split ABI compose its components: `wac plug`, `wac compose`, and what
//! `wasm-tools compose` runs.

use http::Request;
use isyswasfa_tests::{
    Backend, Server, body, composable, deflate, exchange, inflate, lower_if, on_every_backend,
    target,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_compose::composer::ComponentComposer;
use wasm_compose::config::Config;

/// The `wac` that `cargo xtask test` has found or built.
pub fn wac() -> PathBuf {
    let named = std::env::var_os("WAC").map(PathBuf::from);
    let path = named.unwrap_or_else(|| target().join("tools/bin/wac"));
    assert!(
        path.exists(),
        "there is no `{}`\nhelp: `cargo xtask test` builds it; or set `WAC` to the path of one",
        path.display()
    );
    path
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Asks `middleware` for a body that `service` sends back.
async fn passes_through_both(composed: &Path, path: &str) {
    let server = Server::start(composed, &[]).await;
    let request = Request::post(path)
        .header("content-encoding", "deflate")
        .header("accept-encoding", "deflate")
        .body(body::full(deflate(b"hello")))
        .unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(inflate(&answer.body).unwrap(), b"hello");
}

on_every_backend! {
    async fn wac_plug(backend) {
        let folder = tempfile::tempdir().unwrap();
        let composed = folder.path().join("composed.wasm");
        succeeds(Command::new(wac())
            .arg("plug")
            .arg(composable("middleware", backend))
            .arg("--plug")
            .arg(composable("service", backend))
            .arg("-o")
            .arg(&composed));
        lower_if(backend, &composed);
        passes_through_both(&composed, "/").await;
    }

    async fn wasm_tools_compose(backend) {
        if backend == Backend::Native {
            eprintln!("left out: `wasm-compose` 0.262 makes an invalid component of two native ones that both use `std`");
            return;
        }
        let config = Config {
            definitions: vec![composable("service", backend)],
            ..Config::default()
        };
        let composed = ComponentComposer::new(&composable("middleware", backend), &config).compose();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("composed.wasm");
        std::fs::write(&file, composed.unwrap()).unwrap();
        lower_if(backend, &file);
        passes_through_both(&file, "/").await;
    }

    async fn wac_compose(backend) {
        let suffix = match backend {
            Backend::Native => "",
            _ => "-isyswasfa",
        };
        let handler = format!("wasi:http/handler@0.3.2{suffix}");
        let source = format!(
            r#"package test:five;

let service = new test:service {{ ... }};
let middleware = new test:middleware {{ "{handler}": service["{handler}"], ... }};
let echo = new test:echo {{ ... }};
let hash-all = new test:hash-all {{ ... }};
let router = new test:router {{
  echo: echo["{handler}"],
  hash-all: hash-all["{handler}"],
  service: service["{handler}"],
  middleware: middleware["{handler}"],
  ...
}};
export router["{handler}"];
"#
        );
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("five.wac");
        std::fs::write(&document, source).unwrap();
        let deps = ["service", "middleware", "echo", "hash-all", "router"]
            .map(|name| format!("test:{name}={}", composable(name, backend).display()));
        // The language is the same for ours.
        let host = isyswasfa_tests::program("polyfill-host");
        for composer in [wac(), host] {
            let composed = folder.path().join("composed.wasm");
            let mut command = Command::new(composer);
            command.arg("compose").arg(&document).arg("-o").arg(&composed);
            for dep in &deps {
                command.args(["--dep", dep]);
            }
            succeeds(&mut command);
            lower_if(backend, &composed);
            passes_through_both(&composed, "/middleware").await;
        }
    }
}
