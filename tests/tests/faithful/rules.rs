//! Guests that break a rule of the canonical ABI: they trap on both engines, and translated the trap names the rule.

use super::engines::both_trap;
use super::guest::{Guest, LIST};

/// A function that does this first, and this in its callback.
async fn traps(guest: Guest, run: &str, callback: &str, rule: &str) {
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
    both_trap(&guest.text(), "run()", rule).await;
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
