//! `cargo xtask corpus`: code for WASI 0.2 that the migration was not written for, as local checkouts, moved onto the facade and compiled.

use crate::process;
use crate::project::Project;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Arguments {
    /// Files with the folder of a checkout on each line, or such folders
    #[arg(required = true)]
    checkouts: Vec<PathBuf>,
    /// Also write the table here
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// What came of one checkout.
struct Row {
    name: String,
    findings: usize,
    before: bool,
    awaited: u64,
    blocking: u64,
    left: usize,
    /// On the split ABI and on WASI 0.3.
    after: [bool; 2],
    milliseconds: u128,
}

const BACKENDS: [&str; 2] = ["compat-api/isyswasfa", "compat-api/native"];

/// For each checkout: (1) a copy, (2) `check`, (3) whether it compiles, (4) `rewrite --to facade`, (5) whether it compiles on both backends.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let migrate = migrate(&project)?;
    let mut rows = Vec::new();
    for checkout in checkouts(&arguments.checkouts)? {
        eprintln!("{}", checkout.display());
        rows.push(row(&project, &migrate, &checkout)?);
    }
    let table = table(&rows);
    print!("{table}");
    if let Some(path) = &arguments.output {
        isyswasfa_output::write(path, table.as_bytes())
            .with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    let worse = rows
        .iter()
        .any(|row| row.before && row.after.contains(&false));
    Ok(ExitCode::from(u8::from(worse)))
}

/// The program `isyswasfa-migrate`, built.
fn migrate(project: &Project) -> Result<PathBuf> {
    let folder = project.root.join("migrate");
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--release", "--manifest-path"])
            .arg(folder.join("Cargo.toml")),
    )?;
    Ok(folder.join("target/release/isyswasfa-migrate"))
}

fn checkouts(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("failed to read `{}`", path.display()))?;
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        found.extend(lines.map(|line| path.parent().unwrap_or(Path::new("")).join(line)));
    }
    if let Some(missing) = found.iter().find(|path| !path.is_dir()) {
        bail!("`{}` is not the folder of a checkout", missing.display());
    }
    Ok(found)
}

fn row(project: &Project, migrate: &Path, checkout: &Path) -> Result<Row> {
    let name = checkout
        .canonicalize()?
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let copied = project.target.join("corpus").join(&name);
    if copied.exists() {
        fs::remove_dir_all(&copied)?;
    }
    copy(checkout, &copied).with_context(|| format!("failed to copy `{}`", checkout.display()))?;
    let findings = output(
        Command::new(migrate)
            .args(["check", "--output-format", "json"])
            .arg(&copied),
    )?;
    let findings =
        serde_json::from_slice::<Vec<Value>>(&findings.stdout).map_or(0, |found| found.len());
    let before = compiles(project, &copied, &[])?;
    let report = project.target.join("corpus").join(format!("{name}.json"));
    let begin = Instant::now();
    let rewritten = output(
        Command::new(migrate)
            .args(["rewrite", "--to", "facade", "--allow-dirty", "--report"])
            .arg(&report)
            .arg("--compat-api")
            .arg(project.root.join("compat-api"))
            .arg(&copied),
    )?;
    let milliseconds = begin.elapsed().as_millis();
    if rewritten.status.code().is_none_or(|code| code > 1) {
        bail!(
            "`{}` could not be rewritten: {}",
            checkout.display(),
            String::from_utf8_lossy(&rewritten.stderr).trim()
        );
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
    let mut after = [false; 2];
    for (after, backend) in after.iter_mut().zip(BACKENDS) {
        let moved = report["rewritten"]
            .as_array()
            .is_some_and(|files| !files.is_empty());
        let features: &[&str] = if moved { &["--features", backend] } else { &[] };
        *after = compiles(project, &copied, features)?;
    }
    Ok(Row {
        name,
        findings,
        before,
        awaited: report["awaited"].as_u64().unwrap_or(0),
        blocking: report["blocking"].as_u64().unwrap_or(0),
        left: report["left"].as_array().map_or(0, Vec::len),
        after,
        milliseconds,
    })
}

fn output(command: &mut Command) -> Result<Output> {
    command
        .output()
        .with_context(|| format!("failed to start `{}`", process::shown(command)))
}

fn compiles(project: &Project, folder: &Path, features: &[&str]) -> Result<bool> {
    let checked = output(
        process::cargo()
            .args(["check", "--quiet", "--target", "wasm32-wasip2"])
            .args(features)
            .env("CARGO_TARGET_DIR", project.target.join("corpus/target"))
            .current_dir(folder),
    )?;
    let told = String::from_utf8_lossy(&checked.stderr);
    // A future that nobody awaits is a warning only.
    let fine = checked.status.success() && !told.contains("unused implementer of `Future`");
    if !fine {
        eprintln!("{}", told.lines().take(30).collect::<Vec<_>>().join("\n"));
    }
    Ok(fine)
}

/// A copy without what is built and what git keeps; links are followed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "target" || name == ".git" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

fn table(rows: &[Row]) -> String {
    let mut text = "| checkout | findings | compiles before | awaited | `block_on` | left | compiles split | compiles native | ms |\n| --- | ---: | --- | ---: | ---: | ---: | --- | --- | ---: |\n".to_owned();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    for row in rows {
        let Row {
            name,
            findings,
            before,
            awaited,
            blocking,
            left,
            after: [split, native],
            milliseconds,
        } = row;
        let (before, split, native) = (word(*before), word(*split), word(*native));
        writeln!(text, "| `{name}` | {findings} | {before} | {awaited} | {blocking} | {left} | {split} | {native} | {milliseconds} |").expect("a String takes all");
    }
    text
}
