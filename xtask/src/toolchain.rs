//! Finds a way to build guests: the first that works of
//!
//! 1. the current Rust toolchain, if it has the target's standard library;
//! 2. the sysroot that we built before;
//! 3. `rustup target add`;
//! 4. a compiler that comes with the standard library's source (ours, if it has the component
//!    `rust-src`, else Debian's packages, installed when we are root): a sysroot is built with it.

mod compiler;
mod debian;
mod sysroot;

use crate::process;
use crate::project::Project;
use anyhow::{Result, bail};
use compiler::Compiler;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What guests are compiled for: it needs no libc, and no adapter to make a component.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How to call Cargo so that it can build for [`TARGET`].
pub struct Toolchain {
    rustc: Option<PathBuf>,
    flags: Vec<String>,
}

impl Toolchain {
    pub fn find(project: &Project) -> Result<Self> {
        let current = Compiler::current()?;
        // (1)
        if current.has_std() {
            return Ok(Self {
                rustc: None,
                flags: vec![],
            });
        }
        // Two of us at once would build into the same folder.
        let _lock = project.lock("sysroot")?;
        // (2)
        let kept = project.sysroot();
        if let Some(compiler) = sysroot::builder(&kept) {
            return Self::with_sysroot(&compiler, &current, kept);
        }
        // (3)
        if rustup_target_add() && current.has_std() {
            return Ok(Self {
                rustc: None,
                flags: vec![],
            });
        }
        // (4)
        let Some(compiler) = current.with_source().or_else(|| debian::find(&current)) else {
            bail!(
                "no standard library for `{TARGET}` to build guests with\n\
                 help: `rustup target add {TARGET}`, or as root on Debian: `apt-get install {}`",
                debian::PACKAGES.join(" ")
            );
        };
        sysroot::build(&compiler, &current, &kept)?;
        Self::with_sysroot(&compiler, &current, kept)
    }

    fn with_sysroot(compiler: &Compiler, current: &Compiler, sysroot: PathBuf) -> Result<Self> {
        let linker = compiler::linker(&[compiler, current])?;
        Ok(Self {
            rustc: Some(compiler.rustc.clone()),
            flags: vec![
                format!("--sysroot={}", sysroot.display()),
                format!("-Clinker={}", linker.display()),
            ],
        })
    }

    /// What is built says nothing of where: neither of this repository, nor of where Cargo keeps sources.
    pub fn without_paths(mut self, project: &Project) -> Self {
        let mut hide = |folder: &Path, name: &str| {
            let flag = format!("--remap-path-prefix={}={name}", folder.display());
            self.flags.push(flag);
        };
        hide(&project.root, ".");
        let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
        if let Some(cargo) = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home) {
            hide(&cargo, "cargo");
        }
        self
    }

    /// `cargo build` for [`TARGET`], without a manifest yet. Like a guest's own configuration,
    /// ours is of the target only, so that build scripts and macros are built as ever.
    pub fn cargo_build(&self) -> Command {
        let mut cargo = process::cargo();
        cargo.args(["build", "--target", TARGET]);
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc);
        }
        if !self.flags.is_empty() {
            // A JSON array of strings is a TOML array of strings, too.
            let flags = serde_json::Value::from(self.flags.clone());
            cargo
                .arg("--config")
                .arg(format!("target.{TARGET}.rustflags={flags}"));
        }
        // They would replace the flags above, and are meant for the host's programs.
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo
    }
}

/// Whether rustup could add the target to the current toolchain. That it cannot is nothing to
/// report: there may be no rustup, or no network, and there are other ways.
fn rustup_target_add() -> bool {
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "1");
    eprintln!(
        "guests need the target {TARGET}: trying `{}`",
        process::shown(&rustup)
    );
    rustup.output().is_ok_and(|output| output.status.success())
}
