//! Makes a component of the core module that the compiler made.

use anyhow::{Context, Result};
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::{Resolve, WorldKey};

/// Encodes `module` to `component`, which appears whole or not at all: it may be being served.
pub fn encode(module: &Path, component: &Path) -> Result<()> {
    let core =
        fs::read(module).with_context(|| format!("failed to read `{}`", module.display()))?;
    let bytes = of(&core)
        .with_context(|| format!("failed to make a component of `{}`", module.display()))?;
    isyswasfa_output::write(component, &bytes)
        .with_context(|| format!("failed to write `{}`", component.display()))
}

/// The component of a module that the guest macro has made.
pub fn of(module: &[u8]) -> Result<Vec<u8>> {
    let module = without_main(module)?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()
}

/// A program that exports `wasi:cli/run` of WASI 0.3, in either ABI, has a `main` only because Rust wants one: without the
/// `wasi:cli/run` of WASI 0.2 that would call it, no host can choose the wrong one.
fn without_main(module: &[u8]) -> Result<Cow<'_, [u8]>> {
    let (stripped, mut bindgen) = metadata::decode(module)?;
    let (Some(mut stripped), world) = (stripped, bindgen.world) else {
        return Ok(module.into());
    };
    let exports = &bindgen.resolve.worlds[world].exports;
    let runs: Vec<_> = exports
        .keys()
        .filter_map(|key| Some((key.clone(), minor_of_run(&bindgen.resolve, key)?)))
        .collect();
    if !runs.iter().any(|(_, minor)| *minor == 3) {
        return Ok(module.into());
    }
    let exports = &mut bindgen.resolve.worlds[world].exports;
    exports.retain(|key, _| !runs.contains(&(key.clone(), 2)));
    let encoding = StringEncoding::UTF8;
    embed_component_metadata(&mut stripped, &bindgen.resolve, world, encoding, false)?;
    Ok(stripped.into())
}

/// The minor version of WASI, if an export is its `wasi:cli/run`.
fn minor_of_run(resolve: &Resolve, key: &WorldKey) -> Option<u64> {
    let WorldKey::Interface(id) = key else {
        return None;
    };
    let interface = &resolve.interfaces[*id];
    let package = &resolve.packages[interface.package?].name;
    let is_run = (package.namespace.as_str(), package.name.as_str()) == ("wasi", "cli")
        && interface.name.as_deref() == Some("run");
    is_run.then_some(package.version.as_ref()?.minor)
}
