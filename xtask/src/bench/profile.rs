//! `--profile`: a flame graph of ours in a row that `isyswasfa-bench` measures.

use super::Bench;
use super::list::GROUPS;
use super::needs::Need;
use crate::process;
use crate::tools::INFERNO;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::process::Command;

/// Rows that can be profiled.
fn names() -> impl Iterator<Item = &'static str> {
    GROUPS
        .iter()
        .filter(|group| {
            !group.needs.contains(&Need::Wasmtime) && group.needs.contains(&Need::Programs)
        })
        .flat_map(|group| group.rows)
        .map(|row| row.name)
}

/// Fails with the list, if the row cannot be profiled.
pub fn check(row: &str) -> Result<()> {
    if names().any(|name| name == row) {
        return Ok(());
    }
    let names = names().collect::<Vec<_>>().join("`, `");
    bail!("no row `{row}` that can be profiled\nhelp: there are `{names}`")
}

/// Runs ours under `perf`, and writes the graph to the target folder.
pub fn run(bench: &Bench, row: &str) -> Result<()> {
    let perf = process::find("perf").context(
        "there is no `perf`, which takes the samples\nhelp: install it (Debian: `apt-get install linux-perf`)",
    )?;
    let inferno = INFERNO.find_or_build(bench.project)?;
    let file = |name: &str| bench.folder.join(name);
    let (data, stacks, folded) = (file("perf.data"), file("perf.stacks"), file("perf.folded"));
    process::run(
        Command::new(&perf)
            .args([
                "record",
                "--quiet",
                "--freq",
                "499",
                "--call-graph",
                "dwarf,8192",
                "-o",
            ])
            .arg(&data)
            .arg(bench.program("isyswasfa-bench"))
            .args(["--profile", row])
            .stdout(std::io::stderr()),
    )?;
    let into = |command: &mut Command, path: &std::path::Path| {
        let output =
            File::create(path).with_context(|| format!("failed to write `{}`", path.display()))?;
        process::run(command.stdout(output))
    };
    into(
        Command::new(&perf).arg("script").arg("-i").arg(&data),
        &stacks,
    )?;
    let collapse = inferno.with_file_name("inferno-collapse-perf");
    into(Command::new(collapse).arg(&stacks), &folded)?;
    let graph = file(&format!("{row}.svg"));
    into(Command::new(inferno).arg(&folded), &graph)?;
    println!("{}", graph.display());
    Ok(())
}
