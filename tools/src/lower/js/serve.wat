;; Serves HTTP for JavaScript: a request of WASI 0.2 becomes a call of the guests' handler, whose answer goes where JavaScript
;; wants it. Nothing here waits: if the guests have no answer yet, JavaScript gets the `pending`, and comes back when it is done.
(module
  (import "isyswasfa:adapter/incoming@0.1.0-isyswasfa" "receive" (func $receive (param i32) (result i32)))
  (import "isyswasfa:adapter/incoming@0.1.0-isyswasfa" "answer" (func $answer (param i32 i32 i32 i32) (result i32)))
  (import "isyswasfa:adapter/incoming@0.1.0-isyswasfa" "give-up" (func $give-up (param i32)))
  (import "isyswasfa:adapter/incoming@0.1.0-isyswasfa" "isyswasfa-poll" (func $poll-adapter (result i32)))
  (import "wasi:http/handler@0.3.2-isyswasfa" "handle-isyswasfa-start" (func $start (param i32 i32)))
  (import "wasi:http/handler@0.3.2-isyswasfa" "handle-isyswasfa-result" (func $result (param i32 i32)))
  (import "wasi:http/handler@0.3.2-isyswasfa" "isyswasfa-poll" (func $poll-guests (result i32)))

  ;; At 8: `result<result<response, error-code>, pending>`, 96 bytes, with the payload at 16. At 128: what `start` returns. From 256
  ;; on: strings of an error, until the next call.
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 256))

  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
        unreachable))
    (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
    (local.get $at))

  (func (export "isyswasfa:js/serve@0.1.0#start") (param $request i32) (param $out i32) (param $is-head i32) (result i32)
    (global.set $free (i32.const 256))
    (call $start (call $receive (local.get $request)) (i32.const 8))
    (i32.store8 (i32.const 128) (i32.load8_u (i32.const 8)))
    (if (i32.load8_u (i32.const 8))
      (then
        (i32.store (i32.const 132) (i32.load (i32.const 16)))
        (i32.store (i32.const 136) (local.get $out)))
      (else
        (i32.store (i32.const 132)
          (call $answer (local.get $out) (i32.const 16) (i32.const 1) (local.get $is-head)))))
    (i32.const 128))

  (func (export "isyswasfa:js/serve@0.1.0#finish") (param $done i32) (param $out i32) (param $is-head i32) (result i32)
    (global.set $free (i32.const 256))
    (call $result (local.get $done) (i32.const 16))
    (call $answer (local.get $out) (i32.const 16) (i32.const 1) (local.get $is-head)))

  (func (export "isyswasfa:js/serve@0.1.0#give-up") (param $answer i32)
    (call $give-up (local.get $answer)))

  (func (export "isyswasfa:js/serve@0.1.0#poll-guests") (result i32)
    (call $poll-guests))

  (func (export "isyswasfa:js/serve@0.1.0#poll-adapter") (result i32)
    (call $poll-adapter)))
