//! `cargo xtask corpus`: code for WASI 0.2 that the migration was not written for, as local checkouts, moved onto the facade and compiled.

use crate::process;
use crate::project::Project;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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
    findings: u64,
    before: bool,
    awaited: u64,
    blocking: u64,
    /// What the first step can't do, by kind.
    left: Vec<(String, u64)>,
    /// After the first step, on the split ABI and on WASI 0.3.
    after: [bool; 2],
    /// Fixes of the second step, and what it leaves. The tool itself verifies them.
    fixed: u64,
    still: u64,
    first: Measured,
    second: Measured,
}

/// How long a run took, and the most memory that it had.
#[derive(Clone, Copy)]
struct Measured {
    milliseconds: u128,
    kibibytes: u64,
}

const BACKENDS: [&str; 2] = ["compat-api/isyswasfa", "compat-api/native"];

/// For each checkout: (1) a copy, (2) `check`, (3) whether it compiles, (4) `rewrite --to facade`, (5) whether it compiles on both backends,
/// (6) `rewrite --unsafe`, which verifies what it does.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let migrate = migrate(&project)?;
    let mut rows = Vec::new();
    let mut failed = false;
    // Within this repository, cargo would take the copies for members of its workspace.
    let copies = tempfile::tempdir()?;
    for (index, checkout) in checkouts(&arguments.checkouts)?.iter().enumerate() {
        eprintln!("{}", checkout.display());
        // One that can't be rewritten says nothing of the others, and two may have the same name.
        let copies = copies.path().join(index.to_string());
        match row(&project, &migrate, checkout, &copies) {
            Ok(row) => rows.push(row),
            Err(error) => {
                eprintln!("error: {}: {error:#}", checkout.display());
                failed = true;
            }
        }
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
    Ok(ExitCode::from(u8::from(worse || failed)))
}

/// The program `isyswasfa-migrate`, built.
fn migrate(project: &Project) -> Result<PathBuf> {
    let folder = project.root.join("migrate");
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--release", "--manifest-path"])
            .arg(folder.join("Cargo.toml"))
            // Wherever the environment has all else built.
            .arg("--target-dir")
            .arg(folder.join("target")),
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

fn row(project: &Project, migrate: &Path, checkout: &Path, copies: &Path) -> Result<Row> {
    let name = checkout
        .canonicalize()?
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let copied = copies.join(&name);
    copy(checkout, &copied).with_context(|| format!("failed to copy `{}`", checkout.display()))?;
    let checked = output(
        Command::new(migrate)
            .args(["check", "--output-format", "json"])
            .arg(&copied),
    )?;
    let checked: Value = serde_json::from_slice(&checked.stdout).with_context(|| {
        let told = String::from_utf8_lossy(&checked.stderr);
        format!("`check` answered no JSON: {}", told.trim())
    })?;
    let before = compiles(project, &copied, &[])?;
    let report = copies.join("report.json");
    let (report_1, first) = rewrite(
        project,
        Command::new(migrate)
            .args(["rewrite", "--to", "facade", "--compat-api"])
            .arg(project.root.join("compat-api")),
        &report,
        &copied,
    )?;
    let mut after = [false; 2];
    let moved = report_1["rewritten"]
        .as_array()
        .is_some_and(|files| !files.is_empty());
    for (after, backend) in after.iter_mut().zip(BACKENDS) {
        let features: &[&str] = if moved { &["--features", backend] } else { &[] };
        *after = compiles(project, &copied, features)?;
    }
    let mut second = Command::new(migrate);
    second
        .args(["rewrite", "--unsafe", "--target", "compat", "--compat-api"])
        .arg(project.root.join("compat-api"));
    // What doesn't compile can't be verified.
    if after.contains(&false) {
        second.arg("--no-verify");
    }
    let (report_2, second) = rewrite(project, &mut second, &report, &copied)?;
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let left = report_1["summary"]["rules"].as_object();
    let left = left.into_iter().flatten().map(|(rule, counts)| {
        let all = ["safe", "unsafe", "manual"].map(|level| count(&counts[level]));
        (rule.clone(), all.iter().sum())
    });
    let fixed = report_2["rewritten"].as_array().into_iter().flatten();
    Ok(Row {
        name,
        findings: count(&checked["summary"]["findings"]),
        before,
        awaited: count(&report_1["facade"]["awaited"]),
        blocking: count(&report_1["facade"]["blocking"]),
        left: left.collect(),
        after,
        fixed: fixed.map(|file| count(&file["fixes"])).sum(),
        still: count(&report_2["summary"]["findings"]),
        first,
        second,
    })
}

/// Runs `isyswasfa-migrate rewrite` on a copy, and reads its report.
fn rewrite(
    project: &Project,
    command: &mut Command,
    report: &Path,
    copied: &Path,
) -> Result<(Value, Measured)> {
    command
        .args(["--allow-dirty", "--report"])
        .arg(report)
        .arg(copied)
        .env("CARGO_TARGET_DIR", project.target.join("corpus/target"));
    let (output, measured) = measured(command)?;
    if output.status.code().is_none_or(|code| code > 1) {
        bail!(
            "`{}` failed: {}",
            process::shown(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = fs::read_to_string(report)
        .with_context(|| format!("failed to read `{}`", report.display()))?;
    Ok((serde_json::from_str(&text)?, measured))
}

/// Runs a program, and looks now and then at the memory that it has.
fn measured(command: &mut Command) -> Result<(Output, Measured)> {
    let begin = Instant::now();
    let failed = format!("failed to start `{}`", process::shown(command));
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(failed)?;
    let status = format!("/proc/{}/status", child.id());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                // Elsewhere than on Linux, and when it has ended, there is no such file.
                let text = fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
                most = now.unwrap_or(0).max(most);
                thread::sleep(Duration::from_millis(2));
            }
            most
        });
        let output = child.wait_with_output();
        let milliseconds = begin.elapsed().as_millis();
        done.store(true, Ordering::Relaxed);
        let kibibytes = watch.join().unwrap_or(0);
        let measured = Measured {
            milliseconds,
            kibibytes,
        };
        Ok((output?, measured))
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
    let mut text = "| checkout | findings | compiles before | awaited | `block_on` | not moved, by kind | compiles split | compiles native | step 1: ms, MiB | step 2: fixes | findings left | step 2: ms, MiB |\n\
                    | --- | ---: | --- | ---: | ---: | --- | --- | --- | ---: | ---: | ---: | ---: |\n".to_owned();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let of = |measured: &Measured| {
        let Measured {
            milliseconds,
            kibibytes,
        } = measured;
        format!("{milliseconds}, {}", kibibytes / 1024)
    };
    for row in rows {
        let left: Vec<_> = row
            .left
            .iter()
            .map(|(rule, count)| format!("`{rule}` {count}"))
            .collect();
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            row.findings,
            word(row.before),
            row.awaited,
            row.blocking,
            left.join(", "),
            word(row.after[0]),
            word(row.after[1]),
            of(&row.first),
            row.fixed,
            row.still,
            of(&row.second)
        )
        .expect("a String takes all");
    }
    text
}
