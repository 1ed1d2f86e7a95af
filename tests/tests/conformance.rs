//! The rules of WASI's interfaces, one guest for each group of them: it prints a line for each rule, what came of it.
//!
//! What it must print is in `conformance/NAME.txt`, the same wherever it runs: on wasmtime's own WASI 0.3, on this host's split
//! one, and on the adapter, which is WASI 0.3 as a component on 0.2 alone. With `CONFORMANCE=write` in the environment what the
//! first prints is written there.

use ::http::{Response, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::command::{Ran, execute, start};
use isyswasfa_tests::{Backend, Upstream, body, guest, within};
use polyfill_host::abi::{InterfaceName, Shape};
use polyfill_host::adapter;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

/// Where the rules are from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum On {
    Native,
    Host,
    Adapter,
}

/// The guest `name`, for where it is to run; `folder` keeps it.
fn component(name: &str, on: On, folder: &Path) -> PathBuf {
    match on {
        On::Native => guest(name, Backend::Native),
        On::Host => guest(name, Backend::Isyswasfa),
        On::Adapter => {
            let wasm = fs::read(guest(name, Backend::Isyswasfa)).unwrap();
            let plugged = adapter::plug_where(&wasm, |name| name.package.starts_with("wasi:"));
            let file = folder.join(name).with_extension("wasm");
            let plugged = plugged.unwrap();
            let shape = Shape::read(&file, &plugged).unwrap();
            for import in &shape.imports {
                let import = InterfaceName::parse(import).unwrap();
                let version = import.version.unwrap();
                let is_0_2 = (version.major, version.minor) == (0, 2);
                assert!(
                    is_0_2 || import.package.starts_with("isyswasfa:"),
                    "{:?}",
                    shape.imports
                );
            }
            fs::write(&file, &plugged).unwrap();
            file
        }
    }
}

/// Compares line by line, so that the first one that differs is shown.
fn expect(name: &str, on: On, output: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/conformance/{name}.txt"));
    if std::env::var_os("CONFORMANCE").is_some_and(|value| value == "write") {
        if on == On::Native {
            fs::write(&file, output).expect("the file can be written");
        }
        return;
    }
    let expected = fs::read_to_string(&file).expect("the file can be read");
    let differ: Vec<_> = expected
        .lines()
        .zip(output.lines())
        .filter(|(expected, line)| expected != line)
        .map(|(expected, line)| format!("expected {expected}\n   found {line}"))
        .collect();
    assert!(
        differ.is_empty(),
        "`{name}` on {on:?}:\n{}",
        differ.join("\n")
    );
    assert_eq!(output.lines().count(), expected.lines().count(), "{output}");
}

fn well(ran: &Ran) -> &str {
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    &ran.stdout
}

/// Makes of each async function of where it runs a test for each place.
macro_rules! everywhere {
    ($(async fn $name:ident($on:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($on: On) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn native() {
                run(On::Native).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn isyswasfa() {
                run(On::Host).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_the_adapter() {
                run(On::Adapter).await
            }
        }
    )*};
}

everywhere! {
    async fn files(on) {
        let folder = tempfile::tempdir().unwrap();
        let (rw, ro) = (folder.path().join("rw"), folder.path().join("ro"));
        fs::create_dir(&rw).unwrap();
        fs::create_dir(&ro).unwrap();
        fs::write(ro.join("kept"), "content").unwrap();
        fs::write(folder.path().join("outside"), "not to be seen").unwrap();
        let own = tempfile::tempdir().unwrap();
        let rw = format!("{}::rw", rw.display());
        let ro_only = format!("{}::ro::ro", ro.display());
        let ran = execute(&component("files", on, own.path()), &["--dir", &rw, "--dir", &ro_only], &[], b"").await;
        expect("files", on, well(&ran));
        assert_eq!(fs::read_to_string(ro.join("kept")).unwrap(), "content");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    async fn sockets(on) {
        let own = tempfile::tempdir().unwrap();
        let options = ["-S", "inherit-network,allow-ip-name-lookup"];
        let ran = execute(&component("sockets", on, own.path()), &options, &[], b"").await;
        expect("sockets", on, well(&ran));
    }

    async fn sockets_denied(on) {
        let own = tempfile::tempdir().unwrap();
        let ran = execute(&component("sockets", on, own.path()), &[], &["denied"], b"").await;
        expect("sockets-denied", on, well(&ran));
    }

    async fn http(on) {
        let own = tempfile::tempdir().unwrap();
        let upstream = Upstream::start(async |request| {
            let path = request.uri().to_string();
            if path == "/early" {
                return Response::new(body::full("before the request is over"));
            }
            let content = request.into_body().collect().await.unwrap();
            let trailers = content.trailers().cloned().unwrap_or_default();
            let mut response = Response::new(body::with_trailers(content.to_bytes(), trailers));
            *response.status_mut() = StatusCode::ACCEPTED;
            response.headers_mut().insert("x-path", path.parse().unwrap());
            response.headers_mut().insert("trailer", "x-sum".parse().unwrap());
            response
        });
        let upstream = upstream.await;
        let address = upstream.address.to_string();
        let ran = execute(&component("fetch", on, own.path()), &[], &[&address], b"").await;
        expect("http", on, well(&ran));
    }

    async fn standard(on) {
        let own = tempfile::tempdir().unwrap();
        let options = ["--argv0", "standard", "--env", "A=1", "--env", "B=two words"];
        let mut child = start(&component("standard", on, own.path()), &options, &["report", "--dashed", "two words"]);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"first").await.unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        within("the request", stdout.read_line(&mut line)).await.unwrap();
        assert_eq!(line, "more\n");
        stdin.write_all(b"second").await.unwrap();
        drop(stdin);
        let mut output = String::new();
        within("the report", stdout.read_to_string(&mut output)).await.unwrap();
        let ended = within("the end", child.wait_with_output()).await.unwrap();
        assert_eq!(ended.status.code(), Some(0), "{output}");
        assert_eq!(ended.stderr, b"to stderr\n");
        expect("standard", on, &output);
    }
}
