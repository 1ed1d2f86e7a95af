//! What must hold of every split, checked for every split that a test makes.

use isyswasfa_wit::{Split, print};
use wasmparser::{Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, PackageId, Resolve, WorldId};

/// Checks `split`, and answers its text.
#[track_caller]
pub fn check(split: &Split) -> String {
    split.resolve.assert_valid();
    let text = print(split);
    encodes(&split.resolve, split.world, &text);

    // What is printed is what was meant: reading it and printing it again changes nothing.
    let (again, package) = read(&text);
    let name = &split.resolve.worlds[split.world].name;
    let world = again.packages[package].worlds[name];
    let printed = reprint(&again, world);
    let mut lines = printed.lines().zip(text.lines());
    let changed = lines.find(|(again, once)| again != once);
    assert!(
        printed == text,
        "the text of a split changes when it is read and printed again: {changed:#?}"
    );
    encodes(&again, world, &text);
    wit_component::encode(&again, package, false)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    text
}

/// Everything that an engine of WASI 0.2 knows, and nothing else.
pub fn engine_of_0_2() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL
}

/// Encodes a component of `world` whose functions do nothing, and validates it.
fn encodes(resolve: &Resolve, world: WorldId, text: &str) {
    let fail = |error: &dyn std::fmt::Debug| -> ! { panic!("{error:?}\n{text}") };
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false)
        .unwrap_or_else(|error| fail(&error));
    let component = ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(false).encode())
        .unwrap_or_else(|error| fail(&error));
    let mut validator = Validator::new_with_features(engine_of_0_2());
    validator
        .validate_all(&component)
        .unwrap_or_else(|error| fail(&error));
}

/// Reads one text of WIT.
pub fn read(text: &str) -> (Resolve, PackageId) {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let package = resolve.push_source("test.wit", text);
    let package =
        package.unwrap_or_else(|error| panic!("{}\n{text}", resolve.render_error(&error)));
    (resolve, package)
}

fn reprint(resolve: &Resolve, world: WorldId) -> String {
    let split = isyswasfa_wit::split(resolve, world).expect("a split has a split");
    assert_eq!(split.world, world, "a split changes when it is split");
    print(&split)
}
