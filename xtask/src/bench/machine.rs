//! The machine and versions of a measurement, without which figures mean nothing.

use crate::process;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// The machine and the versions, as a Markdown list.
pub fn description(wasmtime: &Path) -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "an unknown processor".into());
    let cores = std::thread::available_parallelism()?;
    let rustc = process::output(Command::new("rustc").arg("--version"))?;
    let wasmtime = process::output(Command::new(wasmtime).arg("--version"))?;
    let commit = process::output(Command::new("git").args(["describe", "--always", "--dirty"]))?;
    Ok(format!(
        "- machine: {cpu}, {cores} cores, {}-{}; shared with others, so compare ratios, not figures\n\
         - versions: ours is built on wasmtime {}, native runs on {}; {}\n- commit: {}\n",
        std::env::consts::ARCH,
        std::env::consts::OS,
        crate::tools::WASMTIME.version,
        wasmtime.trim(),
        rustc.trim(),
        commit.trim()
    ))
}
