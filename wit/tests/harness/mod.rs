//! What must hold of every split, checked for every split that a test makes.

mod layout;
pub mod packages;

use isyswasfa_wit::{Split, print};
use std::fmt::Debug;
use wasmparser::{Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, PackageId, Resolve, WorldId};

/// Checks `split`, and answers its text.
#[track_caller]
#[allow(dead_code)] // not every test uses all of the harness
pub fn check(split: &Split) -> String {
    try_check(split).unwrap_or_else(|(error, text)| panic!("{error}\n{text}"))
}

/// Checks `split`, and answers its text, or what is wrong and the text.
pub fn try_check(split: &Split) -> Result<String, (String, String)> {
    split.resolve.assert_valid();
    let text = print(split);
    let wrong = |error: String| (error, text.clone());
    layout::check(split).map_err(wrong)?;
    encodes(&split.resolve, split.world).map_err(wrong)?;

    // What is printed is what was meant: reading it and printing it again changes nothing.
    let (again, package) = read(&text);
    let name = &split.resolve.worlds[split.world].name;
    let world = again.packages[package].worlds[name];
    let split_again =
        isyswasfa_wit::split(&again, world).map_err(|error| wrong(error.to_string()))?;
    if split_again.world != world {
        return Err(wrong("a split changes when it is split".to_owned()));
    }
    let printed = print(&split_again);
    if printed != text {
        let mut lines = printed.lines().zip(text.lines());
        let line = lines.find(|(again, once)| again != once);
        return Err(wrong(format!(
            "the text changes when it is read and printed again: {line:#?}"
        )));
    }
    encodes(&again, world).map_err(wrong)?;
    wit_component::encode(&again, package, false).map_err(|error| wrong(format!("{error:?}")))?;
    Ok(text)
}

/// Everything that an engine of WASI 0.2 knows, and nothing else.
fn engine_of_0_2() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL
}

/// Encodes a component of `world` whose functions do nothing, and validates it.
fn encodes(resolve: &Resolve, world: WorldId) -> Result<(), String> {
    fn said(error: impl Debug) -> String {
        format!("{error:?}")
    }
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false)
        .map_err(said)?;
    let mut encoder = ComponentEncoder::default();
    encoder.validate(false).module(&module).map_err(said)?;
    let component = encoder.encode().map_err(said)?;
    let mut validator = Validator::new_with_features(engine_of_0_2());
    validator.validate_all(&component).map_err(said)?;
    Ok(())
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
