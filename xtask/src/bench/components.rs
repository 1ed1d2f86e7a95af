//! The rows that the program `isyswasfa-bench` measures: calls and streams between components, and between a program and components.

use super::row::{Row, Spec, Unit};
use super::sides::{Samples, Sides};
use super::{Bench, rows};
use crate::process;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::process::Command;

/// Nanoseconds of one operation, in each turn.
#[derive(Deserialize)]
struct Line {
    row: String,
    ours: Vec<f64>,
    built: Option<Vec<f64>>,
    native: Vec<f64>,
}

pub fn measure(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let mut command = Command::new(bench.program("isyswasfa-bench"));
    let wanted = specs.iter().map(|spec| spec.name);
    command.args(wanted.filter(|name| bench.names(name)));
    if bench.is_quick {
        command.arg("--quick");
    }
    let said = process::output(&mut command)?;
    let mut measured = vec![];
    for line in said.lines() {
        let line: Line =
            serde_json::from_str(line).with_context(|| format!("failed to understand `{line}`"))?;
        let spec = specs.iter().find(|spec| spec.name == line.row);
        let spec = spec.with_context(|| format!("nobody asked for `{}`", line.row))?;
        let samples = Sides {
            ours: line.ours,
            built: line.built,
            native: Some(line.native),
        };
        measured.extend(rows(
            std::slice::from_ref(spec),
            [in_unit(&samples, spec.unit)],
        ));
    }
    Ok(measured)
}

/// Bytes in a nanosecond are gigabytes in a second.
fn in_unit(samples: &Samples, unit: Unit) -> Samples {
    samples.map(|figures| match unit {
        Unit::GigabytesASecond => figures.iter().map(|each| 1.0 / each).collect(),
        _ => figures.clone(),
    })
}
