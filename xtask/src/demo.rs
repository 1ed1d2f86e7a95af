//! `cargo xtask demo`: from nothing but this repository to answered requests.
//!
//! It builds the guest and the host, and none of the tests: so the first run is as short as it can be.

mod exchange;
mod server;
mod upstream;

use crate::guest::{self, Backend};
use crate::process;
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use anyhow::{Result, ensure};
use server::Server;
use std::process::ExitCode;
use std::time::Instant;
use upstream::Upstream;

#[derive(clap::Args)]
pub struct Arguments {}

/// (1) The guest, for both backends. (2) The host. (3) Each guest is served and sent a request.
pub fn run(Arguments {}: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let begin = Instant::now();
    let step = |number: u32, what: &str| {
        let seconds = begin.elapsed().as_secs();
        eprintln!(
            "[{number}/3, after {}:{:02} min] {what}",
            seconds / 60,
            seconds % 60
        );
    };

    let toolchain = Toolchain::find(Target::default())?;
    let mut cases = guest::cases(&project)?;
    cases.retain(|case| case.name == "hash-all");
    for backend in Backend::ALL {
        let first = match backend {
            Backend::Isyswasfa => "; the first time with the macros that guests need",
            Backend::Native => "",
        };
        step(
            1,
            &format!(
                "building the guest `hash-all` for the backend `{}`{first}",
                backend.name()
            ),
        );
        guest::build(&toolchain, &cases, Some(backend))?;
    }

    step(
        2,
        "building the host, `polyfill-host`; the first time with wasmtime and its compiler, which takes minutes",
    );
    process::run(process::cargo().current_dir(&project.root).args([
        "build",
        "--package",
        "polyfill-host",
        "--bin",
        "polyfill-host",
    ]))?;

    step(3, "serving");
    let upstream = Upstream::start()?;
    let urls = upstream.urls();
    for backend in Backend::ALL {
        let component = crate::project::components(&project.target, backend).join("hash-all.wasm");
        println!("\n$ polyfill-host serve {}", component.display());
        let server = Server::start(&project.program("polyfill-host"), &component)?;
        println!(
            "{} is served at http://{}/\n",
            about(backend),
            server.address
        );
        let answer = exchange::get(server.address, &urls)?;
        let failed = |line: &str| line.starts_with("http") && line.contains(": error: ");
        ensure!(!answer.lines().any(failed), "a URL was not fetched");
    }
    Ok(ExitCode::SUCCESS)
}

fn about(backend: Backend) -> &'static str {
    match backend {
        Backend::Isyswasfa => "the guest, built for WASI 0.2,",
        Backend::Native => "the same source, built for WASI 0.3,",
    }
}
