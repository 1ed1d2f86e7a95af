//! Translates native WASI 0.3 components to the split ABI.

mod circles;
mod component;
mod customs;
mod error;
mod glue;
mod key;
mod late;
mod module;
mod moves;
mod nest;
mod options;
mod parts;
mod plan;
mod splice;
mod stub;
mod usage;
mod wasi;
mod world;

pub use circles::refuse_circles;
pub use error::{Error, Result};
pub use moves::{Moves, compatible};

use isyswasfa_wit::names;
use wasmparser::types::Types;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// What only engines with async functions know.
const ASYNC: WasmFeatures = WasmFeatures::CM_ASYNC
    .union(WasmFeatures::CM_ASYNC_STACKFUL)
    .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS);

/// Whether `bytes` are a component that only an engine with the Component Model's async functions accepts.
pub fn is_native(bytes: &[u8]) -> bool {
    let valid = |features| validate(bytes, features).is_ok();
    let all = WasmFeatures::all();
    Parser::is_component(bytes) && !valid(all - ASYNC) && valid(all)
}

/// The split component that does what the native component in `bytes` does.
///
/// # Errors
/// If `bytes` are no native component, or one that cannot be translated: the error says what is in the way.
pub fn translate(bytes: &[u8]) -> Result<Vec<u8>> {
    translate_among(bytes, &Moves::default())
}

/// The same for a component that is to be composed with others, in which the interfaces `moves` are split. It need not be native
/// itself, if it imports or exports one of these.
///
/// # Errors
/// As for [`translate`].
pub fn translate_among(bytes: &[u8], moves: &Moves) -> Result<Vec<u8>> {
    check(bytes, moves)?;
    Ok(with_world(bytes, moves)?.0)
}

/// Refuses what is no native component, and has none of the interfaces either.
fn check(bytes: &[u8], moves: &Moves) -> Result<()> {
    if Parser::is_core_wasm(bytes) {
        return Err(Error::NotNative(
            "it is a core WebAssembly module, not a component",
        ));
    }
    check_nesting(bytes)?;
    validate(bytes, WasmFeatures::all())?;
    if validate(bytes, WasmFeatures::all() - ASYNC).is_err() {
        return Ok(());
    }
    let component = component::read(bytes)?;
    if component.names().any(names::is_split) {
        return Err(Error::NotNative(
            "it is a component of the split ABI already",
        ));
    }
    match component.names().any(|name| moves.added(name)) {
        true => Ok(()),
        false => Err(Error::NotNative(
            "it has nothing async: it is no native component of WASI 0.3",
        )),
    }
}

/// More than any tool nests components: each level is read once more than the one around it.
const MAX_NESTING: usize = 32;

fn check_nesting(bytes: &[u8]) -> Result<()> {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(Error::Unsupported(format!(
                "its components are nested more than {MAX_NESTING} deep"
            )));
        }
    }
    Ok(())
}

fn validate(bytes: &[u8], features: WasmFeatures) -> Result<Types> {
    Ok(Validator::new_with_features(features).validate_all(bytes)?)
}

/// The translated component, and its world if it has code of its own.
fn with_world(bytes: &[u8], moves: &Moves) -> Result<(Vec<u8>, Option<world::World>)> {
    let types = validate(bytes, WasmFeatures::all())?;
    let component = component::read(bytes)?;
    let (mut translated, world) = if nest::is_nest(&component)? {
        let mut moves = moves.clone();
        moves.add_of(bytes)?;
        // One without anything async may use what is synchronous of an interface that has both.
        let nested = |bytes: &[u8]| match is_native(bytes) || moves.concern(bytes)? {
            true => with_world(bytes, &moves),
            false => Ok((bytes.to_vec(), None)),
        };
        (nest::translate(&component, nested)?, None)
    } else {
        let world = world::World::read(bytes, types.as_ref(), &component, moves)?;
        (unit(types.as_ref(), &component, &world)?, Some(world))
    };
    customs::append(&component, &mut translated);
    validate(&translated, WasmFeatures::all() - ASYNC)
        .map_err(|error| Error::internal(format!("the translated component: {error}")))?;
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
