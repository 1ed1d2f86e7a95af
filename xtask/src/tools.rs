//! Programs of others that tests and benchmarks use: those on the path, else built once and kept in the target folder.

use crate::process;
use crate::project::Project;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program as `cargo install` makes it.
pub struct Tool {
    pub program: &'static str,
    pub package: &'static str,
    pub version: &'static str,
    /// What it is built with, in the place of its default features.
    pub features: &'static str,
}

/// The composer that everybody uses, without its client for registries.
pub const WAC: Tool = Tool {
    program: "wac",
    package: "wac-cli",
    version: "0.12.0",
    features: "wit",
};

impl Tool {
    /// Where it is, in this very version.
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
