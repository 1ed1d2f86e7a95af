//! Translates native WASI 0.3 components to the split ABI.

mod component;
mod error;
mod glue;
mod key;
mod late;
mod module;
mod plan;
mod splice;
mod stub;
mod wasi;
mod world;

pub use error::{Error, Result};

use wasmparser::{Validator, WasmFeatures};

/// The split component that does what the native component in `bytes` does.
///
/// # Errors
/// If `bytes` are no native component, or one that cannot be translated: the error says what is in the way.
pub fn translate(bytes: &[u8]) -> Result<Vec<u8>> {
    let types = Validator::new_with_features(WasmFeatures::all()).validate_all(bytes)?;
    let component = component::read(bytes)?;
    let world = world::World::read(bytes, &|_| false)?;
    let exports = component.exports.iter().map(|export| export.name);
    let imports = component.imports.iter().copied();
    let binary = key::Binary::new(types.as_ref(), imports, exports);
    let plan = plan::Plan::new(&component, &binary, &world)?;
    let stub = stub::component(
        &world,
        plan.encoding,
        &plan.glue.used,
        plan.glue
            .exports
            .iter()
            .map(|(name, signature, _)| (name.as_str(), signature)),
    )?;
    let translated = splice::splice(&stub, plan)?;
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(&translated)
        .map_err(|error| Error::internal(format!("the translated component is invalid: {error}")))?;
    Ok(translated)
}
