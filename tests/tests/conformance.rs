//! The rules of WASI's interfaces, one guest for each group of them: it prints a line for each rule, what came of it.
//!
//! What it must print is in `conformance/NAME.txt`, the same for every backend: on one of them the rules are wasmtime's own,
//! on the other they are ours. With `CONFORMANCE=write` in the environment the native backend's output is written there.

use isyswasfa_tests::command::{Ran, execute, start};
use isyswasfa_tests::{Backend, guest, on_every_backend, within};
use std::fs;
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

/// Compares line by line, so that the first one that differs is shown.
fn expect(name: &str, backend: Backend, output: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/conformance/{name}.txt"));
    if std::env::var_os("CONFORMANCE").is_some_and(|value| value == "write") {
        if backend == Backend::Native {
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
        "`{name}` on {backend:?}:\n{}",
        differ.join("\n")
    );
    assert_eq!(output.lines().count(), expected.lines().count(), "{output}");
}

fn well(ran: &Ran) -> &str {
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    &ran.stdout
}

on_every_backend! {
    async fn files(backend) {
        let folder = tempfile::tempdir().unwrap();
        let (rw, ro) = (folder.path().join("rw"), folder.path().join("ro"));
        fs::create_dir(&rw).unwrap();
        fs::create_dir(&ro).unwrap();
        fs::write(ro.join("kept"), "content").unwrap();
        fs::write(folder.path().join("outside"), "not to be seen").unwrap();
        let rw = format!("{}::rw", rw.display());
        let ro_only = format!("{}::ro::ro", ro.display());
        let ran = execute(&guest("files", backend), &["--dir", &rw, "--dir", &ro_only], &[], b"").await;
        expect("files", backend, well(&ran));
        assert_eq!(fs::read_to_string(ro.join("kept")).unwrap(), "content");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    async fn sockets(backend) {
        let options = ["-S", "inherit-network,allow-ip-name-lookup"];
        let ran = execute(&guest("sockets", backend), &options, &[], b"").await;
        expect("sockets", backend, well(&ran));
    }

    async fn sockets_denied(backend) {
        let ran = execute(&guest("sockets", backend), &[], &["denied"], b"").await;
        expect("sockets-denied", backend, well(&ran));
    }

    async fn standard(backend) {
        let options = ["--argv0", "standard", "--env", "A=1", "--env", "B=two words"];
        let mut child = start(&guest("standard", backend), &options, &["report", "--dashed", "two words"]);
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
        expect("standard", backend, &output);
    }
}
