//! Compiles guests with Cargo, and finds the results.

use super::Backend;
use super::component;
use super::package::{Package, Root};
use super::shared;
use crate::process;
use crate::project;
use crate::toolchain::{Target, Toolchain};
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
    name: String,
    kind: Vec<String>,
}

impl MessageTarget {
    /// Its kind, if it can become a component.
    fn root(&self) -> Option<Root> {
        let is = |wanted: &str| self.kind.iter().any(|kind| kind == wanted);
        match () {
            () if is("cdylib") => Some(Root::Library),
            () if is("bin") => Some(Root::Program(self.name.clone())),
            () => None,
        }
    }
}

/// Builds `packages` of one workspace at once, and returns the path of each component.
pub fn build(
    toolchain: &Toolchain,
    packages: &[Package],
    backend: Option<Backend>,
) -> Result<Vec<PathBuf>> {
    build_program(toolchain, packages, backend, None)
}

/// The same, with the given program of each package.
pub fn build_program(
    toolchain: &Toolchain,
    packages: &[Package],
    backend: Option<Backend>,
    program: Option<&str>,
) -> Result<Vec<PathBuf>> {
    let modules = compile(toolchain, packages, backend, program, &[])?;
    let Some(first) = packages.first() else {
        return Ok(vec![]);
    };
    let backend = backend.unwrap_or(Backend::Isyswasfa);
    let folder = project::components(&first.target, backend);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    let mut components = vec![];
    for (package, module) in packages.iter().zip(modules) {
        let name = program.unwrap_or(&package.name);
        let component = folder.join(format!("{name}.wasm"));
        component::encode(&module, &component)?;
        components.push(component);
    }
    Ok(components)
}

/// Builds a package with these features, and returns the path of its module. It makes no component.
pub fn build_module(
    toolchain: &Toolchain,
    package: &Package,
    backend: Option<Backend>,
    features: &[&str],
) -> Result<PathBuf> {
    let modules = compile(
        toolchain,
        std::slice::from_ref(package),
        backend,
        None,
        features,
    )?;
    let module = modules.into_iter().next();
    module.context("cargo made no module")
}

/// Compiles the packages, and returns the path of each module.
fn compile(
    toolchain: &Toolchain,
    packages: &[Package],
    backend: Option<Backend>,
    program: Option<&str>,
    features: &[&str],
) -> Result<Vec<PathBuf>> {
    let Some(first) = packages.first() else {
        bail!("no guest to build")
    };
    let roots = packages.iter().map(|package| package.root(program));
    let roots = roots.collect::<Result<Vec<_>>>()?;
    let mut all = packages.iter().zip(&roots);
    if let Some((package, _)) = all.find(|(_, root)| matches!(root, Root::Program(_)))
        && toolchain.target != Target::Wasip2
    {
        bail!(
            "`{}` is a program, whose `main` only becomes a component on {}\n\
             help: `rustup target add {}`, or make it a library: `[lib]`, `crate-type = [\"cdylib\"]`",
            package.name,
            Target::Wasip2,
            Target::Wasip2
        );
    }
    let backend_or_default = backend.unwrap_or(Backend::Isyswasfa);
    let folder = project::build(&first.target, backend_or_default);
    shared::share(&first.target, &folder)?;
    let mut cargo = toolchain.cargo_build()?;
    cargo
        // In this folder, the guest's own `.cargo/config.toml` counts.
        .current_dir(&first.workspace)
        .args([
            "--release",
            "--message-format=json-render-diagnostics",
            "--no-default-features",
        ])
        .arg("--target-dir")
        .arg(&folder);
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
    let modules = packages.iter().zip(roots).map(|(package, root)| {
        let module = modules.remove(&(package.id.clone(), root));
        module.with_context(|| format!("cargo made no module of `{}`", package.name))
    });
    modules.collect()
}

/// With several packages, Cargo needs the package's name before a feature. It has no such form for the feature of a dependency,
/// and accepts that only with one package.
fn feature_of(packages: &[Package], package: &Package, feature: &str) -> String {
    if packages.len() == 1 {
        feature.to_owned()
    } else {
        format!("{}/{feature}", package.name)
    }
}

/// Runs Cargo, with its progress on our stderr. Returns the module of each package id.
fn run(cargo: &mut Command) -> Result<HashMap<(String, Root), PathBuf>> {
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
        let root = message.target.and_then(|target| target.root());
        if message.reason != "compiler-artifact" {
            continue;
        }
        let module = message
            .filenames
            .into_iter()
            .flatten()
            .find(|file| file.extension().is_some_and(|it| it == "wasm"));
        if let (Some(id), Some(root), Some(module)) = (message.package_id, root, module) {
            modules.insert((id, root), module);
        }
    }
    if !child.wait()?.success() {
        bail!("cargo could not build the guest");
    }
    Ok(modules)
}
