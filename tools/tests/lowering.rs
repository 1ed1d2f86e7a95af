//! Tests of `lower` with small components whose code does nothing, and of its refusals.

mod mutation;

use isyswasfa_tools::abi::Shape;
use isyswasfa_tools::lower::{Error, Lowered, Options};
use isyswasfa_tools::{Advice, Artifact};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3};
use mutation::corpus::{as_written, split, split_beside};
use std::path::Path;
use wit_parser::Resolve;

fn lower(wasm: &[u8]) -> Result<Lowered, Error> {
    let artifact = Artifact::new("guest.wasm", wasm.to_vec()).unwrap();
    isyswasfa_tools::lower::lower(&artifact, &Options::default())
}

fn exports(wasm: &[u8]) -> Vec<String> {
    Shape::read(Path::new("lowered.wasm"), wasm)
        .unwrap()
        .exports
}

/// Why a component of the world `w` is refused: one sentence, and advice.
#[track_caller]
fn refused(wit: &str) -> String {
    why(&split(wit, "w"))
}

/// Why a component is refused: one sentence, and advice.
#[track_caller]
fn why(wasm: &[u8]) -> String {
    match lower(wasm) {
        Ok(_) => panic!("it is lowered"),
        Err(error @ Error::Internal { .. }) => panic!("internal error: {error}"),
        Err(error) => {
            let what = error.to_string();
            assert!(error.help().is_some(), "{error}");
            assert!(!what.contains('\n'), "{error}");
            what
        }
    }
}

#[test]
fn the_async_command_replaces_the_toolchains_own() {
    let wit = "
        package wasi:cli@0.3.2;
        interface run { run: async func() -> result; }
        world w { export run; export wasi:cli/run@0.2.6; export other: func() -> u32; }
        package wasi:cli@0.2.6 { interface run { run: func() -> result; } }
    ";
    let lowered = lower(&split(wit, "w")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lowered.left_out, ["wasi:cli/run@0.2.6"]);
    let mut exports = exports(&lowered.wasm);
    exports.sort();
    assert_eq!(exports, ["other", "wasi:cli/run@0.2.0"]);
}

#[test]
fn the_async_handler_takes_the_place_of_the_one_of_0_2() {
    let mut resolve = Resolve::default();
    WASI_0_2.push(&mut resolve).unwrap();
    WASI_0_3.push(&mut resolve).unwrap();
    let wit = "
        package a:b;
        world w { export wasi:http/handler@0.3.2; export wasi:http/incoming-handler@0.2.12; }
    ";
    let lowered = lower(&split_beside(resolve, wit, "w")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lowered.left_out, ["wasi:http/incoming-handler@0.2.12"]);
    assert_eq!(exports(&lowered.wasm), ["wasi:http/incoming-handler@0.2.0"]);
}

#[test]
fn an_async_interface_takes_the_place_of_its_sync_twin() {
    let wit = "
        package a:b@1.0.0;
        interface api { run: async func(a: u32) -> string; }
        world w { export api; }
    ";
    let lowered = lower(&split(wit, "w")).unwrap_or_else(|error| panic!("{error}"));
    assert!(lowered.left_out.is_empty());
    assert_eq!(exports(&lowered.wasm), ["a:b/api@1.0.0"]);
}

#[test]
fn streams_stay_between_guests() {
    for world in [
        "export pass: func(s: stream<u8>) -> stream<u8>;",
        "export pass: async func(s: stream<u8>) -> u32;",
        "export pass: func(s: list<option<future<string>>>);",
        "import pass: func() -> tuple<u8, stream<u32>>; export run: async func();",
        "import pass: async func() -> future; export run: async func();",
    ] {
        let what = refused(&format!("package p:n; world w {{ {world} }}"));
        assert!(what.contains("`pass`"), "{what}");
        assert!(
            what.contains("has a stream or a future in its signature"),
            "{world}: {what}"
        );
    }
}

#[test]
fn halves_that_do_not_fit_each_other_are_refused() {
    const START: &str = "run-isyswasfa-start: func(a: u32) -> result<u32, pending>;";
    const RESULT: &str = "run-isyswasfa-result: func(ready: ready) -> u32;";
    const POLL: &str = "isyswasfa-poll: func() -> u32;";
    let interface = |functions: &[&str], direction: &str| {
        let functions = functions.concat();
        as_written(
            &format!(
                "package p:n@1.0.0-isyswasfa;
                 interface i {{ use isyswasfa:core/tasks@0.1.0.{{pending, ready}}; {functions} }}
                 world w {{ {direction} i; export other: func(); }}"
            ),
            "w",
        )
    };
    assert!(lower(&interface(&[START, RESULT, POLL], "export")).is_ok());
    assert!(lower(&interface(&[START, POLL], "import")).is_ok());
    for (functions, direction, expected) in [
        (
            &[START, POLL][..],
            "export",
            "`run-isyswasfa-start` has no second half",
        ),
        (
            &[
                START,
                "run-isyswasfa-result: func(ready: ready) -> string;",
                POLL,
            ],
            "export",
            "`run-isyswasfa-result` has another type than `run-isyswasfa-start` promises",
        ),
        (
            &[START, "run-isyswasfa-result: func() -> u32;", POLL],
            "import",
            "`run-isyswasfa-result` has another type",
        ),
        (
            &[START, RESULT],
            "export",
            "`run-isyswasfa-start` is there without `isyswasfa-poll`",
        ),
        (
            &[RESULT, POLL],
            "export",
            "`run-isyswasfa-result` has no first half",
        ),
    ] {
        let what = why(&interface(functions, direction));
        assert!(what.contains("`p:n/i@1.0.0-isyswasfa`"), "{what}");
        assert!(what.contains(expected), "{expected}: {what}");
    }
}

#[test]
fn halves_of_the_world_itself_have_to_fit_too() {
    let world = |functions: &str| {
        as_written(
            &format!(
                "package p:n;
                 world w {{ use isyswasfa:core/tasks@0.1.0.{{pending, ready}}; {functions} }}"
            ),
            "w",
        )
    };
    let start = "export run-isyswasfa-start: func(a: u32) -> result<u32, pending>;";
    let result = "export run-isyswasfa-result: func(ready: ready) -> u32;";
    let poll = "export run-isyswasfa-poll: func() -> u32;";
    let whole = world(&format!("{start}{result}{poll}"));
    lower(&whole).unwrap_or_else(|error| panic!("{error}"));
    for (functions, expected) in [
        (
            format!("{start}{poll}"),
            "`run-isyswasfa-start` has no second half",
        ),
        (format!("{start}{result}"), "without `run-isyswasfa-poll`"),
    ] {
        let what = why(&world(&functions));
        assert!(what.contains("`the world itself`"), "{what}");
        assert!(what.contains(expected), "{expected}: {what}");
    }
}

#[test]
fn a_pipe_has_the_functions_of_a_pipe() {
    let pipe = |functions: &str| {
        let wit = format!(
            "package isyswasfa:pipes@0.1.0;
             interface future-u8 {{
               use isyswasfa:core/bytes@0.1.0.{{status}};
               resource reader {{
                 read: func(mailbox: u64, token: u32, max: u32) -> result<list<u8>, status>;
               }}
               resource writer;
               new: func() -> tuple<writer, reader>;
               {functions}
             }}
             world w {{ import future-u8; export other: func(); }}"
        );
        as_written(&wit, "w")
    };
    assert!(lower(&pipe("")).is_ok());
    for (function, expected) in [
        ("same: func(a: u32);", "`same` is no function of a pipe"),
        (
            "resource third { read: func(); }",
            "`[method]third.read` is no function of a pipe",
        ),
    ] {
        let what = why(&pipe(function));
        assert!(what.contains("`isyswasfa:pipes/future-u8@0.1.0`"), "{what}");
        assert!(what.contains(expected), "{expected}: {what}");
    }
}

#[test]
fn methods_of_the_worlds_own_resources_are_refused() {
    let what = refused(
        "package p:n; world w { import r: interface { resource x; } resource mine { wait: async func(); } export run: async func(); }",
    );
    assert!(
        what.contains("only free functions can be lowered"),
        "{what}"
    );
}

#[test]
fn an_import_of_types_alone_is_no_import_of_functions() {
    let wit = "
        package p:n@1.0.0;
        interface logic { enum code { a, b } csv: async func(id: string) -> result<string, code>; }
        interface convert { use logic.{code}; convert: async func(x: string) -> result<string, code>; }
        world w { import convert; export logic; }
    ";
    let lowered = lower(&split(wit, "w")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(exports(&lowered.wasm), ["p:n/logic@1.0.0"]);
    let shape = Shape::read(Path::new("lowered.wasm"), &lowered.wasm).unwrap();
    let own = shape.imports.iter().filter(|name| name.starts_with("p:n/"));
    let own: Vec<_> = own.collect();
    assert!(own.contains(&&"p:n/convert@1.0.0".to_owned()), "{own:?}");
}

#[test]
fn text_is_read_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("add.wat");
    std::fs::write(
        &file,
        "(component (import \"wasi:cli/exit@0.2.0\" (instance)))",
    )
    .unwrap();
    let artifact = Artifact::open(&file).unwrap();
    assert_eq!(artifact.shape().imports, ["wasi:cli/exit@0.2.0"]);
    let error = isyswasfa_tools::lower::lower(&artifact, &Options::default()).unwrap_err();
    assert!(matches!(error, Error::Plain { .. }), "{error}");
    std::fs::write(&file, "(component (import").unwrap();
    let error = Artifact::open(&file).unwrap_err();
    assert!(error.to_string().contains("text"), "{error}");
}
