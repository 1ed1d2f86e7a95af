;; A guest of the split ABI by hand: `run(x)` waits 10 ms, then answers what the imported `double(x)` answers.
;; 13 traps, 14 spins for ever.
(module
  (import "isyswasfa:core/tasks@0.1.0" "register" (func $register (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "number" (func $number (param i64) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "name-function" (func $name-function (param i64 i32 i32) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "make-task" (func $make-task (param i64 i32 i32 i32 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "complete" (func $complete (param i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "finish" (func $finish (param i64 i32 i32) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "subscribe" (func $subscribe (param i32 i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "next-event" (func $next-event (param i64) (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "[resource-drop]pending" (func $drop-pending (param i32)))
  (import "wasi:clocks/monotonic-clock@0.3.2-isyswasfa" "wait-for-isyswasfa-start"
    (func $wait-start (param i64 i32)))
  (import "wasi:clocks/monotonic-clock@0.3.2-isyswasfa" "wait-for-isyswasfa-result"
    (func $wait-result (param i32)))
  (import "test:app/up@1.0.0-isyswasfa" "double-isyswasfa-start" (func $double-start (param i32 i32)))
  (import "test:app/up@1.0.0-isyswasfa" "double-isyswasfa-result" (func $double-result (param i32) (result i32)))

  (memory (export "memory") 4)
  (data (i32.const 0) "run")
  (global $key (mut i64) (i64.const 0))
  (global $run (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 0))
  (global $heap (mut i32) (i32.const 131072))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $heap))
    (global.set $heap (i32.add (local.get $at) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
    (local.get $at))

  ;; A call's place: x, the pending that it waits for, its task.
  (func $slot (param $call i32) (result i32)
    (i32.add (i32.const 4096) (i32.mul (local.get $call) (i32.const 16))))

  (func (export "test:app/api@1.0.0-isyswasfa#run-isyswasfa-start") (param $x i32) (result i32)
    (local $call i32) (local $slot i32)
    (if (i32.eq (local.get $x) (i32.const 13)) (then (unreachable)))
    (if (i32.eq (local.get $x) (i32.const 14)) (then (loop $spin (br $spin))))
    (if (i64.eqz (global.get $key))
      (then
        (global.set $key (call $register))
        (global.set $run (call $name-function (global.get $key) (i32.const 0) (i32.const 3)))))
    (local.set $call (global.get $calls))
    (global.set $calls (i32.add (local.get $call) (i32.const 1)))
    (local.set $slot (call $slot (local.get $call)))
    (i32.store (local.get $slot) (local.get $x))
    (call $wait-start (i64.const 10000000) (i32.const 16))
    (if (i32.eqz (i32.load8_u (i32.const 16))) (then (unreachable)))
    (i32.store offset=4 (local.get $slot) (i32.load (i32.const 20)))
    (call $subscribe (i32.load (i32.const 20)) (global.get $key)
      (i32.add (i32.shl (local.get $call) (i32.const 2)) (i32.const 1)))
    (call $make-task (global.get $key) (global.get $run) (local.get $call) (i32.const 0) (i32.const 24))
    (i32.store offset=8 (local.get $slot) (i32.load (i32.const 28)))
    (i32.store8 (i32.const 32) (i32.const 1))
    (i32.store (i32.const 36) (i32.load (i32.const 24)))
    (i32.const 32))

  (func (export "test:app/api@1.0.0-isyswasfa#run-isyswasfa-result") (param $ready i32) (result i32)
    (i32.load (call $slot (call $finish (global.get $key) (global.get $run) (local.get $ready)))))

  (func $token (param $token i32)
    (local $slot i32)
    (local.set $slot (call $slot (i32.shr_u (local.get $token) (i32.const 2))))
    (if (i32.eq (i32.and (local.get $token) (i32.const 3)) (i32.const 1))
      (then
        (call $wait-result (i32.load offset=4 (local.get $slot)))
        (call $double-start (i32.load (local.get $slot)) (i32.const 48))
        (if (i32.load8_u (i32.const 48))
          (then
            (i32.store offset=4 (local.get $slot) (i32.load (i32.const 52)))
            (call $subscribe (i32.load (i32.const 52)) (global.get $key) (i32.add (local.get $token) (i32.const 1)))
            (return)))
        (i32.store (local.get $slot) (i32.load (i32.const 52))))
      (else
        (i32.store (local.get $slot) (call $double-result (i32.load offset=4 (local.get $slot))))))
    (call $complete (global.get $key) (i32.load offset=8 (local.get $slot))))

  (func (export "test:app/api@1.0.0-isyswasfa#isyswasfa-poll") (result i32)
    (local $event i32)
    (global.set $heap (i32.const 131072))
    (loop $next
      (local.set $event (i32.wrap_i64 (call $next-event (global.get $key))))
      (if (i32.ne (i32.shr_u (local.get $event) (i32.const 30)) (i32.const 3))
        (then
          (if (i32.shr_u (local.get $event) (i32.const 30))
            ;; Cancelled: whatever it waited for is not needed.
            (then (call $drop-pending (i32.load offset=4 (call $slot
              (i32.and (local.get $event) (i32.const 0x3fffffff))))))
            (else (call $token (local.get $event))))
          (br $next))))
    (call $number (global.get $key))))
