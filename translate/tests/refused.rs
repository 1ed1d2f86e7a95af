//! What is refused, in a sentence that names the built-in, the core import that it is, and the exported functions that have it.

use isyswasfa_translate::translate;

/// What is said of a component with the built-in `canon`, whose core type is `signature`, and these functions and exports.
fn refusal(canon: &str, signature: &str, functions: &str, exports: &str) -> String {
    let component = format!(
        r#"(component
          (core module $libc (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
          (core instance $libc (instantiate $libc))
          (core func $built-in (canon {canon}))
          (core func $return (canon task.return))
          (core module $main
            (import "$root" "[built-in]" (func $built-in {signature}))
            (import "$root" "[task-return]" (func $return))
            {functions}
            (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
          (core instance $main (instantiate $main (with "$root" (instance
            (export "[built-in]" (func $built-in)) (export "[task-return]" (func $return))))))
          {exports})"#
    );
    said(&component)
}

fn said(component: &str) -> String {
    let wasm = wat::parse_str(component).expect("valid text");
    let error = translate(&wasm).expect_err("it is refused").to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

/// Exports of async functions without parameters and results.
fn exports(names: &[&str]) -> String {
    let each = names.iter().map(|name| {
        format!(
            r#"(func ${name} async (canon lift (core func $main "{name}") async
              (callback (core func $main "callback"))))
            (export "{name}" (func ${name}))"#
        )
    });
    each.collect()
}

const ONE: &str = r#"(func (export "one") (result i32) (call $inner) (i32.const 0))
    (func (export "two") (result i32) (i32.const 0))
    (func (export "three") (result i32) (call $inner) (i32.const 0))
    (func $inner (call $uses))"#;

#[test]
fn the_functions_that_call_it_are_named() {
    let uses = "(func $uses (drop (call $built-in)))";
    let refused = |names: &[&str]| {
        refusal(
            "thread.index",
            "(result i32)",
            &format!("{ONE} {uses}"),
            &exports(names),
        )
    };
    let what =
        "the component uses the built-in `thread.index`, which has no equal in the split ABI: ";
    let import = r#"as the core import `"$root" "[built-in]"`"#;
    assert_eq!(
        refused(&["one", "two"]),
        format!("{what}the exported function `one` has it {import}")
    );
    assert_eq!(
        refused(&["one", "two", "three"]),
        format!("{what}the exported functions `one`, `three` have it {import}")
    );
    // Of those that do not call it by themselves, only one can be meant.
    assert_eq!(
        refused(&["two"]),
        format!("{what}the exported function `two` has it {import}")
    );
    assert_eq!(
        refused(&[]),
        format!("{what}it is the core import `\"$root\" \"[built-in]\"`")
    );
}

#[test]
fn every_built_in_that_is_refused_is_named() {
    let memory = r#"(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))"#;
    let new = format!("error-context.new {memory}");
    let message = format!("error-context.debug-message {memory}");
    for (name, canon, signature, call) in [
        (
            "error-context.new",
            new.as_str(),
            "(param i32 i32) (result i32)",
            "(drop (call $built-in (i32.const 0) (i32.const 0)))",
        ),
        (
            "error-context.debug-message",
            message.as_str(),
            "(param i32 i32)",
            "(call $built-in (i32.const 0) (i32.const 0))",
        ),
        (
            "error-context.drop",
            "error-context.drop",
            "(param i32)",
            "(call $built-in (i32.const 0))",
        ),
        (
            "thread.suspend",
            "thread.suspend",
            "(result i32)",
            "(drop (call $built-in))",
        ),
        (
            "thread.resume-later",
            "thread.resume-later",
            "(param i32)",
            "(call $built-in (i32.const 0))",
        ),
    ] {
        let functions = format!("{ONE} (func $uses {call})");
        let said = refusal(canon, signature, &functions, &exports(&["two", "three"]));
        let expected = format!(
            "the component uses the built-in `{name}`, which has no equal in the split ABI: the exported function \
             `three` has it as the core import `\"$root\" \"[built-in]\"`"
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn a_built_in_is_found_behind_trampolines() {
    // What needs the memory of a module that is instantiated later is called through a table.
    let component = r#"(component
      (core module $shim
        (table (export "$imports") 1 1 funcref)
        (type $t (func (param i32 i32) (result i32)))
        (func (export "0") (param i32 i32) (result i32)
          (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))))
      (core instance $shim (instantiate $shim))
      (alias core export $shim "0" (core func $zero))
      (core func $return (canon task.return))
      (core module $main
        (import "$root" "[error-context-new-utf8]" (func $new (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "fine") (result i32) (i32.const 0))
        (func (export "fails") (result i32) (call $new (i32.const 0) (i32.const 0)))
        (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
      (core instance $main (instantiate $main (with "$root" (instance
        (export "[error-context-new-utf8]" (func $zero))))))
      (core func $new (canon error-context.new (memory (core memory $main "memory"))))
      (alias core export $shim "$imports" (core table $table))
      (core module $fill
        (import "" "0" (func (param i32 i32) (result i32)))
        (import "" "$imports" (table 1 1 funcref))
        (elem (i32.const 0) func 0))
      (core instance (instantiate $fill (with "" (instance
        (export "0" (func $new)) (export "$imports" (table $table))))))
      (func $fine async (canon lift (core func $main "fine") async (callback (core func $main "callback"))))
      (func $fails async (canon lift (core func $main "fails") async (callback (core func $main "callback"))))
      (instance $api (export "fine" (func $fine)) (export "fails" (func $fails)))
      (export "a:b/c@1.0.0" (instance $api)))"#;
    let said = said(component);
    assert!(
        said.ends_with(
            "`error-context.new`, which has no equal in the split ABI: the exported function `fails` of `a:b/c@1.0.0` has it as \
             the core import `\"$root\" \"[error-context-new-utf8]\"`"
        ),
        "{said}"
    );
}

#[test]
fn a_name_is_shown_harmlessly() {
    let component = r#"(component
      (core func $index (canon thread.index))
      (core func $set (canon waitable-set.new))
      (core module $main (import "a\nb" "\1b[31m" (func $index (result i32)))
        (import "a\nb" "set" (func (result i32)))
        (func (export "run") (drop (call $index))))
      (core instance $main (instantiate $main (with "a\nb" (instance
        (export "\1b[31m" (func $index)) (export "set" (func $set))))))
      (func $run (canon lift (core func $main "run")))
      (export "run" (func $run)))"#;
    let said = said(component);
    assert!(said.contains(r#"`"a\nb" "\u{1b}[31m"`"#), "{said}");
}

#[test]
fn what_is_lifted_without_a_callback_is_named_with_its_interface() {
    let component = r#"(component
      (core module $main (func (export "run")))
      (core instance $main (instantiate $main))
      (func $run async (canon lift (core func $main "run") async))
      (instance $api (export "run" (func $run)))
      (export "a:b/c@1.0.0" (instance $api)))"#;
    let said = said(component);
    assert!(
        said.starts_with("`run` of `a:b/c@1.0.0` is lifted without a callback (stackful)"),
        "{said}"
    );
}

#[test]
fn options_that_differ_are_those_of_a_function() {
    let component = |options: &str| {
        format!(
            r#"(component
              (import "log" (func $log (param "text" string)))
              (core module $libc (memory (export "memory") 1) (memory (export "other") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
              (core instance $libc (instantiate $libc))
              (core func $log (canon lower (func $log) {options}))
              (core func $set (canon waitable-set.new))
              (core module $main (import "host" "log" (func (param i32 i32))) (import "host" "set" (func (result i32)))
                (func (export "run") (param i32 i32)))
              (core instance $main (instantiate $main (with "host" (instance
                (export "log" (func $log)) (export "set" (func $set))))))
              (func $run (param "text" string) (canon lift (core func $main "run") (memory (core memory $libc "memory"))
                (realloc (core func $libc "realloc")) string-encoding=utf8))
              (export "run" (func $run)))"#
        )
    };
    let import = "the core import `\"host\" \"log\"` has the other";
    let said_of = |options: &str| said(&component(options));
    let two = said_of(r#"(memory (core memory $libc "other")) string-encoding=utf8"#);
    assert_eq!(
        two,
        format!("the component passes values in two memories: only one is translated: {import}")
    );
    let wide = said_of(r#"(memory (core memory $libc "memory")) string-encoding=utf16"#);
    assert!(wide.ends_with(import), "{wide}");
}
