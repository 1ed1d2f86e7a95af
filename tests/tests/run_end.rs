//! When `run` has returned, what it has spawned ends with it, as with wasmtime; with `--until-idle` it goes on to its own end.

use isyswasfa_tests::command::{Ran, execute, start};
use isyswasfa_tests::{Backend, guest, on_every_backend, on_every_build, within};
use polyfill_host::Artifact;
use polyfill_host::lower::{Options, lower};
use std::fs;
use tokio::io::{AsyncBufReadExt, BufReader};

async fn standard(backend: Backend, options: &[&str], arguments: &[&str]) -> Ran {
    execute(&guest("standard", backend), options, arguments, b"").await
}

fn ran(stdout: &str) -> Ran {
    Ran {
        status: 0,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    }
}

on_every_backend! {
    async fn what_was_spawned_ends_with_run(backend) {
        assert_eq!(standard(backend, &[], &["late"]).await, ran(""));
        assert_eq!(standard(backend, &[], &["background"]).await, ran("returned\n"));
    }

    async fn what_was_written_arrives(backend) {
        assert_eq!(standard(backend, &[], &["burst"]).await, ran(&"x".repeat(300_000)));
    }

    async fn what_was_spawned_ends_with_an_invoked_function(backend) {
        let options = ["--invoke", "run.run()"];
        // Without arguments it is an error.
        assert_eq!(standard(backend, &options, &[]).await.stdout, "err\n");
    }
}

on_every_build! {
    async fn until_idle_waits_for_what_was_spawned(backend) {
        assert_eq!(standard(backend, &["--until-idle"], &["late"]).await, ran("late\n"));
        let options = ["--until-idle", "-W", "timeout=300ms"];
        let ran = standard(backend, &options, &["background"]).await;
        assert_eq!((ran.status, ran.stdout.as_str()), (134, "returned\n"));
        assert!(ran.stderr.contains("timeout"), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_component_can_be_lowered_to_wait_for_what_was_spawned() {
    let split = guest("standard", Backend::Isyswasfa);
    let mut options = Options::default();
    options.until_idle = true;
    let lowered = lower(&Artifact::open(&split).unwrap(), &options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lowered.wasm");
    fs::write(&file, lowered.wasm).unwrap();
    assert_eq!(execute(&file, &[], &["late"], b"").await, ran("late\n"));
    // What can never go on is not waited for.
    assert_eq!(execute(&file, &[], &["leave"], b"").await, ran(""));
}

on_every_backend! {
    async fn who_only_yields_is_named(backend) {
        if backend == Backend::Native {
            // wasmtime says nothing.
            return;
        }
        let mut child = start(&guest("standard", backend), &[], &["yield"]);
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        within("the warning", stderr.read_line(&mut line)).await.unwrap();
        assert!(line.contains("has yielded 1048576 times in `wasi:cli/run@0.3.2#run`"), "{line}");
    }
}
