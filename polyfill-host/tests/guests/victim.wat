;; The functions `one`, whose task is done when its caller gets it, and `other`, whose task never is.
(module
  (import "isyswasfa:core/tasks@0.1.0" "register" (func $register (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "number" (func $number (param i64) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "name-function" (func $name-function (param i64 i32 i32) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "make-task" (func $make-task (param i64 i32 i32 i32 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "complete" (func $complete (param i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "finish" (func $finish (param i64 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "oneother")
  (global $key (mut i64) (i64.const 0))
  (global $one (mut i32) (i32.const 0))
  (global $other (mut i32) (i32.const 0))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))

  (func $make (param $function i32)
    (call $make-task (global.get $key) (local.get $function) (i32.const 5) (i32.const 0) (i32.const 16))
    (i32.store8 (i32.const 32) (i32.const 1))
    (i32.store (i32.const 36) (i32.load (i32.const 16))))

  (func $start
    (if (i64.eqz (global.get $key))
      (then
        (global.set $key (call $register))
        (global.set $one (call $name-function (global.get $key) (i32.const 0) (i32.const 3)))
        (global.set $other (call $name-function (global.get $key) (i32.const 3) (i32.const 5))))))

  (func (export "test:misuse/victim@1.0.0-isyswasfa#one-isyswasfa-start") (result i32)
    (call $start)
    (call $make (global.get $one))
    (call $complete (global.get $key) (i32.load (i32.const 20)))
    (i32.const 32))

  (func (export "test:misuse/victim@1.0.0-isyswasfa#one-isyswasfa-result") (param $ready i32) (result i32)
    (call $finish (global.get $key) (global.get $one) (local.get $ready)))

  (func (export "test:misuse/victim@1.0.0-isyswasfa#other-isyswasfa-start") (result i32)
    (call $start)
    (call $make (global.get $other))
    (i32.const 32))

  (func (export "test:misuse/victim@1.0.0-isyswasfa#other-isyswasfa-result") (param $ready i32) (result i32)
    (call $finish (global.get $key) (global.get $other) (local.get $ready)))

  (func (export "test:misuse/victim@1.0.0-isyswasfa#isyswasfa-poll") (result i32)
    (call $number (global.get $key))))
