//! What `lower` makes of small components whose code does nothing, and what it refuses.

mod mutation;

use isyswasfa_tools::abi::Shape;
use isyswasfa_tools::lower::{Error, Lowered, Options};
use isyswasfa_tools::{Advice, Artifact};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3};
use mutation::corpus::{split, split_beside};
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
    match lower(&split(wit, "w")) {
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
fn the_async_command_takes_the_place_of_the_toolchains_own() {
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
