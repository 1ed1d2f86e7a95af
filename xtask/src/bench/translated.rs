//! The rows `translated-…` of HTTP and of sizes: a native component, translated, beside the same source built for the split ABI.
//! Those of calls are measured by `isyswasfa-bench`.

use super::http::{measure, servers};
use super::load::Load;
use super::lowered::{lower, serve, sizes};
use super::row::{Row, Spec};
use super::server::Serve;
use super::sides::Sides;
use super::{Bench, rows};
use crate::guest::Backend;
use crate::process;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What a larger component is taken for.
const MEGABYTES: f64 = 20.0;

/// Translates a native component into the folder of this run.
fn translate(bench: &Bench, component: &Path) -> Result<PathBuf> {
    let name = component.file_stem().context("the component has no name")?;
    let translated = bench.folder.join(name).with_extension("translated.wasm");
    process::run(
        Command::new(bench.host())
            .arg("translate")
            .arg(component)
            .arg("-o")
            .arg(&translated),
    )?;
    Ok(translated)
}

/// Responses of a few bytes by `polyfill-host serve`, beside native ones by `wasmtime serve`; and what translating adds in size.
pub fn hello(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let native = bench.component("bench-hello", Backend::Native);
    let translated = translate(bench, &native)?;
    let pair = servers(bench, "bench-hello")?;
    let sides = Sides {
        ours: Serve::new(bench.host(), translated.clone()),
        built: Some(pair.ours),
        native: pair.native,
    };
    let [rate, p99] = measure(bench, &sides, &Load::new(bench.seconds()))?;
    Ok(rows(specs, [rate, p99, sizes(&translated, &native)?]))
}

/// The same, lowered, by `wasmtime serve` without its support for 0.3.
pub fn lowered(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let component = |backend| bench.component("bench-hello", backend);
    let sides = Sides {
        ours: serve(bench, lower(bench, &component(Backend::Native))?)?,
        built: Some(serve(bench, lower(bench, &component(Backend::Isyswasfa))?)?),
        native: None,
    };
    let [rate, _] = measure(bench, &sides, &Load::new(bench.seconds()))?;
    Ok(rows(specs, [rate]))
}

/// Seconds for translating 20 MB of Python.
pub fn python(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let component = bench.component("service.py", Backend::Native);
    let size = std::fs::metadata(&component)
        .with_context(|| format!("failed to read `{}`", component.display()))?
        .len() as f64;
    let mut seconds = vec![];
    for _ in 0..bench.rounds() {
        let begin = Instant::now();
        translate(bench, &component)?;
        seconds.push(begin.elapsed().as_secs_f64() * MEGABYTES * 1e6 / size);
    }
    Ok(rows(specs, [Sides::alone(seconds)]))
}
