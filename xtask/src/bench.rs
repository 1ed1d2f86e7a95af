//! `cargo xtask bench`: measures our ABI beside the native one in one run, as ratios.
//!
//! (1) Build the guests of `benches/guests` for both backends and the host in release.
//! (2) Calls and streams between components: the program `isyswasfa-bench`, with criterion.
//! (3) HTTP: `polyfill-host serve` and `wasmtime serve` in turns under the same load.
//! (4) Files and sockets: commands, run by `polyfill-host run` and `wasmtime run` in turns.
//! (5) Lowered components, beside hand-written ones of WASI 0.2, on `wasmtime serve`.
//! (6) One row for each, on stdout; a full run is kept in `benches/RESULTS.md`.

mod command;
mod criterion;
mod http;
mod lowered;
mod machine;
mod row;

use crate::guest::{self, Backend};
use crate::process;
use crate::project::{self, Project};
use crate::toolchain::{Target, Toolchain};
use crate::tools;
use anyhow::{Context, Result};
use row::Row;
use std::process::{Command, ExitCode};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Arguments {
    /// Measure roughly, in about a minute, and do not keep the result
    #[arg(long)]
    quick: bool,

    /// Measure only `isyswasfa-migrate check` of a large tree beside ripgrep, for `migrate/benches/RESULTS.md`
    #[arg(long, conflicts_with_all = ["quick", "json"])]
    migrate: bool,

    /// Print one JSON object for each row: `row`, `unit`, `ours`, `native`, `ratio` (ours / native)
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
    // (1) To compare the ABIs, guests do not have the imports of `std`, which cost all of them the same.
    let toolchain = Toolchain::find(Target::Unknown)?;
    let (guests, by_hand): (Vec<_>, Vec<_>) = guest::benches(&project)?
        .into_iter()
        .partition(|package| package.has_choice());
    let tcp_echo = guest::case(&project, "tcp-echo")?;
    for backend in Backend::ALL {
        guest::build(&toolchain, &guests, Some(backend))?;
        guest::build(&toolchain, std::slice::from_ref(&tcp_echo), Some(backend))?;
    }
    guest::build(&toolchain, &by_hand, None)?;
    let echo = guest::case(&project, "echo")?;
    guest::build(&toolchain, &[echo], Some(Backend::Isyswasfa))?;
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
    bench.args(if arguments.quick {
        ["--warm-up-time", "0.5", "--measurement-time", "1"]
    } else {
        ["--warm-up-time", "1", "--measurement-time", "3"]
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
    let split = |name: &str| {
        let components = project::components(&project.target, Backend::Isyswasfa);
        components.join(name).with_extension("wasm")
    };
    let pair = |name: &str, by_hand: &str| {
        lowered::Pair::new(&project, &folder, split(name), split(by_hand))
    };
    let hello = pair("bench-hello", "bench-hello-wasi-0-2")?;
    rows.push(hello.hello(&project, Duration::from_secs(seconds))?);
    rows.push(pair("echo", "bench-echo-wasi-0-2")?.echo(&project)?);
    rows.push(hello.size()?);

    // (6)
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
         `ratio` is ours / native. \
         Native is the same source on the native ABI, on wasmtime; in the rows `lowered-…` both are served by stock `wasmtime serve` \
         without support for 0.3: ours is a lowered component, native one written by hand for WASI 0.2 (`lowered-size`: the \
         component before it was lowered).\n\n{}\n{}",
        machine::description()?,
        row::table(rows)
    ))
}
