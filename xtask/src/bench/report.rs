//! `benches/RESULTS.md`, and the plots beside it.

use super::list::{self, GROUPS};
use super::row::Row;
use super::{Bench, machine, plot, table};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// A row that could not be measured, and why.
pub struct Missing {
    pub row: &'static str,
    pub why: String,
}

/// Writes all of it; the path of the result. Rows that were not asked for stay as they are.
pub fn keep(bench: &Bench, mut rows: Vec<Row>, missing: &[Missing]) -> Result<PathBuf> {
    let folder = bench.project.root.join("benches");
    if !bench.wanted.is_empty() {
        let earlier = table::read(&folder.join("RESULTS.md"))?;
        rows.extend(earlier.into_iter().filter(|row| !bench.names(&row.row)));
    }
    let place = |row: &Row| list::names().position(|name| name == row.row);
    // Rows of an earlier form of the list go.
    rows.retain(|row| place(row).is_some());
    rows.sort_by_key(place);
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        anyhow::Ok(path)
    };
    write("advantages.svg", &plot::advantages(&rows))?;
    write("growth.svg", &plot::growth(&rows))?;
    write("RESULTS.md", &report(bench, &rows, missing)?)
}

fn report(bench: &Bench, rows: &[Row], missing: &[Missing]) -> Result<String> {
    let mut text = format!(
        "# Benchmark results\n\n\
         Written by `cargo xtask bench`. Ours and native took turns in one run. `ours` and `native` are medians of all turns. `ratio` is the median of \
         ours / native in each turn, and `spread` its noise: half of what lies between the lowest and the highest tenth.\n\n\
         Native is the same source on the native ABI, on wasmtime. In the rows `lowered-…`, both are served by stock `wasmtime serve` without support for 0.3: \
         ours is a lowered component, native one written by hand for WASI 0.2. In the rows `translated-…`, ours is the native component, translated; `built` is the same source \
         built for the split ABI, and `ratio` is ours / built. In the row `bridged-call`, native is the same call without a bridge, and in `migrate-check` it is `rg -c .`.\n\n\
         {}\n{}",
        machine::description(&bench.wasmtime()?)?,
        table::of(rows)
    );
    if !missing.is_empty() {
        text += "\nNot measured:\n\n";
        for Missing { row, why } in missing {
            text += &format!("- `{row}`: {why}\n");
        }
    }
    text += "\n## How ours compares\n\n![How many times as good as native each row is](advantages.svg)\n";
    text += "\n## How cost grows\n\n![What a call and a server's memory cost, beside more components, tasks and connections](growth.svg)\n";
    text += "\n## What the rows measure\n\n| row | |\n| --- | --- |\n";
    for spec in GROUPS.iter().flat_map(|group| group.rows) {
        text += &format!("| `{}` | {} |\n", spec.name, spec.about);
    }
    Ok(text)
}
