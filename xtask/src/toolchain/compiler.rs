//! A `rustc`, and what its sysroot holds.

use super::Target;
use crate::process;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

pub struct Compiler {
    sysroot: PathBuf,
    /// What `rustc -vV` prints.
    version: String,
}

impl Compiler {
    /// The compiler that builds this workspace.
    pub fn current() -> Result<Self> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = process::output(Command::new(&rustc).arg("-vV"))?;
        let sysroot = process::output(Command::new(&rustc).args(["--print", "sysroot"]))?;
        Ok(Self {
            sysroot: sysroot.trim().into(),
            version,
        })
    }

    /// The version, such as `1.95.0` or `1.97.0-nightly`.
    pub fn release(&self) -> &str {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
            .unwrap_or_default()
    }

    /// Whether the standard library for `target` is installed.
    pub fn has_std(&self, target: Target) -> bool {
        let rustlib = self.sysroot.join("lib/rustlib");
        let libraries = rustlib.join(target.name()).join("lib");
        std::fs::read_dir(libraries).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    }
}
