//! Streams and futures: how much of them moves, and what is told of it. Inside of one component, and between two.

use super::engines::both_return;
use super::guest::{Guest, LIST, composed};

const NEW: &str = "
    (local.set $i64 (call $stream-new))
    (local.set $reader (i32.wrap_i64 (local.get $i64)))
    (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $i64) (i64.const 32))))
    (local.set $set (call $set-new)) (i32.store (i32.const 500) (local.get $set))
    (i32.store (i32.const 512) (i32.const 11)) (i32.store (i32.const 516) (i32.const 22))
    (i32.store (i32.const 520) (i32.const 33)) (i32.store (i32.const 524) (i32.const 44))";

/// Takes the event of the end: its code and payload.
const TAKE: &str = r#"
    (func $take (param $end i32) (param $set i32)
      (call $join (local.get $end) (local.get $set))
      (call $log (call $set-wait (local.get $set) (i32.const 600)))
      (call $log (i32.eq (i32.load (i32.const 600)) (local.get $end)))
      (call $log (i32.load (i32.const 604)))
      (call $join (local.get $end) (i32.const 0)))
    (func $read (param $end i32) (param $count i32)
      (call $log (call $stream-read (local.get $end) (i32.const 560) (local.get $count))))
    (func $write (param $end i32) (param $count i32)
      (call $log (call $stream-write (local.get $end) (i32.const 512) (local.get $count))))"#;

async fn local(run: &str, logged: &str) {
    let guest = Guest::logging()
        .sets()
        .stream("u32")
        .code(TAKE)
        .code(&format!(
            r#"
    (func (export "run") (result i32)
      (local $set i32) (local $i64 i64) (local $reader i32) (local $writer i32)
      {NEW} {run}
      (call $return-log) (i32.const 0))
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#
        ));
    both_return(&guest.export("run", LIST).text(), "run()", logged).await;
}

/// That an end must wait.
const BLOCKED: &str = "4294967295";

#[tokio::test]
async fn a_reader_takes_a_part() {
    // 2 of 4, and then the writer is told; it goes on from there.
    local(
        "(call $write (local.get $writer) (i32.const 4))
         (call $read (local.get $reader) (i32.const 2))
         (call $log (i32.load (i32.const 564)))
         (call $take (local.get $writer) (local.get $set))
         (call $read (local.get $reader) (i32.const 2))
         (call $write (local.get $writer) (i32.const 1))
         (call $log (i32.load (i32.const 560)))
         (call $take (local.get $reader) (local.get $set))",
        &format!("[{BLOCKED}, 32, 22, 3, 1, 32, {BLOCKED}, 16, 11, 2, 1, 16]"),
    )
    .await;
}

#[tokio::test]
async fn a_reader_waits() {
    local(
        "(call $read (local.get $reader) (i32.const 4))
         (call $write (local.get $writer) (i32.const 3))
         (call $take (local.get $reader) (local.get $set))
         (call $log (i32.load (i32.const 568)))",
        &format!("[{BLOCKED}, 48, 2, 1, 48, 33]"),
    )
    .await;
}

#[tokio::test]
async fn a_write_is_cancelled() {
    local(
        "(call $write (local.get $writer) (i32.const 4))
         (call $log (call $cancel-write (local.get $writer)))
         (call $read (local.get $reader) (i32.const 3))
         (call $log (call $cancel-read (local.get $reader)))
         (call $drop-readable (local.get $reader))
         (call $write (local.get $writer) (i32.const 1))
         (call $drop-writable (local.get $writer))",
        &format!("[{BLOCKED}, 2, {BLOCKED}, 2, 1]"),
    )
    .await;
}

#[tokio::test]
async fn an_end_is_told_that_the_other_has_gone() {
    local(
        "(call $write (local.get $writer) (i32.const 4))
         (call $read (local.get $reader) (i32.const 1))
         (call $take (local.get $writer) (local.get $set))
         (call $write (local.get $writer) (i32.const 3))
         (call $drop-readable (local.get $reader))
         (call $take (local.get $writer) (local.get $set))
         (call $drop-writable (local.get $writer))",
        &format!("[{BLOCKED}, 16, 3, 1, 16, {BLOCKED}, 3, 1, 1]"),
    )
    .await;
    local(
        "(call $read (local.get $reader) (i32.const 4))
         (call $drop-writable (local.get $writer))
         (call $take (local.get $reader) (local.get $set))
         (call $drop-readable (local.get $reader))",
        &format!("[{BLOCKED}, 2, 1, 1]"),
    )
    .await;
    local(
        "(call $drop-writable (local.get $writer))
         (call $read (local.get $reader) (i32.const 4))
         (call $drop-readable (local.get $reader))",
        "[1]",
    )
    .await;
}

#[tokio::test]
async fn nothing_is_read_and_written() {
    // A reader of nothing is told that there is something, and the writer goes on waiting.
    local(
        "(call $read (local.get $reader) (i32.const 0))
         (call $write (local.get $writer) (i32.const 2))
         (call $take (local.get $reader) (local.get $set))
         (call $read (local.get $reader) (i32.const 4))
         (call $take (local.get $writer) (local.get $set))",
        &format!("[{BLOCKED}, {BLOCKED}, 2, 1, 0, 32, 3, 1, 32]"),
    )
    .await;
    local(
        "(call $write (local.get $writer) (i32.const 0))
         (call $read (local.get $reader) (i32.const 2))
         (call $take (local.get $writer) (local.get $set))",
        &format!("[{BLOCKED}, {BLOCKED}, 3, 1, 0]"),
    )
    .await;
}

async fn local_future(run: &str, logged: &str) {
    let guest = Guest::logging().sets().future("u32").code(&format!(
        r#"
    (func $take (param $end i32) (param $set i32)
      (call $join (local.get $end) (local.get $set))
      (call $log (call $set-wait (local.get $set) (i32.const 600)))
      (call $log (i32.load (i32.const 604)))
      (call $join (local.get $end) (i32.const 0)))
    (func (export "run") (result i32)
      (local $set i32) (local $i64 i64) (local $reader i32) (local $writer i32)
      {}
      {run}
      (call $return-log) (i32.const 0))
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        NEW.replace("stream-new", "future-new")
    ));
    both_return(&guest.export("run", LIST).text(), "run()", logged).await;
}

#[tokio::test]
async fn a_future_has_one_value() {
    local_future(
        "(call $log (call $future-write (local.get $writer) (i32.const 512)))
         (call $log (call $future-read (local.get $reader) (i32.const 560)))
         (call $log (i32.load (i32.const 560)))
         (call $take (local.get $writer) (local.get $set))
         (call $future-drop-readable (local.get $reader))
         (call $future-drop-writable (local.get $writer))",
        &format!("[{BLOCKED}, 0, 11, 5, 0]"),
    )
    .await;
    local_future(
        "(call $log (call $future-read (local.get $reader) (i32.const 560)))
         (call $log (call $future-cancel-read (local.get $reader)))
         (call $log (call $future-read (local.get $reader) (i32.const 560)))
         (call $log (call $future-write (local.get $writer) (i32.const 512)))
         (call $take (local.get $reader) (local.get $set))
         (call $future-drop-writable (local.get $writer))
         (call $future-drop-readable (local.get $reader))",
        &format!("[{BLOCKED}, 2, {BLOCKED}, 0, 4, 0]"),
    )
    .await;
    local_future(
        "(call $future-drop-readable (local.get $reader))
         (call $log (call $future-write (local.get $writer) (i32.const 512)))
         (call $future-drop-writable (local.get $writer))",
        "[1]",
    )
    .await;
    local_future(
        "(call $log (call $future-write (local.get $writer) (i32.const 512)))
         (call $log (call $future-cancel-write (local.get $writer)))
         (call $log (call $future-write (local.get $writer) (i32.const 512)))
         (call $future-drop-readable (local.get $reader))
         (call $take (local.get $writer) (local.get $set))
         (call $future-drop-writable (local.get $writer))",
        &format!("[{BLOCKED}, 2, {BLOCKED}, 5, 1]"),
    )
    .await;
}

const API: &str = "async (result $stream)";

/// A component whose `f` returns a stream, and writes four numbers to it when it has returned; then it goes on like that.
fn source(then: &str) -> Guest {
    Guest::default()
        .sets()
        .stream("u32")
        .built_in("return", "task.return (result $stream)", "(param i32)")
        .built_in("get", "context.get i32 0", "(result i32)")
        .built_in("context", "context.set i32 0", "(param i32)")
        .code(&format!(
            r#"
    (func (export "f") (result i32)
      (local $set i32) (local $i64 i64) (local $reader i32) (local $writer i32)
      {NEW}
      (call $context (local.get $writer))
      (call $return (local.get $reader))
      (call $join (local.get $writer) (local.get $set))
      (if (i32.ne (call $stream-write (local.get $writer) (i32.const 512) (i32.const 4)) (i32.const -1)) (then unreachable))
      (call $wait-for (local.get $set)))
    (func (export "f-callback") (param $event i32) (param $writer i32) (param $payload i32) (result i32)
      (if (i32.ne (local.get $writer) (call $get)) (then unreachable))
      (if (i32.ne (local.get $event) (i32.const 3)) (then unreachable))
      {then})"#
        ))
        .interface("test:faithful/api", &[("f", API)])
}

/// A component that gets the stream, and does this with it.
fn sink(run: &str) -> Guest {
    Guest::logging()
        .sets()
        .stream("u32")
        .types(&format!(
            "(import \"test:faithful/api\" (instance $api (export \"f\" (func {}))))\n",
            "async (result (stream u32))"
        ))
        .built_in(
            "f",
            "lower (func $api \"f\") async (memory $memory)",
            "(param i32) (result i32)",
        )
        .code(&format!(
            r#"
    (func $read (param $count i32) (param $set i32)
      (local $got i32)
      (local.set $got (call $stream-read (i32.load (i32.const 508)) (i32.const 560) (local.get $count)))
      (if (i32.eq (local.get $got) (i32.const -1)) (then
        (call $join (i32.load (i32.const 508)) (local.get $set))
        (drop (call $set-wait (local.get $set) (i32.const 600)))
        (call $join (i32.load (i32.const 508)) (i32.const 0))
        (local.set $got (i32.load (i32.const 604)))))
      (call $log (local.get $got))
      (call $log (i32.load (i32.const 560))))
    (func (export "run") (result i32)
      (local $set i32)
      (local.set $set (call $set-new))
      (call $log (call $f (i32.const 508)))
      {run}
      (call $return-log) (i32.const 0))
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#
        ))
        .export("run", LIST)
}

const GONE: &str = "(call $drop-writable (local.get $writer)) (i32.const 0)";

#[tokio::test]
async fn a_stream_goes_from_one_component_to_another() {
    let all = sink(
        "(call $read (i32.const 10) (local.get $set)) (call $log (i32.load (i32.const 572)))
         (call $read (i32.const 10) (local.get $set))
         (call $drop-readable (i32.load (i32.const 508)))",
    );
    both_return(
        &composed(&source(GONE), &all),
        "run()",
        "[2, 64, 11, 44, 1, 11]",
    )
    .await;
}

#[tokio::test]
async fn another_component_takes_a_part() {
    let parts = sink(
        "(call $read (i32.const 3) (local.get $set))
         (call $read (i32.const 1) (local.get $set))
         (call $drop-readable (i32.load (i32.const 508)))",
    );
    // What was not taken is offered once more.
    let again = "
        (if (i32.eq (local.get $payload) (i32.const 48)) (then
          (drop (call $stream-write (local.get $writer) (i32.const 524) (i32.const 1)))
          (return (call $wait-for (i32.load (i32.const 500))))))
        (call $drop-writable (local.get $writer)) (i32.const 0)";
    both_return(
        &composed(&source(again), &parts),
        "run()",
        "[2, 48, 11, 16, 44]",
    )
    .await;
}

#[tokio::test]
async fn a_writer_learns_that_nobody_reads_in_another_component() {
    let dropping = sink("(call $drop-readable (i32.load (i32.const 508)))");
    let told = "
        (if (i32.ne (local.get $payload) (i32.const 1)) (then unreachable))
        (call $drop-writable (local.get $writer)) (i32.const 0)";
    both_return(&composed(&source(told), &dropping), "run()", "[2]").await;
}

#[tokio::test]
async fn a_read_from_another_component_is_cancelled() {
    let cancelling = sink(
        "(call $read (i32.const 4) (local.get $set))
         (call $log (call $stream-read (i32.load (i32.const 508)) (i32.const 560) (i32.const 1)))
         (call $log (call $cancel-read (i32.load (i32.const 508))))
         (call $drop-readable (i32.load (i32.const 508)))",
    );
    // The writer keeps its end.
    let keeps = "(i32.const 0)";
    both_return(
        &composed(&source(keeps), &cancelling),
        "run()",
        &format!("[2, 64, 11, {BLOCKED}, 2]"),
    )
    .await;
}
