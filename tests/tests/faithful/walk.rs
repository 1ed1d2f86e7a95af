//! Random walks on one stream and one future that stay in the component: every read, write, cancellation and drop is told the same
//! natively and translated, whatever their order.

use super::engines::{End, on_both};
use super::guest::{Guest, LIST};
use isyswasfa_tests::{Random, seeds};

/// How many calls there are.
const SEEDS: u64 = 12;

/// So many walks each.
const WALKS: usize = 20;

/// So many steps each.
const STEPS: usize = 60;

/// The step that begins another walk.
const ANOTHER: usize = 255;

/// A function that takes steps: the low three bits of each say what to do, the others with how many items. What must not be done as
/// things stand is left out, and everything that is told is logged.
fn walker(kind: &str, guest: Guest) -> Guest {
    let (count, last, is_future, prefix) = match kind {
        "stream" => ("(local.get $count)", "(i32.const 0)", 0, ""),
        _ => (
            "",
            "(i32.eqz (i32.and (local.get $code) (i32.const 15)))",
            1,
            "future-",
        ),
    };
    guest.code(&format!(
        r#"
    (global $reader (mut i32) (i32.const 0)) (global $writer (mut i32) (i32.const 0))
    (global $reads (mut i32) (i32.const 0)) (global $writes (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    ;; 1: nothing more moves; 2: dropped.
    (global $read-over (mut i32) (i32.const 0)) (global $write-over (mut i32) (i32.const 0))
    (global $item (mut i32) (i32.const 1))
    (func $is-over (param $code i32) (result i32)
      (i32.or (i32.eq (i32.and (local.get $code) (i32.const 15)) (i32.const 1)) {last}))
    (func $told-reader (param $code i32)
      (call $log (local.get $code))
      (global.set $reads (i32.eq (local.get $code) (i32.const -1)))
      (call $join (global.get $reader) (select (global.get $set) (i32.const 0) (global.get $reads)))
      (if (global.get $reads) (then (return)))
      (global.set $read-over (call $is-over (local.get $code)))
      (call $log (i32.load (i32.const 560))) (call $log (i32.load (i32.const 564)))
      (call $log (i32.load (i32.const 568))))
    (func $told-writer (param $code i32)
      (call $log (local.get $code))
      (global.set $writes (i32.eq (local.get $code) (i32.const -1)))
      (call $join (global.get $writer) (select (global.get $set) (i32.const 0) (global.get $writes)))
      (if (global.get $writes) (then (return)))
      (global.set $write-over (call $is-over (local.get $code))))
    (func $read (param $count i32)
      (if (i32.or (global.get $reads) (global.get $read-over)) (then (return)))
      (memory.fill (i32.const 560) (i32.const 0) (i32.const 16))
      (call $told-reader (call ${kind}-read (global.get $reader) (i32.const 560) {count})))
    (func $write (param $count i32)
      (if (i32.or (global.get $writes) (global.get $write-over)) (then (return)))
      ;; wasmtime 48 says that a write of nothing is done where a read of nothing is over and was not told yet. By the specification
      ;; it waits for the next read, as it does here.
      (if (i32.and (i32.eqz (local.get $count)) (global.get $reads)) (then (local.set $count (i32.const 1))))
      (i32.store (i32.const 512) (global.get $item))
      (i32.store (i32.const 516) (i32.add (global.get $item) (i32.const 1)))
      (i32.store (i32.const 520) (i32.add (global.get $item) (i32.const 2)))
      (global.set $item (i32.add (global.get $item) (i32.const 3)))
      (call $told-writer (call ${kind}-write (global.get $writer) (i32.const 512) {count})))
    (func $step (param $what i32) (param $count i32)
      (local $code i32)
      (if (i32.eq (local.get $what) (i32.const 0)) (then (call $read (i32.and (local.get $count) (i32.const 3)))))
      (if (i32.eq (local.get $what) (i32.const 1)) (then (call $write (i32.and (local.get $count) (i32.const 3)))))
      (if (i32.and (i32.eq (local.get $what) (i32.const 2)) (global.get $reads)) (then
        (call $join (global.get $reader) (i32.const 0))
        (call $told-reader (call ${prefix}cancel-read (global.get $reader)))))
      (if (i32.and (i32.eq (local.get $what) (i32.const 3)) (global.get $writes)) (then
        (call $join (global.get $writer) (i32.const 0))
        (call $told-writer (call ${prefix}cancel-write (global.get $writer)))))
      (if (i32.or (i32.eq (local.get $what) (i32.const 4)) (i32.eq (local.get $what) (i32.const 5))) (then
        (local.set $code (call $set-poll (global.get $set) (i32.const 600)))
        (call $log (local.get $code))
        (if (local.get $code) (then
          (if (i32.eq (i32.load (i32.const 600)) (global.get $reader))
            (then (call $told-reader (i32.load (i32.const 604))))
            (else (call $told-writer (i32.load (i32.const 604)))))))))
      ;; The rest is done now and then only: it ends the walk.
      (if (i32.ne (local.get $count) (i32.const 7)) (then (return)))
      (if (i32.and (i32.eq (local.get $what) (i32.const 6))
            (i32.and (i32.eqz (global.get $reads)) (i32.ne (global.get $read-over) (i32.const 2)))) (then
        (call ${prefix}drop-readable (global.get $reader))
        (global.set $read-over (i32.const 2))))
      (if (i32.and (i32.eq (local.get $what) (i32.const 7))
            (i32.and (i32.eqz (global.get $writes))
              (i32.eq (global.get $write-over) (i32.const {is_future})))) (then
        (call ${prefix}drop-writable (global.get $writer))
        (global.set $write-over (i32.const 2)))))
    (func $begin
      (local $new i64)
      (local.set $new (call ${kind}-new))
      (global.set $reader (i32.wrap_i64 (local.get $new)))
      (global.set $writer (i32.wrap_i64 (i64.shr_u (local.get $new) (i64.const 32))))
      (global.set $set (call $set-new))
      (global.set $reads (i32.const 0)) (global.set $writes (i32.const 0))
      (global.set $read-over (i32.const 0)) (global.set $write-over (i32.const 0)))
    (func (export "run") (param $at i32) (param $left i32) (result i32)
      (local $step i32)
      (call $begin)
      (loop $more
        (if (local.get $left) (then
          (local.set $step (i32.load8_u (local.get $at)))
          (call $log (i32.add (i32.const 1000) (local.get $step)))
          (if (i32.eq (local.get $step) (i32.const {ANOTHER}))
            (then (call $begin))
            (else (call $step (i32.and (local.get $step) (i32.const 7)) (i32.shr_u (local.get $step) (i32.const 3)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $more))))
      (call $return-log) (i32.const 0))
    (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)"#
    ))
    .export("run", &LIST.replace("async", "async (param \"steps\" (list u8))"))
}

async fn walk(kind: &str, guest: Guest) {
    let component = walker(kind, guest).text();
    for seed in seeds(SEEDS) {
        let mut random = Random::new(seed);
        let mut steps = Vec::new();
        for _ in 0..WALKS {
            steps.extend((0..STEPS).map(|_| random.below(64)));
            steps.push(ANOTHER);
        }
        let [native, translated] = on_both(&component, &format!("run({steps:?})")).await;
        assert_eq!(native, translated, "seed {seed}: {steps:?}");
        let list = match native {
            End::Returned(list) => list,
            End::Trapped(report) => panic!("seed {seed}: {report}"),
        };
        // Something has waited for the other end.
        assert!(list.contains("4294967295"), "seed {seed}: {list}");
    }
}

#[tokio::test]
async fn a_stream_is_walked_on() {
    walk("stream", Guest::logging().sets().stream("u32")).await;
}

#[tokio::test]
async fn a_future_is_walked_on() {
    walk("future", Guest::logging().sets().future("u32")).await;
}
