//! The builds in which a package has to compile: for each backend, and for wasm.

use super::same;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const BACKENDS: [&str; 2] = ["isyswasfa", "native"];

/// The arguments for cargo: for each backend, if the package has a choice, and for wasm, if this toolchain can compile for it.
pub fn of(package: &Path) -> Result<Vec<Vec<String>>> {
    let mut ways: Vec<Vec<String>> = Vec::new();
    let names = backend_features(package)?;
    for backend in BACKENDS {
        let chosen: Vec<_> = names
            .iter()
            .filter(|name| name.rsplit('/').next() == Some(backend))
            .cloned()
            .collect();
        if !chosen.is_empty() {
            let others = names.iter().filter(|name| {
                !BACKENDS
                    .iter()
                    .any(|backend| name.rsplit('/').next() == Some(backend))
            });
            let features: Vec<_> = chosen.iter().chain(others).cloned().collect();
            ways.push(vec![
                "--no-default-features".to_owned(),
                "--features".to_owned(),
                features.join(","),
            ]);
        }
    }
    if ways.is_empty() {
        ways.push(Vec::new());
    }
    let here: Vec<_> = ways
        .iter()
        .map(|way| with(way, &["--all-targets"]))
        .collect();
    let target =
        wasm_target().map(|target| ways.iter().map(move |way| with(way, &["--target", target])));
    Ok(here
        .into_iter()
        .chain(target.into_iter().flatten())
        .collect())
}

fn with(way: &[String], more: &[&str]) -> Vec<String> {
    let more = more.iter().map(|argument| (*argument).to_owned());
    way.iter().cloned().chain(more).collect()
}

/// The features that choose a backend, the package's own or those of `compat-api` and `polyfill-guest`, and its other default ones; none if it has no choice.
fn backend_features(package: &Path) -> Result<Vec<String>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(package)
        .output();
    // The check itself reports that there is no cargo, or a manifest that it can't read.
    let Ok(output) = output else {
        return Ok(Vec::new());
    };
    let Ok(metadata) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
        return Ok(Vec::new());
    };
    let manifest = package.join("Cargo.toml");
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let own = packages
        .filter(|found| {
            found["manifest_path"]
                .as_str()
                .is_some_and(|path| same(Path::new(path), &manifest))
        })
        .collect::<Vec<_>>();
    let [own] = own.as_slice() else {
        return Ok(Vec::new());
    };
    let features = &own["features"];
    let mut names: Vec<String> = BACKENDS
        .iter()
        .filter(|name| features.get(name).is_some())
        .map(|name| (*name).to_owned())
        .collect();
    if names.is_empty() {
        let dependencies = own["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|found| found["kind"].is_null()) {
            let name = dependency["name"].as_str().unwrap_or_default();
            if ["compat-api", "polyfill-guest"].contains(&name) {
                let name = dependency["rename"].as_str().unwrap_or(name);
                names.extend(BACKENDS.map(|backend| format!("{name}/{backend}")));
            }
        }
    }
    if !names.is_empty() {
        let default = features["default"].as_array().into_iter().flatten();
        let others = default
            .filter_map(|name| name.as_str())
            .filter(|name| !BACKENDS.contains(name));
        names.extend(others.map(str::to_owned));
    }
    Ok(names)
}

/// A target for components that this toolchain has a standard library for.
fn wasm_target() -> Option<&'static str> {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    ["wasm32-wasip2", "wasm32-unknown-unknown"]
        .into_iter()
        .find(|target| {
            sysroot
                .join("lib/rustlib")
                .join(target)
                .join("lib")
                .is_dir()
        })
}
