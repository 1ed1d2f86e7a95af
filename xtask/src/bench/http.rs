//! The rows `http-…`: servers in turns under the same load.

use super::load::{Answered, Load};
use super::row::{Row, Spec};
use super::server::Serve;
use super::sides::{Samples, Sides, in_turns};
use super::upstream;
use super::{Bench, rows};
use crate::guest::Backend;
use crate::process;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// `polyfill-host serve` of ours, `wasmtime serve` of native.
pub fn servers(bench: &Bench, name: &str) -> Result<Sides<Serve>> {
    let component = |backend| bench.component(name, backend);
    Ok(Sides::pair(
        Serve::new(bench.host(), component(Backend::Isyswasfa)),
        Serve::new(bench.wasmtime()?, component(Backend::Native)),
    ))
}

/// Requests a second, and the latency.
pub fn measure(bench: &Bench, sides: &Sides<Serve>, load: &Load) -> Result<[Samples; 2]> {
    in_turns(bench.rounds(), sides, |serve| {
        let server = serve.start()?;
        load.warm(&server)?;
        let Answered { rate, p99 } = load.run(&server)?;
        Ok([rate, p99])
    })
}

pub fn hello(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let load = Load::new(bench.seconds());
    Ok(rows(
        specs,
        measure(bench, &servers(bench, "bench-hello")?, &load)?,
    ))
}

/// A body of 1 MiB comes back.
pub fn echo(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let body =
        "wrk.method = \"POST\"\nwrk.path = \"/echo\"\nwrk.body = string.rep(\"x\", 1048576)\n";
    let load = Load {
        script: Some(bench.file("echo.lua", body)?),
        ..Load::new(bench.seconds())
    };
    Ok(rows(
        specs,
        measure(bench, &servers(bench, "echo")?, &load)?,
    ))
}

/// Sixteen bodies are fetched and hashed for each request.
pub fn hash_all(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let port = upstream::start()?;
    let headers: String = (1..=16)
        .map(|at| format!("url: http://127.0.0.{at}:{port}/\\r\\n"))
        .collect();
    let script = format!(
        "local text = \"GET / HTTP/1.1\\r\\nHost: bench\\r\\n{headers}\\r\\n\"\n\
         function request() return text end\n"
    );
    let load = Load {
        script: Some(bench.file("hash-all.lua", &script)?),
        ..Load::new(bench.seconds())
    };
    Ok(rows(
        specs,
        measure(bench, &servers(bench, "hash-all")?, &load)?,
    ))
}

/// Two components, one before the other.
pub fn middleware(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let mut sides = servers(bench, "middleware")?;
    sides.ours.component = composed(bench, "middleware", &["service"], Backend::Isyswasfa)?;
    if let Some(native) = &mut sides.native {
        native.component = composed(bench, "middleware", &["service"], Backend::Native)?;
    }
    let body = "wrk.method = \"POST\"\nwrk.body = \"Hello, world!\"\n";
    let load = Load {
        script: Some(bench.file("middleware.lua", body)?),
        ..Load::new(bench.seconds())
    };
    Ok(rows(specs, measure(bench, &sides, &load)?))
}

/// Composes `main` with `plugs`.
pub fn composed(bench: &Bench, main: &str, plugs: &[&str], backend: Backend) -> Result<PathBuf> {
    let name = format!("{main}.{}.wasm", backend.name());
    let output = bench.folder.join(name);
    let mut command = Command::new(bench.host());
    command.arg("compose").arg(bench.component(main, backend));
    for plug in plugs {
        command.arg("--plug").arg(bench.component(plug, backend));
    }
    process::run(command.arg("-o").arg(&output).stdout(std::io::stderr()))
        .with_context(|| format!("failed to compose `{main}`"))?;
    Ok(output)
}
