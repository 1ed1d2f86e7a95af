;; `attack(how)`: breaks one rule of the split ABI.
(module
  (import "isyswasfa:core/tasks@0.1.0" "register" (func $register (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "mailbox" (func $mailbox (param i64) (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "link" (func $link (param i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "name-function" (func $name-function (param i64 i32 i32) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "make-task" (func $make-task (param i64 i32 i32 i32 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "complete" (func $complete (param i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "finish" (func $finish (param i64 i32 i32) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "subscribe" (func $subscribe (param i32 i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "post" (func $post (param i64 i32)))
  (import "isyswasfa:core/tasks@0.1.0" "next-event" (func $next-event (param i64) (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "wake" (func $wake (param i64)))
  (import "test:misuse/victim@1.0.0-isyswasfa" "one-isyswasfa-start" (func $one-start (param i32)))
  (import "test:misuse/victim@1.0.0-isyswasfa" "one-isyswasfa-result" (func $one-result (param i32) (result i32)))
  (import "test:misuse/victim@1.0.0-isyswasfa" "other-isyswasfa-start" (func $other-start (param i32)))
  (import "test:misuse/victim@1.0.0-isyswasfa" "other-isyswasfa-result" (func $other-result (param i32) (result i32)))
  (import "other-victim" "one-isyswasfa-start" (func $host-start (param i32)))
  (import "other-victim" "one-isyswasfa-result" (func $host-result (param i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "attack")
  (global $key (mut i64) (i64.const 0))
  (global $attack (mut i32) (i32.const 0))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))

  ;; The handle of a task of `one`, which is done, of `other`, which isn't, and of a function of the host, which isn't.
  (func $one (result i32) (call $one-start (i32.const 32)) (i32.load (i32.const 36)))
  (func $other (result i32) (call $other-start (i32.const 32)) (i32.load (i32.const 36)))
  (func $host (result i32) (call $host-start (i32.const 32)) (i32.load (i32.const 36)))

  (table funcref (elem
    $result-before-it-is-done $result-of-another-function $result-twice $forged-handle
    $result-of-the-host-before-it-is-done $guest-task-for-the-host $host-task-for-a-guest
    $finish-anothers $complete-anothers $complete-twice $anothers-function
    $guessed-key $guessed-mailbox $key-as-mailbox $mailbox-as-key $unknown-child $large-token $large-key
    $events-of-another))
  (type $attack (func))

  (func $result-before-it-is-done (drop (call $other-result (call $other))))
  (func $result-of-another-function (drop (call $other-result (call $one))))
  (func $result-twice
    (local $task i32)
    (local.set $task (call $one))
    (if (i32.ne (call $one-result (local.get $task)) (i32.const 5)) (then (unreachable)))
    (drop (call $one-result (local.get $task))))
  (func $forged-handle (drop (call $one-result (i32.const 77))))
  (func $result-of-the-host-before-it-is-done (drop (call $host-result (call $host))))
  (func $guest-task-for-the-host (drop (call $host-result (call $one))))
  (func $host-task-for-a-guest (drop (call $one)) (drop (call $one-result (call $host))))
  (func $finish-anothers (drop (call $finish (global.get $key) (global.get $attack) (call $one))))
  (func $complete-anothers (drop (call $other)) (call $complete (global.get $key) (i32.const 0)))
  (func $complete-twice
    (call $make-task (global.get $key) (global.get $attack) (i32.const 1) (i32.const 0) (i32.const 16))
    (call $complete (global.get $key) (i32.load (i32.const 20)))
    (call $complete (global.get $key) (i32.load (i32.const 20))))
  (func $anothers-function
    ;; The victim's first function has the number 2: ours was named before.
    (drop (call $one))
    (call $make-task (global.get $key) (i32.const 2) (i32.const 1) (i32.const 0) (i32.const 16)))
  (func $guessed-key (call $wake (i64.const 1)))
  (func $guessed-mailbox (call $post (i64.const 1) (i32.const 1)))
  (func $key-as-mailbox (call $post (global.get $key) (i32.const 1)))
  (func $mailbox-as-key (call $wake (call $mailbox (global.get $key))))
  (func $unknown-child (call $link (global.get $key) (i32.const 9)))
  (func $large-token (call $subscribe (call $other) (global.get $key) (i32.const 0x40000000)))
  (func $large-key
    (call $make-task (global.get $key) (global.get $attack) (i32.const 0x40000000) (i32.const 0) (i32.const 16)))
  ;; The victim registered second, so this differs from its key in the secret half only.
  (func $events-of-another
    (drop (call $one))
    (drop (call $next-event (i64.add (global.get $key) (i64.const 1)))))

  (func (export "attack") (param $how i32)
    (global.set $key (call $register))
    (global.set $attack (call $name-function (global.get $key) (i32.const 0) (i32.const 6)))
    (call_indirect (type $attack) (local.get $how))))
