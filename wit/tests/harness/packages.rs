//! Random WIT packages, and what must hold for the split of each of their worlds.

use super::try_check;
use arbitrary::Unstructured;
use isyswasfa_wit::{Refused, Split};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};
use wit_smith::Config;

/// The package that `bytes` stand for, if they stand for one. `error_context`: with that type, which no split has.
#[allow(dead_code)] // not every test uses all of the harness
pub fn package(bytes: &[u8], error_context: bool) -> Option<Resolve> {
    let config = Config {
        max_packages: 4,
        max_type_size: 40,
        max_interface_items: 8,
        max_world_items: 8,
        max_pkg_items: 6,
        max_type_parts: 4,
        max_files_per_package: 2,
        max_resource_items: 4,
        async_: true,
        futures: true,
        streams: true,
        error_context,
        fixed_length_lists: true,
        // `wit-smith` cannot do this without panicking; an `include` is gone once WIT is parsed, anyway.
        world_include: false,
        implements: true,
        canonical_names: false,
    };
    let wasm = wit_smith::smith(&config, &mut Unstructured::new(bytes)).ok()?;
    match wit_component::decode(&wasm).expect("what was made is well-formed") {
        DecodedWasm::WitPackage(resolve, _) => Some(resolve),
        DecodedWasm::Component(..) => unreachable!("a package was made"),
    }
}

/// What became of a world.
#[allow(dead_code)]
pub enum Checked {
    /// Its split is valid.
    Split(Split),
    /// Its split is valid, but more than `wit-component` can encode.
    NotEncodable(Split),
    Refused(Refused),
}

/// Splits a world, and checks the split.
///
/// # Errors
/// What is wrong with the split, and its text.
#[allow(dead_code)]
pub fn check(resolve: &Resolve, world: WorldId) -> Result<Checked, String> {
    let split = match isyswasfa_wit::split(resolve, world) {
        Ok(split) => split,
        Err(refused) => return Ok(Checked::Refused(refused)),
    };
    match try_check(&split) {
        Ok(_) => Ok(Checked::Split(split)),
        // `wit-component` makes one name of `[static]x.xy` and `[static]xx.y` in what it puts around exports.
        Err((error, _)) if error.contains("import name `import-") => {
            Ok(Checked::NotEncodable(split))
        }
        Err((error, text)) => Err(format!("{error}\n{text}")),
    }
}
