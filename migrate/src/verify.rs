//! The verification of a rewrite: builds what was rewritten, and takes back, file by file, what does not compile.

mod ways;

use crate::write;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that was rewritten, and its text before that.
pub struct Rewritten {
    pub path: PathBuf,
    pub before: String,
}

/// Checks the packages around these files. Files with errors get their old text back, until there are no errors. If errors are left elsewhere, all files of the
/// package get it back. Returns the files that were taken back. The text before must compile: see [`compiles`].
pub fn verify(files: &[Rewritten]) -> Result<Vec<PathBuf>> {
    let mut taken_back = Vec::new();
    for package in packages(files.iter().map(|file| file.path.as_path()))? {
        let mut rewritten: Vec<&Rewritten> = files
            .iter()
            .filter(|file| is_in(&file.path, &package))
            .collect();
        loop {
            let Err(broken) = check(&package)? else { break };
            let (back, kept): (Vec<&Rewritten>, Vec<&Rewritten>) = rewritten
                .iter()
                .copied()
                .partition(|file| broken.iter().any(|path| same(path, &file.path)));
            // The file with the error was not rewritten, but something that it needs was.
            let (back, kept) = if back.is_empty() {
                (kept, Vec::new())
            } else {
                (back, kept)
            };
            if back.is_empty() {
                bail!(
                    "`{}` doesn't compile, though all of it is as it was before",
                    package.display()
                );
            }
            for file in back {
                write::replace(&file.path, &file.before)?;
                taken_back.push(file.path.clone());
            }
            rewritten = kept;
        }
    }
    Ok(taken_back)
}

/// An error if a package around these files doesn't compile as it is: then nothing can be said of what is rewritten.
pub fn compiles<'a>(files: impl Iterator<Item = &'a Path>) -> Result<()> {
    for package in packages(files)? {
        if let Err(broken) = check(&package)? {
            let names: Vec<_> = broken
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            bail!(
                "`{}` doesn't compile as it is (errors in {})\nhelp: leave out `--verify`, or fix that first",
                package.display(),
                names.join(", ")
            );
        }
    }
    Ok(())
}

/// What the compiler says of the packages around these files, if they don't compile.
pub fn problem<'a>(files: impl Iterator<Item = &'a Path>) -> Result<Option<String>> {
    for package in packages(files)? {
        for arguments in ways::of(&package)? {
            let output = Command::new("cargo")
                .args(["check", "--quiet"])
                .args(&arguments)
                .current_dir(&package)
                .output()
                .context("failed to run `cargo`")?;
            let told = String::from_utf8_lossy(&output.stderr);
            // A future that nobody awaits is a warning only, and does nothing.
            if !output.status.success() || told.contains("unused implementer of `Future`") {
                return Ok(Some(told.trim().to_owned()));
            }
        }
    }
    Ok(None)
}

/// The folders of the nearest `Cargo.toml`s.
fn packages<'a>(files: impl Iterator<Item = &'a Path>) -> Result<BTreeSet<PathBuf>> {
    let mut packages = BTreeSet::new();
    for file in files {
        let absolute = std::path::absolute(file)
            .with_context(|| format!("failed to look for the package of `{}`", file.display()))?;
        packages.extend(
            absolute
                .ancestors()
                .skip(1)
                .find(|folder| folder.join("Cargo.toml").is_file())
                .map(Path::to_path_buf),
        );
    }
    Ok(packages)
}

/// The files with errors, if there are any, whichever way the package is built.
fn check(package: &Path) -> Result<Result<(), BTreeSet<PathBuf>>> {
    for arguments in ways::of(package)? {
        if let Err(broken) = check_one_way(package, &arguments)? {
            return Ok(Err(broken));
        }
    }
    Ok(Ok(()))
}

/// The files with errors, if there are any.
fn check_one_way(package: &Path, arguments: &[String]) -> Result<Result<(), BTreeSet<PathBuf>>> {
    let output = Command::new("cargo")
        .args(["check", "--quiet", "--message-format", "json"])
        .args(arguments)
        .current_dir(package)
        .output()
        .context("failed to run `cargo`")?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let mut broken = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        if message["message"]["level"] != "error" {
            continue;
        }
        let spans = message["message"]["spans"].as_array().into_iter().flatten();
        let files = spans
            .filter(|span| span["is_primary"] == true)
            .filter_map(|span| span["file_name"].as_str());
        broken.extend(files.map(|file| package.join(file)));
    }
    if broken.is_empty() {
        // The manifest, for example.
        let reason = String::from_utf8_lossy(&output.stderr);
        broken.insert(package.join("Cargo.toml"));
        anstream::eprintln!("{}", reason.trim());
    }
    Ok(Err(broken))
}

fn is_in(file: &Path, package: &Path) -> bool {
    std::path::absolute(file).is_ok_and(|file| file.starts_with(package))
}

fn same(a: &Path, b: &Path) -> bool {
    std::path::absolute(a).ok() == std::path::absolute(b).ok()
}
