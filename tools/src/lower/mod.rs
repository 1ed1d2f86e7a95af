//! `lower`: turns guests of the split ABI into a component for any host of WASI 0.2.
//!
//! (1) The exports decide on the drivers: a prebuilt one for HTTP, and one, made here, for `wasi:cli/run` and users'
//!     interfaces. Imported async functions of users' interfaces become ordinary ones of the host.
//! (2) The imports decide on the parts of the adapter, and how they are pruned.
//! (3) All of them are plugged together. The remaining imports are of WASI 0.2, or of the core.
//! (4) The core is made for exactly the functions that are imported of it. Then everything is plugged together once more, with
//!     the core.
//! (5) If there is a single guest, whose module can share its memory, all of it becomes one module instead.

mod adapted;
mod core;
mod dispose;
mod error;
mod fit;
mod fuse;
mod js;
mod module;
mod part;
mod pipe;
mod place;
mod plain;
mod plan;
mod plug;
mod root;
mod scratch;
mod strip;
mod sync;
mod value;
mod walk;

pub use error::Error;
pub use js::lower_for_js;

pub(crate) use self::core::with_core;
pub(crate) use module::{Changes, NewFunction, change};
pub(crate) use part::encode;
pub(crate) use pipe::{add_part, item};

use crate::abi::Shape;
use crate::artifact::Artifact;
use crate::cause::Cause;
use anyhow::Context;
use isyswasfa_wit::names;
use place::Place;
use wasmparser::{Validator, WasmFeatures};

/// The driver of HTTP, as `cargo xtask embedded` has built it from the folder `lower/http`.
const HTTP: &[u8] = include_bytes!("http.wasm");

/// Options for lowering.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether to leave out the names of functions, which backtraces show.
    pub strip: bool,
    /// Whether `wasi:cli/run` returns only when nothing is under way any more. Otherwise it returns when the guest's `run` has
    /// returned, and spawned tasks end with it, as with wasmtime.
    pub until_idle: bool,
}

/// The result of [`lower`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lowered {
    /// The component.
    pub wasm: Vec<u8>,
    /// Exports that were dropped: ordinary functions that the component also exported as async ones.
    pub left_out: Vec<String>,
}

/// Lowers a component of the split ABI, or a composition of such components. The result imports and exports only WASI 0.2 and
/// users' interfaces.
///
/// # Errors
/// If the input is no such component, or has something that a host of WASI 0.2 cannot have.
pub fn lower(artifact: &Artifact, options: &Options) -> Result<Lowered, Error> {
    let file = || artifact.name().to_owned();
    if artifact.has_bridges() {
        return Err(Error::Bridged { file: file() });
    }
    check_input(artifact)?;
    // (1)
    let plan = plan::Plan::of(artifact, options)?;
    // (2), (3)
    let wasm = artifact.wasm();
    // Our own parts fit each other: so the guests have another shape.
    let plugged = plug::plug(wasm, &plan, None).map_err(|error| Error::Misfit {
        file: file(),
        reason: error.into(),
    })?;
    let lowered = finish(wasm, &plan, &plugged, options);
    Ok(Lowered {
        wasm: lowered.map_err(|error| internal(artifact, error))?,
        left_out: plan::left_out(artifact.shape()),
    })
}

/// (4) and (5).
fn finish(
    wasm: &[u8],
    plan: &plan::Plan,
    plugged: &[u8],
    options: &Options,
) -> anyhow::Result<Vec<u8>> {
    let bottom = core::for_imports(plugged, &mut Place::Apart)
        .and_then(|core| core.component())
        .context("failed to make the core")?;
    let lowered = plug::plug(wasm, plan, Some(&bottom)).context("failed to plug the core in")?;
    let fused = fuse::fuse(wasm, plan, plugged, &lowered);
    let mut lowered = fused
        .context("failed to fuse it to one module")?
        .unwrap_or(lowered);
    if options.strip {
        lowered = strip::strip(&lowered).context("failed to strip the component")?;
    }
    check(&lowered)?;
    Ok(lowered)
}

fn internal(artifact: &Artifact, error: impl Into<Cause>) -> Error {
    Error::Internal {
        file: artifact.name().to_owned(),
        reason: error.into(),
    }
}

/// The features of an engine of WASI 0.2.
fn features() -> WasmFeatures {
    let mut features = WasmFeatures::default();
    features.remove(WasmFeatures::CM_ASYNC);
    features
}

/// Checks that the component has the split ABI.
fn check_input(artifact: &Artifact) -> Result<(), Error> {
    let file = || artifact.name().to_owned();
    let shape = artifact.shape();
    let is_native = shape.mentions_native() && !shape.is_split();
    let refused = Validator::new_with_features(features()).validate_all(artifact.wasm());
    if is_native || (refused.is_err() && artifact.types().is_ok()) {
        return Err(Error::Native { file: file() });
    }
    if let Err(reason) = refused {
        return Err(Error::Invalid {
            file: file(),
            reason,
        });
    }
    if !shape.is_split() {
        return Err(Error::Plain { file: file() });
    }
    Ok(())
}

/// Checks that the result is valid, and imports only what it should.
fn check(lowered: &[u8]) -> anyhow::Result<()> {
    Validator::new_with_features(features())
        .validate_all(lowered)
        .context("what was made is not valid WASI 0.2")?;
    let shape = Shape::read("the lowered component".as_ref(), lowered)?;
    for name in shape.imports.iter().chain(&shape.exports) {
        anyhow::ensure!(!names::is_split(name), "what was made still has `{name}`");
    }
    Ok(())
}
