//! Makes a component of the core module that the compiler made.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Encodes `module` to `component`, which appears whole or not at all: it may be being served.
pub fn encode(module: &Path, component: &Path) -> Result<()> {
    let core =
        fs::read(module).with_context(|| format!("failed to read `{}`", module.display()))?;
    let bytes = of(&core)
        .with_context(|| format!("failed to make a component of `{}`", module.display()))?;
    let partial = component.with_extension(format!("wasm.{}", std::process::id()));
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, component))
        .with_context(|| format!("failed to write `{}`", component.display()))
}

/// The component of a module that the guest macro has made.
pub fn of(module: &[u8]) -> Result<Vec<u8>> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)?
        .encode()
}
