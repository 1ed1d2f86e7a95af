//! Components in text form, translated: strings in all encodings, and guests that break a rule of the canonical ABI, whose trap
//! names the built-in or the rule.

use isyswasfa_tests::command::{Ran, execute};
use isyswasfa_translate::translate;

/// A component whose function `run` is this core code, as a task.
fn component(code: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core module $guest
    (import "" "join" (func $join (param i32 i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-drop" (func $set-drop (param i32)))
    (import "" "subtask-drop" (func $subtask-drop (param i32)))
    (import "" "return" (func $return))
    (import "" "cancel" (func $cancel))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "cancel-read" (func $cancel-read (param i32) (result i32)))
    (func (export "run") (result i32)
      (local $reader i32) (local $writer i32) (local $both i64)
      (local.set $both (call $new))
      (local.set $reader (i32.wrap_i64 (local.get $both)))
      (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32))))
      {code}
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (type $texts (stream string))
  (core func $join (canon waitable.join))
  (core func $set-new (canon waitable-set.new))
  (core func $set-drop (canon waitable-set.drop))
  (core func $subtask-drop (canon subtask.drop))
  (core func $return (canon task.return))
  (core func $cancel (canon task.cancel))
  (core func $new (canon stream.new $texts))
  (core func $read (canon stream.read $texts async
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $write (canon stream.write $texts async (memory (core memory $memory "memory"))))
  (core func $drop-readable (canon stream.drop-readable $texts))
  (core func $cancel-read (canon stream.cancel-read $texts))
  (core instance $guest (instantiate $guest (with "" (instance
    (export "join" (func $join))
    (export "set-new" (func $set-new))
    (export "set-drop" (func $set-drop))
    (export "subtask-drop" (func $subtask-drop))
    (export "return" (func $return))
    (export "cancel" (func $cancel))
    (export "new" (func $new))
    (export "read" (func $read))
    (export "write" (func $write))
    (export "drop-readable" (func $drop-readable))
    (export "cancel-read" (func $cancel-read))))))
  (type $run (func async))
  (func (export "run") (type $run)
    (canon lift (core func $guest "run") async (callback (core func $guest "callback")))))"#
    );
    wat::parse_str(text).unwrap()
}

/// Runs it: how it ends, and what it answers and says.
async fn run(component: &[u8]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("translated.wasm");
    std::fs::write(&file, translate(component).unwrap()).unwrap();
    execute(&file, &["--invoke", "run()"], &[], b"").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_returns_is_fine() {
    let code = "(call $join (local.get $reader) (call $set-new)) (call $return)";
    let ran = run(&component(code)).await;
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_named() {
    let read = "(drop (call $read (local.get $reader) (i32.const 0) (i32.const 1)))";
    let twice = format!("{read} {read}");
    let meet =
        format!("{read} (drop (call $write (local.get $writer) (i32.const 64) (i32.const 1)))");
    let drop_busy = format!("{read} (call $drop-readable (local.get $reader))");
    for (code, rule) in [
        ("", "the task exited without task.return or task.cancel"),
        (
            "(call $return) (call $return)",
            "task.return or task.cancel of a task that has returned",
        ),
        (
            "(call $cancel)",
            "task.cancel of a task that was not cancelled",
        ),
        (
            "(call $join (i32.const 7) (call $set-new))",
            "waitable.join of what is no waitable",
        ),
        (
            "(call $join (local.get $reader) (i32.const 7))",
            "not a waitable set",
        ),
        ("(call $set-drop (i32.const 7))", "not a waitable set"),
        ("(call $subtask-drop (i32.const 7))", "not a subtask"),
        (
            "(call $drop-readable (i32.const 7))",
            "drop-readable of what is no readable end",
        ),
        (
            "(drop (call $cancel-read (local.get $reader)))",
            "of an end that is not busy",
        ),
        (&twice, "stream.read or future.read of an end that is busy"),
        (&drop_busy, "of an end that is busy"),
        (&meet, "a read and a write of one component meet"),
    ] {
        let ran = run(&component(code)).await;
        assert_eq!(ran.status, 134, "{code}: {ran:?}");
        assert!(ran.stderr.contains(rule), "{code}: {ran:?}");
    }
}

/// A component that answers a string: these bytes, in that encoding, with that length.
fn greeting(encoding: &str, data: &str, length: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 64) "{data}")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core module $guest
    (import "" "return" (func $return (param i32 i32)))
    (func (export "run") (result i32)
      (call $return (i32.const 64) (i32.const {length}))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core func $return (canon task.return (result string) string-encoding={encoding}
    (memory (core memory $memory "memory"))))
  (core instance $guest (instantiate $guest (with "" (instance (export "return" (func $return))))))
  (type $run (func async (result string)))
  (func (export "run") (type $run)
    (canon lift (core func $guest "run") async string-encoding={encoding}
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))
      (callback (core func $guest "callback")))))"#
    );
    wat::parse_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_come_whole_in_every_encoding() {
    const IN_TWO_BYTES: u32 = 1 << 31;
    let wide = r"h\00i\00!\00";
    for (encoding, data, length) in [
        ("utf8", "hi!", 3),
        ("utf16", wide, 3),
        ("latin1+utf16", "hi!", 3),
        ("latin1+utf16", wide, 3 | IN_TWO_BYTES),
    ] {
        let ran = run(&greeting(encoding, data, length)).await;
        assert_eq!(ran.stdout.trim(), "\"hi!\"", "{encoding}: {ran:?}");
    }
}
