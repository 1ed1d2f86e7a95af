//! Python: a virtual environment, and `componentize-py` in it.

use super::{Case, folder, kept, run_tool};
use crate::process;
use crate::project::Project;
use crate::tools;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed.
pub const MANIFEST: &str = "cases/python/requirements.txt";

const WIT: &[&str] = &["wit/wasi/0.3"];
const SERVICE: &str = "wasi:http/service@0.3.2";

pub const CASES: &[Case] = &[
    Case {
        name: "round-trip",
        wit: &[
            "wit/wasi/0.3",
            "cases/round-trip/wit",
            "cases/python/round-trip/wit",
        ],
        world: "cases:python/round-trip",
    },
    Case {
        name: "command",
        wit: WIT,
        world: "wasi:cli/command@0.3.2",
    },
    Case {
        name: "service",
        wit: WIT,
        world: SERVICE,
    },
    Case {
        name: "hash-all",
        wit: WIT,
        world: SERVICE,
    },
    Case {
        name: "echo",
        wit: WIT,
        world: SERVICE,
    },
];

/// A folder for packages of Python.
pub struct Environment {
    /// Where its programs are.
    bin: PathBuf,
}

pub struct Tools {
    componentize: PathBuf,
}

pub fn install(project: &Project) -> Result<Tools> {
    let environment = Environment::with(project, MANIFEST)?;
    Ok(Tools {
        componentize: environment.program("componentize-py"),
    })
}

impl Tools {
    /// Builds a case, whose folder is `source`.
    pub fn build(&self, project: &Project, case: &Case, source: &Path, out: &Path) -> Result<()> {
        let mut command = Command::new(&self.componentize);
        command.arg("--quiet");
        for folder in case.wit {
            command.args(["-d", folder]);
        }
        command.args(["-w", case.world, "componentize", "-p"]);
        command.arg(source).arg("-o").arg(out).arg("app");
        run_tool(project, &mut command)
    }

    /// The program that makes components.
    pub fn program(&self) -> &Path {
        &self.componentize
    }
}

impl Environment {
    /// The one of this project, with what `requirements` asks for, a file of the repository.
    pub fn with(project: &Project, requirements: &str) -> Result<Self> {
        let environment = Self::new(project)?;
        let root = folder(project, "python")?;
        let name = requirements.replace('/', "-");
        let installed = root.join(name).with_extension("installed");
        kept::build_once(project, &installed, &[requirements.into()], || {
            eprintln!("installing `{requirements}`");
            environment.pip_install(&["--requirement", requirements], project)?;
            std::fs::write(&installed, "")
                .with_context(|| format!("failed to write `{}`", installed.display()))
        })?;
        Ok(environment)
    }

    /// The one of this project, made with the Python on the path if there is none.
    pub fn new(project: &Project) -> Result<Self> {
        let root = folder(project, "python")?;
        let bin = if cfg!(windows) { "Scripts" } else { "bin" };
        let environment = Self {
            bin: root.join(bin),
        };
        if environment.program("pip").exists() {
            return Ok(environment);
        }
        let python = if cfg!(windows) { "python" } else { "python3" };
        let python = tools::find_or_install(python, "python3-venv")?;
        let make = || {
            process::run(
                Command::new(&python)
                    .args(["-m", "venv", "--clear"])
                    .arg(&root)
                    .stdout(std::io::stderr()),
            )
        };
        // Debian's comes without what a virtual environment is made with.
        make().or_else(|_| tools::install("python3-venv").and_then(|()| make()))?;
        Ok(environment)
    }

    /// A program in it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The folder of its programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    pub fn pip_install(&self, what: &[&str], project: &Project) -> Result<()> {
        let mut command = Command::new(self.program("pip"));
        command.args(["install", "--quiet", "--disable-pip-version-check"]);
        run_tool(project, command.args(what))
    }
}
