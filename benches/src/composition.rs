//! The compositions that are measured.

use anyhow::{Context, Result};
use polyfill_host::compose::{Part, Plug, compose};
use polyfill_host::translate::translate;
use polyfill_host::{Artifact, BadInput};
use std::path::PathBuf;

/// What a guest is built or prepared for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Built for the split ABI.
    Split,
    /// Built for the native ABI.
    Native,
    /// Built for the native ABI, and translated to the split one.
    Translated,
}

/// The component that calls, and the one that is called.
pub fn caller_and_callee(backend: Backend) -> Result<Vec<u8>> {
    composition(backend, "bench-caller", &["bench-callee"])
}

/// The same with a component between the two.
pub fn chain(backend: Backend) -> Result<Vec<u8>> {
    composition(backend, "bench-caller", &["bench-relay", "bench-callee"])
}

/// The component that calls one, among that many others, which wait for nothing.
pub fn caller_among(backend: Backend, idle: usize) -> Result<Vec<u8>> {
    let mut plugs = vec!["bench-callee"];
    plugs.resize(idle, "bench-idle");
    plugs.push("bench-last-idle");
    composition(backend, "bench-among", &plugs)
}

/// A guest as `cargo xtask bench` built it.
pub fn guest(backend: Backend, name: &str) -> Result<Vec<u8>> {
    let folder = match backend {
        Backend::Split => "isyswasfa",
        Backend::Native | Backend::Translated => "native",
    };
    let path = guests().join(folder).join(name).with_extension("wasm");
    let wasm = std::fs::read(&path).with_context(|| {
        format!(
            "failed to read `{}`\nhelp: `cargo xtask bench` builds it",
            path.display()
        )
    })?;
    if backend != Backend::Translated {
        return Ok(wasm);
    }
    let artifact = Artifact::new(name, wasm).map_err(BadInput::from)?;
    Ok(translate(&artifact)
        .map_err(BadInput::from)?
        .wasm()
        .to_vec())
}

/// The folder of guests: that of Cargo's target folder which this program is in.
fn guests() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.parent().and_then(|profile| profile.parent());
    target
        .map(|target| target.join("guests"))
        .unwrap_or_default()
}

fn composition(backend: Backend, main: &str, plugs: &[&str]) -> Result<Vec<u8>> {
    let part = |name: &str| anyhow::Ok(Part::new(name, guest(backend, name)?)?);
    let plugs = plugs.iter().map(|name| {
        anyhow::Ok(Plug {
            part: part(name)?,
            imports: vec![],
        })
    });
    let plugs = plugs.collect::<Result<_>>()?;
    Ok(compose(part(main)?, plugs)?.wasm)
}
