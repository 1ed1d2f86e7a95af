//! Guests that break a rule of the canonical ABI: they trap natively, translated, and translated and lowered. The traps of translated ones
//! name the built-in and the rule.

use super::engines::{all_trap, both_trap, translated_traps};
use super::guest::{Guest, LIST, composed};

/// A function that does this first, and this in its callback.
async fn traps(guest: Guest, run: &str, callback: &str, rule: &str) {
    all_trap(&running(guest, run, callback), "run()", rule).await;
}

fn running(guest: Guest, run: &str, callback: &str) -> String {
    let guest = guest
        .code(&format!(
            r#"
    (func (export "run") (result i32)
      (local $set i32) (local $i64 i64) (local $one i32) (local $two i32)
      {run})
    (func (export "run-callback") (param i32 i32 i32) (result i32)
      {callback})"#
        ))
        .export("run", LIST);
    guest.text()
}

/// The same with streams and futures that stay in the component, and with those whose pipes the host has. A function that passes these
/// is not lowered.
async fn traps_with_ends(run: &str, rule: &str) {
    let run = format!("{run} unreachable");
    traps(local(), &run, "unreachable", rule).await;
    both_trap(&running(passed(), &run, "unreachable"), "run()", rule).await;
}

fn guest() -> Guest {
    Guest::logging().sets().subtasks()
}

#[tokio::test]
async fn a_task_returns_once() {
    let rule = "task.return or task.cancel of a task that has returned";
    traps(
        guest(),
        "(call $return-log) (call $return-log) (i32.const 0)",
        "unreachable",
        rule,
    )
    .await;
}

#[tokio::test]
async fn a_task_returns_before_it_exits() {
    let rule = "exited without task.return or task.cancel";
    traps(guest(), "(i32.const 0)", "unreachable", rule).await;
    traps(guest(), "(i32.const 1)", "(i32.const 0)", rule).await;
}

#[tokio::test]
async fn a_callback_answers_what_is_known() {
    let rule = "neither exit, yield nor wait";
    traps(guest(), "(i32.const 7)", "unreachable", rule).await;
    traps(guest(), "(i32.const 1)", "(i32.const 15)", rule).await;
}

#[tokio::test]
async fn only_a_cancelled_task_cancels() {
    let guest = guest().built_in("cancel", "task.cancel", "");
    traps(
        guest,
        "(call $cancel) (i32.const 0)",
        "unreachable",
        "task.cancel of a task that was not cancelled",
    )
    .await;
}

#[tokio::test]
async fn a_task_is_returned_by_async_functions_only() {
    let guest = guest()
        .code(
            r#"
    (func (export "plain") (result i32) (call $return-log) (i32.const 0))
    (func (export "run") (result i32) unreachable)
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .export("run", LIST)
        .export_sync("plain", "(result u32)");
    both_trap(
        &guest.text(),
        "plain()",
        "a built-in for tasks was called outside of one",
    )
    .await;
}

#[tokio::test]
async fn sets_are_sets() {
    let rule = "not a waitable set";
    let no_set = "(call $set-drop (i32.const 1234567)) unreachable";
    traps(guest(), no_set, "unreachable", rule).await;
    let dropped = "(local.set $set (call $set-new)) (call $set-drop (local.get $set))";
    for then in [
        "(call $set-drop (local.get $set)) unreachable",
        "(drop (call $set-wait (local.get $set) (i32.const 600))) unreachable",
        "(drop (call $set-poll (local.get $set) (i32.const 600))) unreachable",
        "(call $wait-for (local.get $set))",
    ] {
        traps(guest(), &format!("{dropped} {then}"), "unreachable", rule).await;
    }
}

#[tokio::test]
async fn subtasks_are_subtasks() {
    for built_in in ["(call $subtask-drop", "(drop (call $subtask-cancel"] {
        let close = ")".repeat(built_in.matches('(').count());
        let run = format!("{built_in} (i32.const 1234567){close} unreachable");
        traps(guest(), &run, "unreachable", "not a subtask").await;
    }
}

#[tokio::test]
async fn a_set_in_use_is_not_dropped() {
    let guest = guest().stream("u32");
    traps(
        guest,
        "(local.set $set (call $set-new))
         (local.set $i64 (call $stream-new))
         (local.set $one (i32.wrap_i64 (local.get $i64)))
         (drop (call $stream-read (local.get $one) (i32.const 512) (i32.const 1)))
         (call $join (local.get $one) (local.get $set))
         (call $set-drop (local.get $set)) unreachable",
        "unreachable",
        "waitable-set.drop of a set that is not empty",
    )
    .await;
}

#[tokio::test]
async fn backpressure_is_balanced() {
    let guest = guest().built_in("dec", "backpressure.dec", "");
    traps(
        guest,
        "(call $dec) unreachable",
        "unreachable",
        "backpressure.dec without backpressure.inc",
    )
    .await;
}

const NEW: &str = "
    (local.set $i64 (call $stream-new))
    (local.set $one (i32.wrap_i64 (local.get $i64)))
    (local.set $two (i32.wrap_i64 (i64.shr_u (local.get $i64) (i64.const 32))))";

#[tokio::test]
async fn an_end_does_one_thing_at_a_time() {
    let read = "(drop (call $stream-read (local.get $one) (i32.const 512) (i32.const 1)))";
    let write = "(drop (call $stream-write (local.get $two) (i32.const 512) (i32.const 1)))";
    for (run, rule) in [
        (format!("{read} {read}"), "is busy"),
        (format!("{write} {write}"), "is busy"),
        (
            format!("{read} (call $drop-readable (local.get $one))"),
            "is busy",
        ),
        (
            format!("{write} (call $drop-writable (local.get $two))"),
            "is busy",
        ),
        (
            "(drop (call $cancel-read (local.get $one)))".to_owned(),
            "is not busy",
        ),
        (
            "(drop (call $cancel-write (local.get $two)))".to_owned(),
            "is not busy",
        ),
    ] {
        let run = format!("{NEW} {run} unreachable");
        traps(guest().stream("u32"), &run, "unreachable", rule).await;
    }
}

#[tokio::test]
async fn a_built_in_is_given_the_end_that_it_is_for() {
    for (run, rule) in [
        (
            "(drop (call $stream-read (local.get $two) (i32.const 512) (i32.const 1)))",
            "stream.read or future.read of what is no readable end",
        ),
        (
            "(drop (call $stream-write (local.get $one) (i32.const 512) (i32.const 1)))",
            "stream.write or future.write of what is no writable end",
        ),
        (
            "(drop (call $cancel-read (local.get $two)))",
            "cancel-read of what is no readable end",
        ),
        (
            "(drop (call $cancel-write (local.get $one)))",
            "cancel-write of what is no writable end",
        ),
        (
            "(call $drop-readable (local.get $two))",
            "drop-readable of what is no readable end",
        ),
        (
            "(call $drop-writable (local.get $one))",
            "drop-writable of what is no writable end",
        ),
        (
            "(drop (call $stream-read (i32.const 1234567) (i32.const 512) (i32.const 1)))",
            "stream.read or future.read of what is no readable end",
        ),
        (
            "(drop (call $other-read (local.get $one) (i32.const 512) (i32.const 1)))",
            "stream.read or future.read of what is no readable end of that type",
        ),
        (
            "(call $future-drop-readable (local.get $one))",
            "drop-readable of what is no readable end of that type",
        ),
    ] {
        traps_with_ends(&format!("{NEW} {run}"), rule).await;
    }
}

/// A guest with streams and futures that stay in the component.
fn local() -> Guest {
    guest()
        .stream("u32")
        .future("u32")
        .types("(type $other (stream s32))\n")
        .built_in(
            "other-read",
            "stream.read $other async (memory $memory)",
            "(param i32 i32 i32) (result i32)",
        )
}

/// The same, but a function of it mentions their types: the host has their pipes.
fn passed() -> Guest {
    local()
        .code(
            r#"
    (func (export "give") (param i32 i32 i32) (result i32) unreachable)
    (func (export "give-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .export(
            "give",
            "async (param \"a\" $stream) (param \"b\" $future) (param \"c\" $other)",
        )
}

const NEW_FUTURE: &str = "
    (local.set $i64 (call $future-new))
    (local.set $one (i32.wrap_i64 (local.get $i64)))
    (local.set $two (i32.wrap_i64 (i64.shr_u (local.get $i64) (i64.const 32))))";

#[tokio::test]
async fn a_future_is_written_and_read_once() {
    let write = "(drop (call $future-write (local.get $two) (i32.const 512)))";
    let read = "(drop (call $future-read (local.get $one) (i32.const 516)))";
    let event = "(local.set $set (call $set-new)) (call $join (local.get $two) (local.get $set))
        (drop (call $set-wait (local.get $set) (i32.const 600)))";
    for (run, rule) in [
        (
            "(call $future-drop-writable (local.get $two))".to_owned(),
            "future.drop-writable of a future that was not written",
        ),
        (
            format!(
                "{write} (drop (call $future-cancel-write (local.get $two)))
                 (call $future-drop-writable (local.get $two))"
            ),
            "future.drop-writable of a future that was not written",
        ),
        (
            format!("{write} {read} {event} {write}"),
            "a second future.write",
        ),
        (
            format!("(call $future-drop-readable (local.get $one)) {write} {write}"),
            "a second future.write",
        ),
        (format!("{write} {read} {read}"), "a second future.read"),
    ] {
        traps_with_ends(&format!("{NEW_FUTURE} {run}"), rule).await;
    }
}

#[tokio::test]
async fn nothing_moves_when_the_other_end_has_gone() {
    let read = "(drop (call $stream-read (local.get $one) (i32.const 512) (i32.const 1)))";
    let write = "(drop (call $stream-write (local.get $two) (i32.const 512) (i32.const 1)))";
    for (run, rule) in [
        (
            format!("(call $drop-writable (local.get $two)) {read} {read}"),
            "stream.read after the writer has gone",
        ),
        (
            format!("(call $drop-readable (local.get $one)) {write} {write}"),
            "stream.write after the reader has gone",
        ),
    ] {
        traps_with_ends(&format!("{NEW} {run}"), rule).await;
    }
}

#[tokio::test]
async fn what_is_in_a_set_is_not_waited_for_on_the_stack() {
    let set = "(local.set $set (call $set-new))
        (call $join (local.get $one) (local.get $set)) (call $join (local.get $two) (local.get $set))";
    let read = "(drop (call $stream-read (local.get $one) (i32.const 512) (i32.const 1)))";
    let write = "(drop (call $stream-write (local.get $two) (i32.const 512) (i32.const 1)))";
    for (run, rule) in [
        (
            format!("{read} (drop (call $cancel-read (local.get $one)))"),
            "synchronous cancel-read of an end in a set",
        ),
        (
            format!("{write} (drop (call $cancel-write (local.get $two)))"),
            "synchronous cancel-write of an end in a set",
        ),
    ] {
        traps_with_ends(&format!("{NEW} {set} {run}"), rule).await;
    }
}

#[tokio::test]
async fn buffers_lie_in_memory() {
    let rule = "not aligned, or not in memory";
    for (address, count) in [("262140", "2"), ("-4", "1"), ("0", "200000000")] {
        for (end, move_) in [("$one", "$stream-read"), ("$two", "$stream-write")] {
            let run = format!(
                "{NEW} (drop (call {move_} (local.get {end}) (i32.const {address}) (i32.const {count})))"
            );
            traps_with_ends(&run, rule).await;
        }
    }
    let run = format!(
        "{NEW} (drop (call $stream-read (local.get $one) (i32.const 0) (i32.const 0x10000000))) unreachable"
    );
    let rule = "more than 268435455 items";
    traps(local(), &run, "unreachable", rule).await;
}

#[tokio::test]
async fn a_task_returns_what_its_function_does() {
    let rule = "task.return of another type or options";
    let other = guest()
        .built_in("number", "task.return (result u32)", "(param i32)")
        .code(
            r#"
    (func (export "number") (result i32) unreachable)
    (func (export "number-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .export("number", "async (result u32)");
    let run = running(
        other,
        "(call $number (i32.const 1)) unreachable",
        "unreachable",
    );
    both_trap(&run, "run()", rule).await;
    let nothing = guest().built_in("nothing", "task.return", "");
    traps(nothing, "(call $nothing) unreachable", "unreachable", rule).await;
    let utf16 = guest().built_in(
        "wide",
        "task.return (result (list u32)) (memory $memory) string-encoding=utf16",
        "(param i32 i32)",
    );
    let run = "(call $wide (i32.const 0) (i32.const 0)) unreachable";
    traps(utf16, run, "unreachable", rule).await;
}

#[tokio::test]
async fn a_subtask_in_a_set_is_not_waited_for_on_the_stack() {
    let f = "async (param \"n\" u32) (result u32)";
    let provider = Guest::default()
        .sets()
        .code(
            r#"
    (func (export "f") (param $n i32) (result i32) (call $wait-for (call $set-new)))
    (func (export "f-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .interface("test:faithful/api", &[("f", f)]);
    let user = guest()
        .types(&format!(
            "(import \"test:faithful/api\" (instance $api (export \"f\" (func {f}))))\n"
        ))
        .built_in(
            "f",
            "lower (func $api \"f\") async (memory $memory)",
            "(param i32 i32) (result i32)",
        )
        .code(
            r#"
    (func (export "run") (result i32)
      (local $subtask i32)
      (local.set $subtask (i32.shr_u (call $f (i32.const 1) (i32.const 512)) (i32.const 4)))
      (call $join (local.get $subtask) (call $set-new))
      (drop (call $subtask-cancel (local.get $subtask)))
      unreachable)
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .export("run", LIST);
    let rule = "synchronous subtask.cancel of a subtask in a set";
    // A composition whose functions are put into an interface on the spot is not translated.
    both_trap(&composed(&provider, &user), "run()", rule).await;
}

#[tokio::test]
async fn a_synchronous_read_or_write_of_what_is_in_a_set() {
    // The engine has these built-ins behind an option only.
    let guest = || {
        local()
            .built_in(
                "sync-read",
                "stream.read $stream (memory $memory)",
                "(param i32 i32 i32) (result i32)",
            )
            .built_in(
                "sync-write",
                "stream.write $stream (memory $memory)",
                "(param i32 i32 i32) (result i32)",
            )
    };
    let set = "(local.set $set (call $set-new))
        (call $join (local.get $one) (local.get $set)) (call $join (local.get $two) (local.get $set))";
    for (run, rule) in [
        (
            "(call $sync-read (local.get $one) (i32.const 512) (i32.const 1))",
            "synchronous stream.read or future.read of an end in a set",
        ),
        (
            "(call $sync-write (local.get $two) (i32.const 512) (i32.const 1))",
            "synchronous stream.write or future.write of an end in a set",
        ),
    ] {
        let run = format!("{NEW} {set} (drop {run}) unreachable");
        translated_traps(&running(guest(), &run, "unreachable"), "run()", rule).await;
    }
}
