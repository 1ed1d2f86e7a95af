//! Translates native WASI 0.3 components to the split ABI.

mod component;
mod error;
mod glue;
mod key;
mod late;
mod module;
mod nest;
mod plan;
mod splice;
mod stub;
mod wasi;
mod world;

pub use error::{Error, Result};

use wasmparser::{Validator, WasmFeatures};

/// Whether `bytes` are a component that only an engine with the Component Model's async functions accepts.
pub fn is_native(bytes: &[u8]) -> bool {
    let valid = |features| {
        Validator::new_with_features(features)
            .validate_all(bytes)
            .is_ok()
    };
    let all = WasmFeatures::all();
    let r#async = WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS;
    wasmparser::Parser::is_component(bytes) && !valid(all - r#async) && valid(all)
}

/// The split component that does what the native component in `bytes` does.
///
/// # Errors
/// If `bytes` are no native component, or one that cannot be translated: the error says what is in the way.
pub fn translate(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(with_world(bytes)?.0)
}

/// The translated component, and its world if it has code of its own.
fn with_world(bytes: &[u8]) -> Result<(Vec<u8>, Option<world::World>)> {
    let types = Validator::new_with_features(WasmFeatures::all()).validate_all(bytes)?;
    let component = component::read(bytes)?;
    let (translated, world) = if nest::is_nest(&component)? {
        let nested = |bytes: &[u8]| match is_native(bytes) {
            true => with_world(bytes),
            false => Ok((bytes.to_vec(), None)),
        };
        (nest::translate(&component, nested)?, None)
    } else {
        let world = world::World::read(bytes, &|_| false)?;
        (unit(types.as_ref(), &component, &world)?, Some(world))
    };
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(&translated)
        .map_err(|error| {
            Error::internal(format!("the translated component is invalid: {error}"))
        })?;
    Ok((translated, world))
}

/// Translates a component with code of its own.
fn unit(
    types: wasmparser::types::TypesRef<'_>,
    component: &component::Component<'_>,
    world: &world::World,
) -> Result<Vec<u8>> {
    let exports = component.exports.iter().map(|export| export.name);
    let imports = component.imports.iter().copied();
    let binary = key::Binary::new(types, imports, exports);
    let plan = plan::Plan::new(component, &binary, world)?;
    let stub = stub::component(
        world,
        plan.encoding,
        &plan.glue.used,
        plan.glue
            .exports
            .iter()
            .map(|(name, signature, _)| (name.as_str(), signature)),
    )?;
    splice::splice(&stub, plan)
}
