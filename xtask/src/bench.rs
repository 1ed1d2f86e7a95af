//! `cargo xtask bench`: our ABI beside the native one, in one run, as ratios.
//!
//! (1) Build the guests of `benches/guests` for both backends and the host in release.
//! (2) Calls and streams between components: the program `isyswasfa-bench`, with criterion.
//! (3) HTTP: `polyfill-host serve` and `wasmtime serve` in turns under the same load.
//! (4) Files and sockets: commands, run by `polyfill-host run` and `wasmtime run` in turns.
//! (5) One row for each, on stdout; a full run is kept in `benches/RESULTS.md`.

mod command;
mod criterion;
mod http;
mod machine;
mod row;

use crate::guest::{self, Backend};
use crate::process;
use crate::project::{self, Project};
use crate::toolchain::Toolchain;
use crate::tools;
use anyhow::{Context, Result};
use row::Row;
use std::process::{Command, ExitCode};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Arguments {
    /// A rough result in about a minute; it isn't kept
    #[arg(long)]
    quick: bool,

    /// `isyswasfa-migrate check` of a large tree beside ripgrep, instead of all else; kept in `migrate/benches/RESULTS.md`
    #[arg(long, conflicts_with_all = ["quick", "json"])]
    migrate: bool,

    /// One JSON object a row: `row`, `unit`, `ours`, `native`, `ratio` (ours / native)
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    if arguments.migrate {
        let workspace = project.root.join("migrate");
        process::run(
            process::cargo()
                .current_dir(&workspace)
                .args(["bench", "--bench", "tree", "--", "--keep"])
                .arg(workspace.join("benches/RESULTS.md")),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    // (1)
    let toolchain = Toolchain::find(&project)?;
    let guests = guest::benches(&project)?;
    let echo = guest::case(&project, "tcp-echo")?;
    for backend in Backend::ALL {
        guest::build(&toolchain, &guests, Some(backend))?;
        guest::build(&toolchain, std::slice::from_ref(&echo), Some(backend))?;
    }
    process::run(process::cargo().current_dir(&project.root).args([
        "build",
        "--quiet",
        "--release",
        "--workspace",
    ]))?;

    // (2)
    let mut bench = Command::new(project.target.join("release").join("isyswasfa-bench"));
    bench
        .current_dir(&project.root)
        .env("CARGO_TARGET_DIR", &project.target)
        .arg("--bench")
        // Criterion's report would mix with our rows.
        .stdout(std::io::stderr());
    bench.args(match arguments.quick {
        true => ["--warm-up-time", "0.5", "--measurement-time", "1"],
        false => ["--warm-up-time", "1", "--measurement-time", "3"],
    });
    process::run(&mut bench)?;
    let mut rows = criterion::rows(&project.target.join("criterion"))?;

    // (3)
    let seconds = if arguments.quick { 2 } else { 10 };
    let hello = |backend| project::components(&project.target, backend).join("bench-hello.wasm");
    rows.push(http::row(
        &project,
        &hello(Backend::Isyswasfa),
        &hello(Backend::Native),
        Duration::from_secs(seconds),
    )?);

    // (4)
    let commands = |name: &str| -> Result<command::Commands> {
        let component = |backend| {
            let components = project::components(&project.target, backend);
            components.join(name).with_extension("wasm")
        };
        let host = project.target.join("release").join("polyfill-host");
        Ok(command::Commands {
            ours: (host, component(Backend::Isyswasfa)),
            native: (
                tools::WASMTIME.find_or_build(&project)?,
                component(Backend::Native),
            ),
        })
    };
    let folder = project.target.join("bench");
    rows.push(command::file_read(&commands("bench-read")?, &folder)?);
    rows.push(command::tcp_echo(&commands("tcp-echo")?)?);

    // (5)
    if arguments.json {
        for row in &rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        print!("{}", row::table(&rows));
    }
    if !arguments.quick {
        let path = project.root.join("benches").join("RESULTS.md");
        std::fs::write(&path, report(&rows)?)
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        eprintln!("kept in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn report(rows: &[Row]) -> Result<String> {
    Ok(format!(
        "# Benchmark results\n\nWritten by `cargo xtask bench`. Ours and native were measured in turns in one run; \
         `ratio` is ours / native.\n\n{}\n{}",
        machine::description()?,
        row::table(rows)
    ))
}
