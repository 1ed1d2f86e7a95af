//! The compositions that are measured.

use crate::guest;
use anyhow::Result;
use polyfill_host::compose::{Part, Plug, compose};

/// The component that calls, and the one that is called.
pub fn caller_and_callee(backend: &str) -> Result<Vec<u8>> {
    composition(backend, "bench-caller", &["bench-callee"])
}

/// The component that calls one, among that many others, which wait for nothing.
pub fn caller_among(backend: &str, idle: usize) -> Result<Vec<u8>> {
    let mut plugs = vec!["bench-callee"];
    plugs.resize(idle, "bench-idle");
    plugs.push("bench-last-idle");
    composition(backend, "bench-among", &plugs)
}

fn composition(backend: &str, main: &str, plugs: &[&str]) -> Result<Vec<u8>> {
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
