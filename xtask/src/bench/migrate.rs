//! The row `migrate-check`: `isyswasfa-migrate check` of a large tree, beside ripgrep.

use super::needs::bench_of_migrate;
use super::row::{Row, Spec};
use super::sides::Sides;
use super::{Bench, rows};
use crate::process;
use crate::project::Project;
use anyhow::{Context, Result};

/// Measures it, and keeps `migrate/benches/RESULTS.md`.
pub fn check(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    keep(bench.project)?;
    let path = results(bench.project);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let seconds = |name: &str| {
        let line = text.lines().find_map(|line| {
            let rest = line.strip_prefix(&format!("| `{name}` | "))?;
            rest.split(" | ").next()?.parse::<f64>().ok()
        });
        line.with_context(|| format!("`{}` has no row `{name}`", path.display()))
    };
    let sides = Sides::pair(
        vec![seconds("isyswasfa-migrate check")?],
        vec![seconds("rg -c .")?],
    );
    Ok(rows(specs, [sides]))
}

/// Measures, and writes the result to the folder of `migrate`.
pub fn keep(project: &Project) -> Result<()> {
    process::run(
        bench_of_migrate(project)
            .args(["--", "--keep"])
            .arg(results(project))
            .stdout(std::io::stderr()),
    )
}

fn results(project: &Project) -> std::path::PathBuf {
    project.root.join("migrate/benches/RESULTS.md")
}
