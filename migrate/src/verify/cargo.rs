//! One build with cargo: the compiler's errors, with their places.

use anyhow::{Context, Result};
use serde_json::Value;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the compiler has against the code.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// As the compiler prints it.
    pub text: String,
    /// The file and the lines of each place that it points to.
    pub places: Vec<(PathBuf, RangeInclusive<usize>)>,
}

pub enum Built {
    Fine,
    Broken(Vec<CompileError>),
    /// It compiles, but makes futures that nobody awaits, which do nothing. To the compiler that is a warning.
    IdleFutures(Vec<CompileError>),
    /// Why it could not be built, which says nothing of the code: dependencies can't be fetched, or there is no cargo.
    Unknown(String),
}

/// Checks the package in a folder.
pub fn check(package: &Path, arguments: &[String]) -> Result<Built> {
    let output = Command::new("cargo")
        .args(["check", "--quiet", "--message-format", "json"])
        .args(arguments)
        .current_dir(package)
        .output();
    let output = match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Built::Unknown("there is no program `cargo`".to_owned()));
        }
        output => output.context("failed to run `cargo`")?,
    };
    let root = workspace(package);
    let (mut errors, mut idle) = (Vec::new(), Vec::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        // Build scripts may print what they like.
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let found = &message["message"];
        let text = found["rendered"].as_str().unwrap_or_default();
        let is_error = found["level"]
            .as_str()
            .is_some_and(|level| level.starts_with("error"));
        let is_idle = text.contains("unused implementer of `Future`");
        if is_error || is_idle {
            let error = CompileError {
                text: text.to_owned(),
                places: places(found, &root),
            };
            if is_error { &mut errors } else { &mut idle }.push(error);
        }
    }
    if output.status.success() {
        return Ok(match idle.is_empty() {
            true => Built::Fine,
            false => Built::IdleFutures(idle),
        });
    }
    if errors.is_empty() {
        let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if is_unfetchable(&told) {
            return Ok(Built::Unknown(format!(
                "its dependencies can't be fetched:\n{told}"
            )));
        }
        // The manifest, for example.
        errors.push(CompileError {
            text: told,
            places: vec![(package.join("Cargo.toml"), 1..=usize::MAX)],
        });
    }
    Ok(Built::Broken(errors))
}

/// What the compiler's paths are relative to.
fn workspace(package: &Path) -> PathBuf {
    let output = Command::new("cargo")
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .current_dir(package)
        .output();
    let manifest = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let folder = manifest
        .ok()
        .and_then(|path| Some(Path::new(&path).parent()?.to_path_buf()));
    folder
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(|| package.to_path_buf())
}

/// The places of a message and its notes, of macros the places that call them too.
fn places(message: &Value, root: &Path) -> Vec<(PathBuf, RangeInclusive<usize>)> {
    let mut found = Vec::new();
    let children = message["children"].as_array().into_iter().flatten();
    for message in std::iter::once(message).chain(children) {
        for span in message["spans"].as_array().into_iter().flatten() {
            let mut span = span;
            loop {
                let line = |name: &str| {
                    span[name]
                        .as_u64()
                        .and_then(|line| usize::try_from(line).ok())
                };
                if let (Some(file), Some(start), Some(end)) = (
                    span["file_name"].as_str(),
                    line("line_start"),
                    line("line_end"),
                ) {
                    found.push((root.join(file), start..=end));
                }
                match &span["expansion"]["span"] {
                    Value::Null => break,
                    outer => span = outer,
                }
            }
        }
    }
    found
}

/// Whether cargo says that it could not get the dependencies.
fn is_unfetchable(told: &str) -> bool {
    let words = [
        "failed to download",
        "failed to fetch",
        "failed to get `",
        "failed to load source for dependency",
        "failed to load manifest for dependency",
        "failed to query replaced source",
        "no matching package named",
        "unable to update",
        "Unable to update",
        "Could not resolve host",
        "attempting to make an HTTP request",
    ];
    words.iter().any(|word| told.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn macros_lead_to_where_they_are_called() {
        let call = json!({ "file_name": "src/lib.rs", "line_start": 7, "line_end": 8 });
        let message = json!({
            "spans": [{ "file_name": "src/macros.rs", "line_start": 2, "line_end": 2, "expansion": { "span": call } }],
            "children": [{ "spans": [{ "file_name": "src/b.rs", "line_start": 1, "line_end": 1, "expansion": null }] }],
        });
        let places = places(&message, Path::new("/a"));
        assert_eq!(
            places,
            [
                (PathBuf::from("/a/src/macros.rs"), 2..=2),
                (PathBuf::from("/a/src/lib.rs"), 7..=8),
                (PathBuf::from("/a/src/b.rs"), 1..=1),
            ]
        );
    }
}
