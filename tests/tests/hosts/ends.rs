//! A command that waits for the end of a stream and that of a future at the same time. Some hosts number the handles of each resource
//! type by themselves: both have the same handle there.

use super::host::Host;
use super::process::Ended;
use isyswasfa_tests::lower_bytes;
use isyswasfa_translate::translate;
use std::path::Path;

const COMMAND: &str = r#"(component
  (import "wasi:cli/types@0.3.0" (instance $types
    (type $error-code (enum "io" "illegal-byte-sequence" "pipe"))
    (export "error-code" (type (eq $error-code)))))
  (alias export $types "error-code" (type $error-code))
  (import "wasi:cli/stdout@0.3.0" (instance $stdout
    (alias outer 1 $error-code (type $outer))
    (export "error-code" (type $error-code (eq $outer)))
    (type $stream (stream u8))
    (type $future (future (result (error $error-code))))
    (export "write-via-stream" (func (param "data" $stream) (result $future)))))
  (type $stream (stream u8))
  (type $future (future (result (error $error-code))))
  (core module $libc (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $write-via-stream (canon lower (func $stdout "write-via-stream")))
  (core func $new (canon stream.new $stream))
  (core func $write (canon stream.write $stream async (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $stream))
  (core func $read (canon future.read $future async (memory $memory)))
  (core func $drop-readable (canon future.drop-readable $future))
  (core func $set-new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $return (canon task.return (result (result))))
  (core module $main
    (import "libc" "memory" (memory 1))
    (import "wasi" "write-via-stream" (func $write-via-stream (param i32) (result i32)))
    (import "wasi" "new" (func $new (result i64)))
    (import "wasi" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "wasi" "drop-writable" (func $drop-writable (param i32)))
    (import "wasi" "read" (func $read (param i32 i32) (result i32)))
    (import "wasi" "drop-readable" (func $drop-readable (param i32)))
    (import "wasi" "set-new" (func $set-new (result i32)))
    (import "wasi" "join" (func $join (param i32 i32)))
    (import "wasi" "return" (func $return (param i32)))
    (data (i32.const 64) "two ends\n")
    (global $written (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (global $writer (mut i32) (i32.const 0))
    (global $future (mut i32) (i32.const 0))
    ;; The code to wait with; no more is written when all is.
    (func $wait (result i32)
      (local $code i32)
      (block $blocked
        (loop $more
          (br_if $blocked (i32.eqz (global.get $writer)))
          (local.set $code (call $write (global.get $writer)
            (i32.add (i32.const 64) (global.get $written)) (i32.sub (i32.const 9) (global.get $written))))
          (br_if $blocked (i32.eq (local.get $code) (i32.const -1)))
          (call $wrote (local.get $code))
          (br $more)))
      (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
    (func $wrote (param $code i32)
      (global.set $written (i32.add (global.get $written) (i32.shr_u (local.get $code) (i32.const 4))))
      (if (i32.eq (global.get $written) (i32.const 9)) (then
        (call $join (global.get $writer) (i32.const 0))
        (call $drop-writable (global.get $writer))
        (global.set $writer (i32.const 0)))))
    (func (export "run") (result i32)
      (local $new i64)
      (local.set $new (call $new))
      (global.set $future (call $write-via-stream (i32.wrap_i64 (local.get $new))))
      (global.set $writer (i32.wrap_i64 (i64.shr_u (local.get $new) (i64.const 32))))
      (global.set $set (call $set-new))
      (call $join (global.get $writer) (global.get $set))
      (call $join (global.get $future) (global.get $set))
      (if (i32.ne (call $read (global.get $future) (i32.const 32)) (i32.const -1)) (then unreachable))
      (call $wait))
    (func (export "callback") (param $event i32) (param $end i32) (param $code i32) (result i32)
      ;; 3: the write of the stream; 4: the read of the future.
      (if (i32.eq (local.get $event) (i32.const 3)) (then
        (if (i32.ne (local.get $end) (global.get $writer)) (then unreachable))
        (call $wrote (local.get $code))
        (return (call $wait))))
      (if (i32.ne (local.get $event) (i32.const 4)) (then unreachable))
      (if (i32.ne (local.get $end) (global.get $future)) (then unreachable))
      (call $join (global.get $future) (i32.const 0))
      (call $drop-readable (global.get $future))
      (call $return (i32.load8_u (i32.const 32)))
      (i32.const 0)))
  (core instance $main (instantiate $main (with "libc" (instance $libc)) (with "wasi" (instance
    (export "write-via-stream" (func $write-via-stream)) (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable)) (export "set-new" (func $set-new)) (export "join" (func $join))
    (export "return" (func $return))))))
  (func $run async (result (result))
    (canon lift (core func $main "run") async (callback (core func $main "callback"))))
  (instance $api (export "run" (func $run)))
  (export "wasi:cli/run@0.3.0" (instance $api)))"#;

/// It prints.
pub async fn two_at_once(host: &Host) {
    let native = wat::parse_str(COMMAND).expect("valid text");
    let split = translate(&native).expect("it is translated");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ends.wasm");
    std::fs::write(&file, lower_bytes(Path::new("ends.wasm"), &split)).unwrap();
    let run = host.run.expect("a host that runs commands");
    let there = Ended::of(run(&file, None)).await;
    assert_eq!(there.stdout, "two ends\n", "{}", there.stderr);
    assert_eq!(there.status, Some(0), "{}", there.stderr);
}
