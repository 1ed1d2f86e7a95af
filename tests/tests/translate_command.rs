//! `polyfill-host translate`, and the commands that translate on the way: `serve` and `run` with `--abi split`, `compose`, `inspect`.

use http::Request;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, Server, body, exchange, guest, program};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn polyfill_host(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the program runs")
}

fn translate(folder: &Path, file: &str) -> Output {
    polyfill_host(folder, &["translate", file, "-o", "out.wasm"])
}

/// What it says on stderr, after checking that it ends with status 2, says one sentence with advice, and has written nothing.
fn refused(folder: &Path, file: &str) -> String {
    let output = translate(folder, file);
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let (what, help) = stderr.split_once("\nhelp: ").expect("advice");
    assert!(
        what.starts_with("error: ") && !what.contains('\n'),
        "{stderr}"
    );
    assert_eq!(help.trim_end().lines().count(), 1, "{stderr}");
    assert!(
        !folder.join("out.wasm").exists(),
        "it has written something"
    );
    stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_service_is_served_translated() {
    let native = guest("service", Backend::Native);
    for (arguments, abi) in [
        (&[][..], "native"),
        (&["--abi", "native"], "native"),
        (&["--abi", "split"], "isyswasfa"),
    ] {
        let server = Server::start(&native, arguments).await;
        assert_eq!(server.abi, abi, "{arguments:?}");
        let request = Request::post("/").body(body::full("hello")).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "hello", "{arguments:?}");
    }
    // Those of other ABIs are as they are.
    for (name, backend, abi) in [
        ("service", Backend::Isyswasfa, "isyswasfa"),
        ("service", Backend::Lowered, "0.2"),
    ] {
        let server = Server::start(&guest(name, backend), &["--abi", "split"]).await;
        assert_eq!(server.abi, abi);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_command_is_run_translated() {
    // Only the split ABI has calls that can be traced.
    let traced = ["--trace-calls", "--abi", "split"];
    let native = guest("command", Backend::Native);
    let split = guest("command", Backend::Isyswasfa);
    for (component, options, calls) in [
        (&native, &traced[..1], false),
        (&native, &traced, true),
        (&split, &traced, true),
    ] {
        let ran = execute(component, options, &[], b"").await;
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (0, "hello, command line\n"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.contains("TRACE start"), calls, "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_function_is_invoked_translated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.wat");
    fs::write(&file, ONE).unwrap();
    for options in [
        &["--invoke", "one(41)"][..],
        &["--abi", "split", "--invoke", "one(41)"],
    ] {
        let ran = execute(&file, options, &[], b"").await;
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (0, "42\n"),
            "{}",
            ran.stderr
        );
    }
}

/// An async function that returns its argument plus 1.
const ONE: &str = r#"(component
  (core func $return (canon task.return (result u32)))
  (core module $main
    (import "" "return" (func $return (param i32)))
    (func (export "one") (param i32) (result i32)
      (call $return (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $main (instantiate $main (with "" (instance (export "return" (func $return))))))
  (func $one async (param "n" u32) (result u32)
    (canon lift (core func $main "one") async (callback (core func $main "callback"))))
  (export "one" (func $one)))"#;

/// The same, but what it uses is not translated.
fn with_thread_index() -> String {
    ONE.replace(
        "(core module $main",
        "(core func $index (canon thread.index)) (core module $main (import \"\" \"index\" (func (result i32)))",
    )
    .replace(
        "(export \"return\" (func $return))",
        "(export \"return\" (func $return)) (export \"index\" (func $index))",
    )
}

#[test]
fn what_cannot_be_translated_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("module.wat", b"(module)");
    fs::copy(
        guest("plain-command", Backend::Isyswasfa),
        folder.path().join("plain.wasm"),
    )
    .unwrap();
    fs::copy(
        guest("service", Backend::Isyswasfa),
        folder.path().join("split.wasm"),
    )
    .unwrap();
    let native = fs::read(guest("service", Backend::Native)).unwrap();
    write("cut.wasm", &native[..native.len() / 2]);
    write("index.wat", with_thread_index().as_bytes());
    for (file, why) in [
        (
            "module.wat",
            "`module.wat` is a core WebAssembly module; a component was expected",
        ),
        (
            "plain.wasm",
            "`plain.wasm` cannot be translated: it has nothing async",
        ),
        (
            "split.wasm",
            "`split.wasm` cannot be translated: it is a component of the split ABI already",
        ),
        ("cut.wasm", "`cut.wasm` is not a valid component"),
        (
            "index.wat",
            "`index.wat` cannot be translated: the component uses the built-in `thread.index`",
        ),
        ("nothing.wasm", "there is no file `nothing.wasm`"),
    ] {
        let said = refused(folder.path(), file);
        assert!(said.contains(why), "{said}");
    }
    // `serve` and `run` say the same.
    for command in [&["run", "--invoke", "one(1)"][..], &["serve"]] {
        let arguments = [command, &["--abi", "split", "index.wat"]].concat();
        let output = polyfill_host(folder.path(), &arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(
                "`index.wat` cannot be translated: the component uses the built-in `thread.index`"
            ),
            "{said}"
        );
    }
}

#[test]
fn inspect_tells_whether_a_component_can_be_translated() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.wat"), ONE).unwrap();
    fs::write(folder.path().join("index.wat"), with_thread_index()).unwrap();
    let report = |arguments: &[&str]| {
        let output = polyfill_host(folder.path(), &[&["inspect"], arguments].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let one = report(&["one.wat"]);
    assert!(one.contains("\n  ... after `lower`  yes\n"), "{one}");
    assert!(
        one.contains("\nCan be translated to the split ABI\n  yes\n"),
        "{one}"
    );
    let index = report(&["index.wat"]);
    assert!(
        index.contains(
            "\n  ... after `lower`  no: it is not translated: the component uses the built-in `thread.index`"
        ),
        "{index}"
    );
    assert!(
        index.contains(
            "\nCan be translated to the split ABI\n  no: the component uses the built-in `thread.index`"
        ),
        "{index}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&report(&["--format", "json", "index.wat"])).unwrap();
    assert_eq!(json["translation"]["possible"], false);
    assert!(
        json["translation"]["why"]
            .as_str()
            .unwrap()
            .contains("`thread.index`"),
        "{json}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&report(&["--format", "json", "one.wat"])).unwrap();
    assert_eq!(json["translation"], serde_json::json!({ "possible": true }));
}

/// Two components of which one uses only what is synchronous in the interface of the other.
const PARTLY: &str = r#"(component
  (component $provider
    (core func $return (canon task.return (result u32)))
    (core module $main
      (import "" "return" (func $return (param i32)))
      (func (export "later") (result i32) (call $return (i32.const 5)) (i32.const 0))
      (func (export "now") (param i32) (result i32) (i32.add (local.get 0) (i32.const 100)))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $main (instantiate $main (with "" (instance (export "return" (func $return))))))
    (func $later async (result u32)
      (canon lift (core func $main "later") async (callback (core func $main "callback"))))
    (func $now (param "n" u32) (result u32) (canon lift (core func $main "now")))
    (instance $api (export "later" (func $later)) (export "now" (func $now)))
    (export "test:partly/api@1.2.0" (instance $api)))
  (component $user
    (import "test:partly/api@1.2.0" (instance $api (export "now" (func (param "n" u32) (result u32)))))
    (core func $now (canon lower (func $api "now")))
    USES
    (core module $main
      (import "" "now" (func $now (param i32) (result i32)))
      (func (export "run") (result i32) (call $now (i32.const 7))))
    (core instance $main (instantiate $main (with "" (instance (export "now" (func $now))))))
    (func $run (result u32) (canon lift (core func $main "run")))
    (export "run" (func $run)))
  (instance $provider (instantiate $provider))
  (alias export $provider "test:partly/api@1.2.0" (instance $api))
  (instance $user (instantiate $user (with "test:partly/api@1.2.0" (instance $api))))
  (alias export $user "run" (func $run))
  (export "run" (func $run)))"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_is_split_for_those_who_use_a_part_of_it() {
    let folder = tempfile::tempdir().unwrap();
    // With something async of its own, or with nothing at all.
    for uses in ["(core func $set (canon waitable-set.new))", ""] {
        let file = folder.path().join("partly.wat");
        fs::write(&file, PARTLY.replace("USES", uses)).unwrap();
        for options in [
            &["--invoke", "run()"][..],
            &["--abi", "split", "--invoke", "run()"],
        ] {
            let ran = execute(&file, options, &[], b"").await;
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (0, "107\n"),
                "{uses} {options:?}: {}",
                ran.stderr
            );
        }
    }
}
