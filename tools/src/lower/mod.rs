//! `lower`: makes of guests of the split ABI a component for any host of WASI 0.2.
//!
//! (1) What is exported decides on drivers: one for HTTP, prebuilt, and one, made here, for `wasi:cli/run` and the interfaces of
//!     a user. Async functions that a user's interfaces import become ordinary ones of the host.
//! (2) What is imported decides on the parts of the adapter, and what is left of them.
//! (3) All of them are plugged together; what is imported then is of WASI 0.2, or of the core.
//! (4) The core is made for exactly what is imported of it, and plugged in: now all are plugged together once more.
//! (5) If there is a single guest, whose module can share its memory, all of it becomes one module instead.

mod adapted;
mod core;
mod dispose;
mod fuse;
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

pub(crate) use self::core::with_core;
pub(crate) use module::{Changes, NewFunction, change};
pub(crate) use part::encode;
pub(crate) use pipe::{add_part, item};

use crate::abi::Shape;
use crate::bad_input::BadInput;
use crate::bridges::Bridges;
use anyhow::Context;
use isyswasfa_wit::names;
use place::Place;
use std::path::Path;
use wasmparser::{Validator, WasmFeatures};

/// How a component is lowered.
#[derive(Debug, Clone, Default)]
pub struct LowerOptions {
    /// Whether to leave out the names of functions, which backtraces show.
    pub strip: bool,
    /// Whether `wasi:cli/run` returns only when nothing is under way any more. Otherwise it does when the guest's `run` has
    /// returned, and what that has spawned ends with it, as with wasmtime.
    pub until_idle: bool,
}

/// Why a component could not be lowered.
#[derive(Debug)]
pub enum LowerError {
    /// It is no component that can be.
    BadInput(BadInput),
    /// Internal error: a bug in `polyfill-host`.
    Other(anyhow::Error),
}

impl From<BadInput> for LowerError {
    fn from(error: BadInput) -> Self {
        LowerError::BadInput(error)
    }
}

impl From<anyhow::Error> for LowerError {
    fn from(error: anyhow::Error) -> Self {
        LowerError::Other(error)
    }
}

impl std::fmt::Display for LowerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LowerError::BadInput(error) => error.fmt(f),
            LowerError::Other(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for LowerError {}

/// What [`lower_file`] made.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The component.
    pub wasm: Vec<u8>,
    /// Exports that it has no more: ordinary ones of which the component had an async one as well, which took their place.
    pub left_out: Vec<String>,
}

/// Lowers the component in a file, in either format: see [`lower`].
///
/// # Errors
/// As [`lower`], and if there is no such file.
pub fn lower_file(path: &Path, options: &LowerOptions) -> Result<Lowered, LowerError> {
    let wasm = crate::artifact::read(path)?;
    let shape = Shape::read(path, &wasm)?;
    Ok(Lowered {
        wasm: lower(path, &wasm, options)?,
        left_out: plan::left_out(&shape),
    })
}

/// The component in `wasm`, a binary, one of the split ABI or a composition of such, as one that imports and exports nothing but WASI
/// 0.2 and what is the user's own. `path` is only for messages.
///
/// # Errors
/// If it is no such component, or has something that a host of WASI 0.2 cannot have.
pub fn lower(path: &Path, wasm: &[u8], options: &LowerOptions) -> Result<Vec<u8>, LowerError> {
    let shape = Shape::read(path, wasm)?;
    if Bridges::read(path, wasm)?.is_some() {
        return Err(BadInput::new(format!(
            "`{}` is a composition with bridges between sync and async, which only `polyfill-host` runs: each side needs a \
             store of its own, which a component cannot have",
            path.display()
        ))
        .help("build its sync components against the async interface, and compose those")
        .into());
    }
    is_split(path, wasm, &shape)?;
    // (1)
    let plan = plan::Plan::of(path, wasm, &shape, options)?;
    // (2), (3)
    let plugged = plug::plug(wasm, &plan, None).map_err(|error| misfit(path, &error))?;
    // (4)
    let bottom = core::for_imports(&plugged, &mut Place::Apart)
        .and_then(|core| core.component())
        .context("failed to make the core")?;
    let lowered = plug::plug(wasm, &plan, Some(&bottom)).context("failed to plug the core in")?;
    // (5)
    let fused = fuse::fuse(wasm, &plan, &plugged, &lowered);
    let lowered = fused
        .context("failed to fuse it to one module")?
        .unwrap_or(lowered);
    let lowered = match options.strip {
        true => strip::strip(&lowered).context("failed to strip the component")?,
        false => lowered,
    };
    check(&lowered)?;
    Ok(lowered)
}

/// Our own parts fit each other: it is the guests that have another shape.
fn misfit(path: &Path, error: &anyhow::Error) -> BadInput {
    BadInput::new(format!(
        "`{}` cannot be lowered: what it imports or exports is not what WASI 0.3 and the split ABI have under these names: {error:#}",
        path.display()
    ))
    .help("build it again, with the WIT of WASI and the `polyfill-guest` that come with this program")
}

/// What an engine of WASI 0.2 understands.
fn features() -> WasmFeatures {
    let mut features = WasmFeatures::default();
    features.remove(WasmFeatures::CM_ASYNC);
    features
}

/// That the component is of the split ABI.
fn is_split(path: &Path, wasm: &[u8], shape: &Shape) -> Result<(), BadInput> {
    let file = path.display();
    let is_native = shape.mentions_native() && !shape.is_split();
    let refused = Validator::new_with_features(features()).validate_all(wasm);
    if is_native
        || (refused.is_err()
            && Validator::new_with_features(WasmFeatures::all())
                .validate_all(wasm)
                .is_ok())
    {
        return Err(BadInput::new(format!(
            "`{file}` is a native component of WASI 0.3, which only a host of WASI 0.3 can run; one of the split ABI was expected"
        ))
        .help("build the guest with `--backend isyswasfa`, and lower that"));
    }
    if let Err(error) = refused {
        return Err(
            BadInput::new(format!("`{file}` is not a valid component: {error}"))
                .help("build it again: the file may be cut short or damaged"),
        );
    }
    if !shape.is_split() {
        return Err(BadInput::new(format!(
            "`{file}` is a component of WASI 0.2 already: there is nothing to lower"
        ))
        .help("give it to your host as it is"));
    }
    Ok(())
}

/// That what we made is what we promise.
fn check(lowered: &[u8]) -> anyhow::Result<()> {
    Validator::new_with_features(features())
        .validate_all(lowered)
        .context("what was made is not valid WASI 0.2")?;
    let shape = Shape::read("the lowered component".as_ref(), lowered)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    for name in shape.imports.iter().chain(&shape.exports) {
        anyhow::ensure!(!names::is_split(name), "what was made still has `{name}`");
    }
    Ok(())
}
