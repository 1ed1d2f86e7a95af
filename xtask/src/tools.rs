//! Other programs that tests and benchmarks use: those on the path, or else built once and kept in the target folder.

use crate::process;
use crate::project::Project;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program as `cargo install` makes it.
pub struct Tool {
    pub program: &'static str,
    pub package: &'static str,
    pub version: &'static str,
    /// Its features, instead of the default ones.
    pub features: &'static str,
    /// How it is optimized: `dev` builds faster.
    pub profile: &'static str,
}

/// The usual composer, without its client for registries.
pub const WAC: Tool = Tool {
    program: "wac",
    package: "wac-cli",
    version: "0.12.0",
    features: "wit",
    profile: "dev",
};

/// The wasmtime for comparison, which also runs lowered components, in the version that the host is built on.
pub const WASMTIME: Tool = Tool {
    program: "wasmtime",
    package: "wasmtime-cli",
    version: "48.0.8",
    features: "serve,run,cranelift,pooling-allocator,parallel-compilation,component-model-async,gc,gc-drc,gc-null,logging,cache",
    profile: "release",
};

/// Makes flame graphs.
pub const INFERNO: Tool = Tool {
    program: "inferno-flamegraph",
    package: "inferno",
    version: "0.12.8",
    features: "cli",
    profile: "dev",
};

impl Tool {
    /// Its path, in exactly this version.
    pub fn find_or_build(&self, project: &Project) -> Result<PathBuf> {
        let root = project.target.join("tools");
        let kept = root.join("bin").join(self.program);
        for candidate in [process::find(self.program), Some(kept.clone())] {
            if let Some(path) = candidate.filter(|path| path.exists())
                && self.is_version(&path)?
            {
                return Ok(path);
            }
        }
        eprintln!(
            "building {} {}; this takes several minutes, once",
            self.program, self.version
        );
        process::run(
            process::cargo()
                .args([
                    "install",
                    self.package,
                    "--locked",
                    "--version",
                    self.version,
                ])
                .args(["--no-default-features", "--features", self.features])
                .args(["--profile", self.profile])
                .arg("--root")
                .arg(&root),
        )?;
        Ok(kept)
    }

    fn is_version(&self, path: &Path) -> Result<bool> {
        let said = process::output(Command::new(path).arg("--version"))?;
        Ok(said.split_whitespace().nth(1) == Some(self.version))
    }
}

/// A program on the path, or else from a Debian package, which is installed.
pub fn find_or_install(program: &str, package: &str) -> Result<PathBuf> {
    if let Some(path) = process::find(program) {
        return Ok(path);
    }
    install(package)?;
    process::find(program)
        .with_context(|| format!("`{package}` is installed, but `{program}` is not on the path"))
}

/// Installs a Debian package.
pub fn install(package: &str) -> Result<()> {
    eprintln!("installing {package}");
    process::run(
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::io::stderr()),
    )
    .with_context(|| {
        format!("failed to install `{package}`\nhelp: install it yourself (Debian: `apt-get install {package}`)")
    })
}
