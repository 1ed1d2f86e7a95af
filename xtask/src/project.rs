//! Paths in this repository and in its target folder.

use crate::guest::Backend;
use crate::process;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

pub struct Project {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder of this workspace, which has all of our output.
    pub target: PathBuf,
}

impl Project {
    pub fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask has no parent folder")?
            .to_owned();
        let metadata = process::output(
            process::cargo()
                .args([
                    "metadata",
                    "--format-version=1",
                    "--no-deps",
                    "--manifest-path",
                ])
                .arg(root.join("Cargo.toml")),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo named no target folder")?;
        Ok(Self {
            root,
            target: target.into(),
        })
    }

    /// The manifest of the workspace of cases.
    pub fn cases(&self) -> PathBuf {
        self.root.join("cases").join("Cargo.toml")
    }

    /// A program of this workspace, as `cargo build` leaves it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }
}

/// The folder for guests in a target folder.
pub fn guests(target: &Path) -> PathBuf {
    target.join("guests")
}

/// The folder of finished components in a target folder.
pub fn components(target: &Path, backend: Backend) -> PathBuf {
    guests(target).join(backend.name())
}

/// The target folder for Cargo when it builds guests for one backend. Each backend has its own: Cargo gives a cdylib the same
/// file name for all features.
pub fn build(target: &Path, backend: Backend) -> PathBuf {
    guests(target).join("build").join(backend.name())
}

/// The folder for Cargo's output for this machine when it builds guests, for both backends.
pub fn shared_build(target: &Path) -> PathBuf {
    guests(target).join("build").join("machine")
}
