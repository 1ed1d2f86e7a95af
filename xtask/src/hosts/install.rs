//! Installs the hosts, each into a folder of its own in the target folder, once.

use crate::languages::javascript::Node;
use crate::languages::python::Environment;
use crate::process;
use crate::project::Project;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest that compiles the modules of components in JavaScript, which have extended constant expressions.
const NODE_AT_LEAST: u32 = 22;

/// A host that is there.
pub struct Installed {
    pub program: PathBuf,
    pub version: String,
    /// Its engine, with the version.
    pub engine: String,
}

/// The program around `wash-runtime`, a workspace of its own.
pub fn wash(project: &Project) -> Result<Installed> {
    let workspace = project.root.join("tests/hosts/wash");
    let target = folder(project, "wash")?;
    eprintln!("building a host on wash-runtime (the first time several minutes)");
    process::run(
        process::cargo()
            .current_dir(&workspace)
            .args(["build", "--locked", "--release", "--target-dir"])
            .arg(&target),
    )?;
    Ok(Installed {
        program: target.join("release").join("isyswasfa-wash-host"),
        version: locked(&workspace, "wash-runtime")?,
        engine: format!("wasmtime {}", locked(&workspace, "wasmtime")?),
    })
}

/// A Python with the package `wasmtime`.
pub fn python(project: &Project) -> Result<Installed> {
    let environment = Environment::with(project, "tests/hosts/python/requirements.txt")?;
    let program = environment.program("python");
    let ask = "from importlib.metadata import version; print(version('wasmtime'))";
    Ok(Installed {
        version: said(Command::new(&program).args(["-c", ask]))?,
        engine: said(Command::new(&program).arg("--version"))?,
        program,
    })
}

/// `jco`, as its `package-lock.json` has it, and the Node that it runs in.
pub fn jco(project: &Project) -> Result<(Installed, PathBuf)> {
    let node = Node::find_or_install(project, NODE_AT_LEAST)?;
    let modules = node.install(project, "tests/hosts/jco", "jco")?;
    let program = modules.join("@bytecodealliance/jco/dist/jco.js");
    let jco = Installed {
        version: said(Command::new(node.program()).arg(&program).arg("--version"))?,
        engine: format!("Node {}", node.version()?.trim_start_matches('v')),
        program,
    };
    Ok((jco, node.program()))
}

/// A host's own folder.
fn folder(project: &Project, name: &str) -> Result<PathBuf> {
    let folder = project.target.join("hosts").join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    Ok(folder)
}

/// The version of a package in a workspace's `Cargo.lock`.
fn locked(workspace: &Path, package: &str) -> Result<String> {
    let path = workspace.join("Cargo.lock");
    let lock = read(&path)?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| {
        let version = line.strip_prefix("version = \"")?;
        version.strip_suffix('"')
    });
    let version = version.with_context(|| format!("no `{package}` in `{}`", path.display()))?;
    Ok(version.to_owned())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// The one line that a program prints.
fn said(command: &mut Command) -> Result<String> {
    Ok(process::output(command)?.trim().to_owned())
}
