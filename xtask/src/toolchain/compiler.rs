//! A `rustc`, and what its sysroot holds.

use super::Target;
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Compiler {
    pub rustc: PathBuf,
    pub sysroot: PathBuf,
    /// What `rustc -vV` prints: it changes with every build of the compiler.
    pub version: String,
}

impl Compiler {
    /// The one that builds this workspace.
    pub fn current() -> Result<Self> {
        Self::at(
            std::env::var_os("RUSTC")
                .unwrap_or_else(|| "rustc".into())
                .into(),
        )
    }

    pub fn at(rustc: PathBuf) -> Result<Self> {
        let version = process::output(Command::new(&rustc).arg("-vV"))?;
        let sysroot = process::output(Command::new(&rustc).args(["--print", "sysroot"]))?;
        Ok(Self {
            rustc,
            sysroot: sysroot.trim().into(),
            version,
        })
    }

    /// The platform that it runs on, such as `x86_64-unknown-linux-gnu`.
    pub fn host(&self) -> &str {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap_or_default()
    }

    /// The version, such as `1.95.0` or `1.97.0-nightly`.
    pub fn release_text(&self) -> &str {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("release: "))
            .unwrap_or_default()
    }

    /// Major and minor version.
    pub fn release(&self) -> Option<(u32, u32)> {
        let mut numbers = self
            .release_text()
            .split('.')
            .map(|number| number.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// Whether guests can be built for `target` with it as it is.
    pub fn has_std(&self, target: Target) -> bool {
        let rustlib = self.sysroot.join("lib/rustlib");
        let libraries = rustlib.join(target.name()).join("lib");
        std::fs::read_dir(libraries).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    }

    /// Itself, if the source of its standard library is installed.
    pub fn with_source(&self) -> Option<Self> {
        let source = self
            .sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml");
        source.exists().then(|| Self {
            rustc: self.rustc.clone(),
            sysroot: self.sysroot.clone(),
            version: self.version.clone(),
        })
    }
}

/// A linker for wasm: the one inside a toolchain of `compilers`, else LLVM's on the path.
pub fn linker(compilers: &[&Compiler]) -> Result<PathBuf> {
    let bundled = compilers.iter().map(|compiler| {
        compiler
            .sysroot
            .join("lib/rustlib")
            .join(compiler.host())
            .join("bin/rust-lld")
    });
    let path = std::env::var_os("PATH").context("no `PATH` is set")?;
    let installed = std::env::split_paths(&path).map(|folder| folder.join("wasm-ld"));
    let Some(linker) = bundled
        .chain(installed)
        .find(|file: &PathBuf| Path::exists(file))
    else {
        bail!(
            "no linker for wasm\nhelp: install LLVM's `lld`, or Rust with rustup, which brings `rust-lld`"
        );
    };
    Ok(linker)
}
