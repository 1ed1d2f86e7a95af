;; A service by hand: answers at once, and writes `hello` as often as the request's first header value has bytes.
;; The guest's tokens: 1 for the body, 2 for the trailers.
(module
  (import "isyswasfa:core/tasks@0.1.0" "register" (func $register (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "mailbox" (func $mailbox (param i64) (result i64)))
  (import "isyswasfa:core/tasks@0.1.0" "number" (func $number (param i64) (result i32)))
  (import "isyswasfa:core/tasks@0.1.0" "next-event" (func $next-event (param i64) (result i64)))
  (import "isyswasfa:core/bytes@0.1.0" "new" (func $new-bytes (param i32)))
  (import "isyswasfa:core/bytes@0.1.0" "[method]writer.write" (func $write (param i32 i64 i32 i32 i32 i32)))
  (import "isyswasfa:core/bytes@0.1.0" "[method]writer.written" (func $written (param i32 i64 i32 i32)))
  (import "isyswasfa:core/bytes@0.1.0" "[resource-drop]writer" (func $drop-bytes (param i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[method]request.get-headers" (func $get-headers (param i32) (result i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[method]fields.copy-all" (func $copy-all (param i32 i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[constructor]fields" (func $new-fields (result i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[resource-drop]fields" (func $drop-fields (param i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[resource-drop]request" (func $drop-request (param i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[static]response.new" (func $response (param i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "future-result-x71b95e511e2650ec-new" (func $new-trailers (param i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[method]future-result-x71b95e511e2650ec-writer.write"
    (func $write-trailers (param i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.3.2-isyswasfa" "[resource-drop]future-result-x71b95e511e2650ec-writer"
    (func $drop-trailers (param i32)))
  (import "isyswasfa:pipes/future-result-x643fb67c302adb50@0.1.0" "[resource-drop]reader" (func $drop-reader (param i32)))

  (memory (export "memory") 16)
  (data (i32.const 1024) "hello")
  (data (i32.const 1040) "x-kind")
  (global $key (mut i64) (i64.const 0))
  (global $box (mut i64) (i64.const 0))
  (global $off (mut i32) (i32.const 0))
  (global $heap (mut i32) (i32.const 131072))
  ;; One request at a time.
  (global $left (mut i32) (i32.const 0))
  (global $bytes (mut i32) (i32.const 0))
  (global $trailers (mut i32) (i32.const 0))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $heap))
    (global.set $heap (i32.add (local.get $at) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
    (local.get $at))

  ;; Whether something was taken at 64.
  (func $taken (result i32)
    (i32.eqz (i32.load8_u (i32.const 64))))
  (func $blocked (result i32)
    (i32.and
      (i32.eq (i32.load8_u (i32.const 64)) (i32.const 1))
      (i32.eqz (i32.load8_u (i32.const 68)))))

  ;; What was taken of the word counts; a whole word more.
  (func $advance
    (global.set $off (i32.add (global.get $off) (i32.load (i32.const 68))))
    (if (i32.eq (global.get $off) (i32.const 5)) (then
      (global.set $off (i32.const 0))
      (global.set $left (i32.sub (global.get $left) (i32.const 1))))))

  ;; Writes until it blocks; at the end, or when nobody reads, ends the body.
  (func $go-on
    (block $stop
      (loop $again
        (if (i32.eqz (global.get $left)) (then (br $stop)))
        (call $write (global.get $bytes) (global.get $box) (i32.const 1)
          (i32.add (i32.const 1024) (global.get $off)) (i32.sub (i32.const 5) (global.get $off)) (i32.const 64))
        (if (call $blocked) (then (return)))
        (if (i32.eqz (call $taken)) (then (br $stop)))
        (call $advance)
        (br $again)))
    (call $end))

  (func $end
    (local $fields i32)
    (call $drop-bytes (global.get $bytes))
    (memory.fill (i32.const 512) (i32.const 0) (i32.const 128))
    ;; Ok(Some(fields)) with `x-kind: hello`, if there were any bytes.
    (local.set $fields (call $new-fields))
    (call $append (local.get $fields) (i32.const 1040) (i32.const 6) (i32.const 1024) (i32.const 5) (i32.const 700))
    (i32.store8 (i32.const 520) (i32.const 1))
    (i32.store (i32.const 524) (local.get $fields))
    (call $write-trailers (global.get $trailers) (global.get $box) (i32.const 2) (i32.const 512) (i32.const 1)
      (i32.const 80))
    (call $drop-trailers (global.get $trailers)))

  (func (export "wasi:http/handler@0.3.2-isyswasfa#handle-isyswasfa-start") (param $request i32) (result i32)
    (local $headers i32)
    (global.set $heap (i32.const 131072))
    (if (i64.eqz (global.get $key)) (then
      (global.set $key (call $register))
      (global.set $box (call $mailbox (global.get $key)))))
    (local.set $headers (call $get-headers (local.get $request)))
    (call $copy-all (local.get $headers) (i32.const 16))
    (global.set $left (i32.const 1))
    (if (i32.load (i32.const 20))
      ;; The length of the first entry's value.
      (then (global.set $left (i32.load offset=12 (i32.load (i32.const 16))))))
    (call $drop-fields (local.get $headers))
    (call $drop-request (local.get $request))
    (call $new-bytes (i32.const 32))
    (global.set $bytes (i32.load (i32.const 32)))
    (call $new-trailers (i32.const 40))
    (global.set $trailers (i32.load (i32.const 40)))
    (call $response (call $new-fields) (i32.const 1) (i32.load (i32.const 36)) (i32.load (i32.const 44)) (i32.const 48))
    (call $drop-reader (i32.load (i32.const 52)))
    (call $go-on)
    (memory.fill (i32.const 256) (i32.const 0) (i32.const 64))
    (i32.store (i32.const 272) (i32.load (i32.const 48)))
    (i32.const 256))

  (func (export "wasi:http/handler@0.3.2-isyswasfa#handle-isyswasfa-result") (param i32) (result i32)
    (unreachable))

  (func (export "wasi:http/handler@0.3.2-isyswasfa#isyswasfa-poll") (result i32)
    (local $event i32)
    (global.set $heap (i32.const 131072))
    (loop $next
      (local.set $event (i32.wrap_i64 (call $next-event (global.get $key))))
      (if (i32.ne (i32.shr_u (local.get $event) (i32.const 30)) (i32.const 3))
        (then
          (if (i32.eq (local.get $event) (i32.const 1))
            (then
              (call $written (global.get $bytes) (global.get $box) (i32.const 1) (i32.const 64))
              (if (call $taken)
                (then (call $advance) (call $go-on))
                (else
                  (if (i32.eqz (call $blocked)) (then (call $end)))))))
          (br $next))))
    (call $number (global.get $key))))
