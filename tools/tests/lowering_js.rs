//! Tests of `lower --for js` with small components whose code does nothing, and of its refusals. `tests/js` runs real ones.

mod mutation;

use isyswasfa_tools::abi::Shape;
use isyswasfa_tools::lower::{Error, lower_for_js};
use isyswasfa_tools::{Advice, Artifact};
use isyswasfa_wit::wasi::WASI_0_3;
use mutation::corpus::{split, split_beside};
use std::path::Path;
use wit_parser::Resolve;

fn lower(wasm: &[u8]) -> Result<Shape, Error> {
    let artifact = Artifact::new("guest.wasm", wasm.to_vec()).unwrap();
    let lowered = lower_for_js(&artifact, false)?;
    Ok(Shape::read(Path::new("lowered.wasm"), &lowered.wasm).unwrap())
}

/// A component of the world `w` in WIT that may use WASI 0.3.
fn with_wasi(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    WASI_0_3.push(&mut resolve).unwrap();
    split_beside(resolve, wit, "w")
}

#[test]
fn what_a_browser_lacks_is_named_by_import() {
    let both = with_wasi(
        "package a:b;
         world w {
             import wasi:filesystem/preopens@0.3.2;
             import wasi:sockets/types@0.3.2;
             export run: async func();
         }",
    );
    let error = lower(&both).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`guest.wasm` imports `wasi:filesystem/types@0.3.2-isyswasfa`, \
         `wasi:filesystem/preopens@0.3.2-isyswasfa`, `wasi:sockets/types@0.3.2-isyswasfa`: \
         a browser has no file system and no sockets"
    );
    assert!(error.help().is_some());
}

#[test]
fn async_functions_keep_their_halves_and_nothing_of_0_3_is_imported() {
    let wit = "
        package a:b@1.0.0;
        interface api { run: async func(a: u32, s: stream<u8>) -> result<string, u8>; }
        world w { import wasi:clocks/monotonic-clock@0.3.2; import api; export api; }
    ";
    let shape = lower(&with_wasi(wit)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        shape.exports,
        ["a:b/api@1.0.0-isyswasfa", "isyswasfa:js/about@0.1.0"]
    );
    assert!(
        shape
            .imports
            .contains(&"a:b/api@1.0.0-isyswasfa".to_owned())
    );
    assert!(
        shape
            .imports
            .contains(&"isyswasfa:core/tasks@0.1.0".to_owned())
    );
    let of_0_3 = |name: &&String| name.starts_with("wasi:") && name.contains("@0.3");
    assert_eq!(shape.imports.iter().find(of_0_3), None);
}

#[test]
fn requests_and_responses_stay_inside() {
    let wit = "package a:b; world w { export wasi:http/handler@0.3.2; }";
    let shape = lower(&with_wasi(wit)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        shape.exports,
        ["isyswasfa:js/serve@0.1.0", "isyswasfa:js/about@0.1.0"]
    );
}

#[test]
fn a_handler_that_calls_another_one_has_to_be_composed() {
    let wit = "
        package a:b;
        world w { import wasi:http/handler@0.3.2; export wasi:http/handler@0.3.2; }
    ";
    let error = lower(&with_wasi(wit)).unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
}

#[test]
fn a_component_that_exports_nothing_is_refused() {
    let error = lower(&split(
        "package a:b; world w { import run: async func(); }",
        "w",
    ));
    assert!(matches!(error, Err(Error::NoExports { .. })), "{error:?}");
}
