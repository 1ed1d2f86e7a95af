//! Tasks and subtasks: their order, states and ends.

use super::engines::{both_return, translated_returns};
use super::guest::{Guest, LIST, composed};

/// A function that has yielded `times` before it returns its argument plus 1.
fn provider(times: u32) -> Guest {
    Guest::default()
        .built_in("return", "task.return (result u32)", "(param i32)")
        .built_in("get", "context.get i32 0", "(result i32)")
        .built_in("set", "context.set i32 0", "(param i32)")
        .code(&format!(
            r#"
    (global $left (mut i32) (i32.const {times}))
    (func $step (result i32)
      (if (i32.eqz (global.get $left)) (then
        (call $return (i32.add (call $get) (i32.const 1)))
        (return (i32.const 0))))
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      (i32.const 1))
    (func (export "f") (param $n i32) (result i32)
      (call $set (local.get $n))
      (call $step))
    (func (export "f-callback") (param i32 i32 i32) (result i32)
      (call $step))"#
        ))
        .interface("test:faithful/api", &[("f", F)])
}

const F: &str = "async (param \"n\" u32) (result u32)";

/// What imports `f`, lowered with these options under the name `f`.
fn user(options: &str, signature: &str) -> Guest {
    Guest::logging()
        .types(&format!(
            "(import \"test:faithful/api\" (instance $api (export \"f\" (func {F}))))\n"
        ))
        .built_in(
            "f",
            &format!("lower (func $api \"f\") {options} (memory $memory)"),
            signature,
        )
        .sets()
        .subtasks()
}

const ASYNC: &str = "(param i32 i32) (result i32)";

/// A user whose `run` and callback are these bodies.
fn running(user: Guest, run: &str, callback: &str) -> Guest {
    user.code(&format!(
        r#"
    (func (export "run") (result i32)
      (local $subtask i32) (local $other i32) (local $set i32) (local $state i32)
      {run})
    (func (export "run-callback") (param $event i32) (param $waitable i32) (param $payload i32) (result i32)
      {callback})"#
    ))
    .export("run", LIST)
}

#[tokio::test]
async fn a_task_yields_and_has_its_context() {
    let guest = Guest::logging()
        .built_in("get", "context.get i32 0", "(result i32)")
        .built_in("set", "context.set i32 0", "(param i32)");
    let guest = running(
        guest,
        "(call $log (call $get)) (call $set (i32.const 7)) (i32.const 1)",
        "(call $log (call $get)) (call $log (local.get $event)) (call $log (local.get $waitable))
         (call $log (local.get $payload)) (call $return-log) (i32.const 0)",
    );
    both_return(&guest.text(), "run()", "[0, 7, 0, 0, 0]").await;
}

#[tokio::test]
async fn a_task_goes_on_after_it_has_returned() {
    let guest = running(
        Guest::logging(),
        "(call $log (i32.const 1)) (call $return-log) (i32.const 1)",
        "(call $log (i32.const 2)) (i32.const 0)",
    );
    both_return(&guest.text(), "run()", "[1]").await;
}

#[tokio::test]
async fn a_call_that_is_done_at_once_has_returned() {
    let user = running(
        user("async", ASYNC),
        "(call $log (call $f (i32.const 41) (i32.const 512)))
         (call $log (i32.load (i32.const 512)))
         (call $return-log) (i32.const 0)",
        "unreachable",
    );
    both_return(&composed(&provider(0), &user), "run()", "[2, 42]").await;
}

const START: &str = "
    (local.set $subtask (call $f (i32.const 41) (i32.const 512)))
    (call $log (i32.and (local.get $subtask) (i32.const 15)))
    (local.set $subtask (i32.shr_u (local.get $subtask) (i32.const 4)))
    (local.set $set (call $set-new))
    (call $join (local.get $subtask) (local.get $set))";

#[tokio::test]
async fn a_call_that_takes_longer_has_an_event() {
    for times in [1, 5] {
        let user = running(
            user("async", ASYNC),
            &format!("{START} (call $wait-for (local.get $set))"),
            "(call $log (local.get $event)) (call $log (local.get $payload))
             (call $log (i32.load (i32.const 512)))
             (call $subtask-drop (local.get $waitable))
             (call $return-log) (i32.const 0)",
        );
        both_return(&composed(&provider(times), &user), "run()", "[1, 1, 2, 42]").await;
    }
}

#[tokio::test]
async fn a_set_is_waited_for_on_the_stack() {
    let user = running(
        user("async", ASYNC),
        &format!(
            "{START}
             (call $log (call $set-wait (local.get $set) (i32.const 600)))
             (call $log (i32.eq (i32.load (i32.const 600)) (local.get $subtask)))
             (call $log (i32.load (i32.const 604)))
             (call $log (i32.load (i32.const 512)))
             (call $log (call $set-poll (local.get $set) (i32.const 600)))
             (call $subtask-drop (local.get $subtask))
             (call $set-drop (local.get $set))
             (call $return-log) (i32.const 0)"
        ),
        "unreachable",
    );
    both_return(
        &composed(&provider(3), &user),
        "run()",
        "[1, 1, 1, 2, 42, 0]",
    )
    .await;
}

#[tokio::test]
async fn nothing_has_happened_yet() {
    let user = running(
        user("async", ASYNC),
        &format!(
            "{START}
             (call $log (call $set-poll (local.get $set) (i32.const 600)))
             (call $wait-for (local.get $set))"
        ),
        "(call $log (local.get $event)) (call $subtask-drop (local.get $waitable))
         (call $return-log) (i32.const 0)",
    );
    both_return(&composed(&provider(3), &user), "run()", "[1, 0, 1]").await;
}

#[tokio::test]
async fn an_async_function_is_lowered_without_async() {
    for times in [0, 4] {
        let user = running(
            user("", "(param i32) (result i32)"),
            "(call $log (call $f (i32.const 9))) (call $return-log) (i32.const 0)",
            "unreachable",
        );
        both_return(&composed(&provider(times), &user), "run()", "[10]").await;
    }
}

#[tokio::test]
async fn two_calls_are_under_way_at_once() {
    let user = running(
        user("async", ASYNC),
        &format!(
            "{START}
             (local.set $other (call $f (i32.const 1) (i32.const 516)))
             (call $log (i32.and (local.get $other) (i32.const 15)))
             (call $join (i32.shr_u (local.get $other) (i32.const 4)) (local.get $set))
             (drop (call $set-wait (local.get $set) (i32.const 600)))
             (call $subtask-drop (i32.load (i32.const 600)))
             (drop (call $set-wait (local.get $set) (i32.const 600)))
             (call $subtask-drop (i32.load (i32.const 600)))
             (call $log (i32.load (i32.const 512))) (call $log (i32.load (i32.const 516)))
             (call $return-log) (i32.const 0)"
        ),
        "unreachable",
    );
    both_return(&composed(&provider(6), &user), "run()", "[1, 1, 42, 2]").await;
}

/// A function that waits for nothing, and is told that it was cancelled: then it does this.
fn cancelled(then: &str) -> Guest {
    Guest::default()
        .built_in("return", "task.return (result u32)", "(param i32)")
        .built_in("cancel", "task.cancel", "")
        .sets()
        .code(&format!(
            r#"
    (func (export "f") (param $n i32) (result i32)
      (call $wait-for (call $set-new)))
    (func (export "f-callback") (param $event i32) (param i32 i32) (result i32)
      (if (i32.ne (local.get $event) (i32.const 6)) (then unreachable))
      {then})"#
        ))
        .interface("test:faithful/api", &[("f", F)])
}

/// A user that cancels its call so, and is told that it was cancelled.
fn cancels(user: Guest, cancel: &str) -> String {
    let user = running(
        user,
        &format!(
            "{START}
             {cancel}
             (call $subtask-drop (local.get $subtask))
             (call $set-drop (local.get $set))
             (call $return-log) (i32.const 0)"
        ),
        "unreachable",
    );
    composed(&cancelled("(call $cancel) (i32.const 0)"), &user)
}

#[tokio::test]
async fn a_cancelled_task_cancels() {
    let cancel = "(call $join (local.get $subtask) (i32.const 0))
        (call $log (call $subtask-cancel (local.get $subtask)))";
    let component = cancels(user("async", ASYNC), cancel);
    both_return(&component, "run()", "[1, 4]").await;
}

#[tokio::test]
async fn what_is_cancelled_without_waiting_may_be_in_a_set() {
    // The engine has this form behind an option only.
    let user = user("async", ASYNC).built_in(
        "async-cancel",
        "subtask.cancel async",
        "(param i32) (result i32)",
    );
    let cancel = "(call $log (call $async-cancel (local.get $subtask)))";
    translated_returns(&cancels(user, cancel), "run()", "[1, 4]").await;
}

#[tokio::test]
async fn what_has_returned_is_not_cancelled() {
    // The task returns while another call is waited for, and nobody has looked at its event.
    let user = running(
        user("async", ASYNC),
        &format!(
            "{START}
             (call $join (local.get $subtask) (i32.const 0))
             (local.set $other (i32.shr_u (call $f (i32.const 1) (i32.const 516)) (i32.const 4)))
             (call $join (local.get $other) (local.get $set))
             (drop (call $set-wait (local.get $set) (i32.const 600)))
             (call $subtask-drop (local.get $other))
             (call $log (call $subtask-cancel (local.get $subtask)))
             (call $log (i32.load (i32.const 512)))
             (call $subtask-drop (local.get $subtask))
             (call $return-log) (i32.const 0)"
        ),
        "unreachable",
    );
    both_return(&composed(&provider(2), &user), "run()", "[1, 2, 42]").await;
}

#[tokio::test]
async fn backpressure_holds_calls_back() {
    // The first call holds the others back, and lets them in when it goes on.
    let provider = Guest::default()
        .built_in("return", "task.return (result u32)", "(param i32)")
        .built_in("inc", "backpressure.inc", "")
        .built_in("dec", "backpressure.dec", "")
        .code(
            r#"
    (global $calls (mut i32) (i32.const 0))
    (func (export "f") (param $n i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.eq (global.get $calls) (i32.const 1)) (then (call $inc) (return (i32.const 1))))
      (call $return (i32.mul (global.get $calls) (local.get $n)))
      (i32.const 0))
    (func (export "f-callback") (param i32 i32 i32) (result i32)
      ;; The second call has not begun.
      (call $return (i32.mul (global.get $calls) (i32.const 100)))
      (call $dec)
      (i32.const 0))"#,
        )
        .interface("test:faithful/api", &[("f", F)]);
    let user = running(
        user("async", ASYNC),
        &format!(
            "{START}
             (local.set $other (call $f (i32.const 7) (i32.const 516)))
             ;; It has not returned: whether it is told as started is left open.
             (call $log (i32.le_u (i32.and (local.get $other) (i32.const 15)) (i32.const 1)))
             (local.set $other (i32.shr_u (local.get $other) (i32.const 4)))
             (call $join (local.get $other) (local.get $set))
             (loop $again
               (drop (call $set-wait (local.get $set) (i32.const 600)))
               (br_if $again (i32.ne (i32.load (i32.const 604)) (i32.const 2)))
               (call $subtask-drop (i32.load (i32.const 600)))
               (local.set $state (i32.add (local.get $state) (i32.const 1)))
               (br_if $again (i32.lt_u (local.get $state) (i32.const 2))))
             (call $log (i32.load (i32.const 512))) (call $log (i32.load (i32.const 516)))
             (call $return-log) (i32.const 0)"
        ),
        "unreachable",
    );
    both_return(&composed(&provider, &user), "run()", "[1, 1, 100, 14]").await;
}

#[tokio::test]
async fn thread_yield_comes_back() {
    let guest = Guest::logging().built_in("yield", "thread.yield", "(result i32)");
    let guest = running(
        guest,
        "(call $log (call $yield)) (call $return-log) (i32.const 0)",
        "unreachable",
    );
    both_return(&guest.text(), "run()", "[0]").await;
}

#[tokio::test]
async fn several_exports_have_their_own_results() {
    let guest = Guest::default()
        .built_in("number", "task.return (result u32)", "(param i32)")
        .built_in(
            "pair",
            "task.return (result (tuple u8 s64))",
            "(param i32 i64)",
        )
        .built_in("nothing", "task.return", "")
        .code(
            r#"
    (func (export "one") (param i32) (result i32)
      (call $number (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
    (func (export "two") (result i32) (call $pair (i32.const 3) (i64.const -4)) (i32.const 0))
    (func (export "none") (result i32) (call $nothing) (i32.const 0))
    (func (export "plain") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "waits") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
    (func (export "one-callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "two-callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "none-callback") (param i32 i32 i32) (result i32) unreachable)"#,
        )
        .export("one", "async (param \"n\" u32) (result u32)")
        .export("two", "async (result (tuple u8 s64))")
        .export("none", "async")
        .export_sync("plain", "(param \"n\" u32) (result u32)")
        .export_sync("waits", "async (param \"n\" u32) (result u32)")
        .text();
    both_return(&guest, "one(4)", "5").await;
    both_return(&guest, "two()", "(3, -4)").await;
    both_return(&guest, "none()", "()").await;
    both_return(&guest, "plain(4)", "8").await;
    both_return(&guest, "waits(4)", "12").await;
}
