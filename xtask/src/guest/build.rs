//! Has Cargo compile guests, and finds what came of it.

use super::Backend;
use super::component;
use super::package::Package;
use crate::process;
use crate::project;
use crate::toolchain::Toolchain;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The lines of Cargo's `--message-format=json` that matter here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    target: Option<MessageTarget>,
    filenames: Option<Vec<PathBuf>>,
}

#[derive(Deserialize)]
struct MessageTarget {
    kind: Vec<String>,
}

/// Builds `packages`, which are of one workspace, in one go, and answers where each component is.
pub fn build(
    toolchain: &Toolchain,
    packages: &[Package],
    backend: Option<Backend>,
) -> Result<Vec<PathBuf>> {
    let modules = compile(toolchain, packages, backend, &[])?;
    let Some(first) = packages.first() else {
        return Ok(vec![]);
    };
    let backend = backend.unwrap_or(Backend::Isyswasfa);
    let folder = project::components(&first.target, backend);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    let mut components = vec![];
    for (package, module) in packages.iter().zip(modules) {
        let component = folder.join(&package.name).with_extension("wasm");
        component::encode(&module, &component)?;
        components.push(component);
    }
    Ok(components)
}

/// Builds a package with these features, and answers where its module is, of which no component was made.
pub fn build_module(
    toolchain: &Toolchain,
    package: &Package,
    backend: Option<Backend>,
    features: &[&str],
) -> Result<PathBuf> {
    let modules = compile(toolchain, std::slice::from_ref(package), backend, features)?;
    let module = modules.into_iter().next();
    module.context("cargo made no module")
}

/// The module of each package.
fn compile(
    toolchain: &Toolchain,
    packages: &[Package],
    backend: Option<Backend>,
    features: &[&str],
) -> Result<Vec<PathBuf>> {
    let Some(first) = packages.first() else {
        bail!("no guest to build")
    };
    if let Some(package) = packages.iter().find(|package| !package.cdylib) {
        bail!(
            "`{}` has no library that can become a component\n\
             help: in its `Cargo.toml`: `[lib]`, `crate-type = [\"cdylib\"]`; what `main` does in a program, \
             `export!` does in a guest",
            package.name
        );
    }
    let backend_or_default = backend.unwrap_or(Backend::Isyswasfa);
    let mut cargo = toolchain.cargo_build();
    cargo
        // Where the guest's own `.cargo/config.toml` counts.
        .current_dir(&first.workspace)
        .args([
            "--release",
            "--message-format=json-render-diagnostics",
            "--no-default-features",
        ])
        .arg("--target-dir")
        .arg(project::build(&first.target, backend_or_default));
    for package in packages {
        cargo.args(["--package", &package.id]);
        for feature in package.features(backend)? {
            cargo
                .arg("--features")
                .arg(feature_of(packages, package, &feature));
        }
        for feature in features {
            cargo
                .arg("--features")
                .arg(feature_of(packages, package, feature));
        }
    }
    let mut modules = run(&mut cargo)?;
    let modules = packages.iter().map(|package| {
        let module = modules.remove(&package.id);
        module.with_context(|| format!("cargo made no module of `{}`", package.name))
    });
    modules.collect()
}

/// Among several packages a feature must say whose it is; Cargo has no such form for the feature
/// of a dependency, but takes that only if there is one package.
fn feature_of(packages: &[Package], package: &Package, feature: &str) -> String {
    if packages.len() == 1 {
        feature.to_owned()
    } else {
        format!("{}/{feature}", package.name)
    }
}

/// Runs Cargo, with its progress on our stderr: package ids, and the module made of each.
fn run(cargo: &mut Command) -> Result<HashMap<String, PathBuf>> {
    let shown = process::shown(cargo);
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start `{shown}`"))?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut modules = HashMap::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("failed to read from `{shown}`"))?;
        // Other lines than messages come from build scripts and macros.
        let Ok(message) = serde_json::from_str::<Message>(&line) else {
            continue;
        };
        let is_cdylib = message
            .target
            .is_some_and(|target| target.kind.iter().any(|kind| kind == "cdylib"));
        if message.reason != "compiler-artifact" || !is_cdylib {
            continue;
        }
        let module = message
            .filenames
            .into_iter()
            .flatten()
            .find(|file| file.extension().is_some_and(|it| it == "wasm"));
        if let (Some(id), Some(module)) = (message.package_id, module) {
            modules.insert(id, module);
        }
    }
    if !child.wait()?.success() {
        bail!("cargo could not build the guest");
    }
    Ok(modules)
}
