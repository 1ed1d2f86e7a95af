//! The row `bridged-call`: a call over a bridge beside one without, of the same caller.

use super::files::did;
use super::row::{Row, Spec};
use super::sides::{Sides, in_turns};
use super::{Bench, rows};
use crate::guest::Backend;
use crate::process;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

const CALLS: &str = "300";

pub fn call(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let sides = Sides::pair(
        composed(bench, "bench-list-callee-sync")?,
        composed(bench, "bench-list-callee")?,
    );
    let measured = in_turns(bench.rounds(), &sides, |component| {
        let mut command = Command::new(bench.host());
        let (count, nanoseconds) = did(command.arg("run").arg(component).arg(CALLS))?;
        if count.to_string() != CALLS {
            bail!("expected {CALLS} calls, found {count}");
        }
        Ok([nanoseconds / count / 1000.0])
    })?;
    Ok(rows(specs, measured))
}

/// The caller with this callee.
fn composed(bench: &Bench, callee: &str) -> Result<PathBuf> {
    let component = |name| bench.component(name, Backend::Isyswasfa);
    let output = bench.folder.join(callee).with_extension("composed.wasm");
    process::run(
        Command::new(bench.host())
            .arg("compose")
            .arg(component("bench-list-caller"))
            .arg("--plug")
            .arg(component(callee))
            .arg("-o")
            .arg(&output),
    )?;
    Ok(output)
}
