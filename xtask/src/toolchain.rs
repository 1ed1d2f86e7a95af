//! The Rust toolchain that guests are built with, and the targets that they are built for.

mod compiler;
mod target;

pub use target::Target;

use crate::embedded::rustc;
use crate::process;
use crate::project::Project;
use anyhow::{Context, Result, bail};
use compiler::Compiler;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to call Cargo so that it can build for [`Target`].
pub struct Toolchain {
    pub target: Target,
    flags: Vec<String>,
    /// The repository, if the build must give the same bytes in every folder.
    repository: Option<PathBuf>,
}

impl Toolchain {
    /// The current Rust toolchain, with the standard library for `target`. rustup adds the library if it is missing.
    pub fn find(target: Target) -> Result<Self> {
        if !Compiler::current()?.has_std(target) {
            add(target)?;
        }
        Ok(Self {
            target,
            flags: target.flags(),
            repository: None,
        })
    }

    /// Fails unless the current Rust is that of `rust-toolchain.toml`: another one compiles to other bytes.
    pub fn require_pinned(project: &Project) -> Result<()> {
        let file = project.root.join("rust-toolchain.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read `{}`", file.display()))?;
        let pinned = text.lines().find_map(|line| {
            let version = line.strip_prefix("channel = \"")?;
            version.strip_suffix('"')
        });
        let pinned = pinned.with_context(|| format!("`{}` has no channel", file.display()))?;
        let compiler = Compiler::current()?;
        let found = compiler.release();
        if found != pinned {
            bail!(
                "Rust {found} was found, and Rust {pinned} is needed\nhelp: `rustup toolchain install {pinned}`"
            );
        }
        Ok(())
    }

    /// Keeps the paths of the repository and of Cargo's sources out of the output.
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
        // So Cargo rebuilds crates that were built without the wrapper.
        self.flags.push("-Cmetadata=embedded".to_owned());
        self.repository = Some(project.root.clone());
        self
    }

    /// `cargo build` for the target, without a manifest yet. The flags are for the target only, so build scripts and macros are
    /// built as usual.
    pub fn cargo_build(&self) -> Result<Command> {
        let mut cargo = process::cargo();
        if let Some(repository) = &self.repository {
            rustc::wrap(&mut cargo, repository)?;
        }
        cargo.args(["build", "--target", self.target.name()]);
        if !self.flags.is_empty() {
            // A JSON array of strings is a TOML array of strings, too.
            let flags = serde_json::Value::from(self.flags.clone());
            cargo
                .arg("--config")
                .arg(format!("target.{}.rustflags={flags}", self.target));
        }
        // These are meant for programs of this machine, and would replace the flags above.
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        Ok(cargo)
    }
}

/// Adds the standard library for `target` to the current toolchain.
fn add(target: Target) -> Result<()> {
    let missing = || format!("the Rust toolchain has no standard library for `{target}`");
    if process::find("rustup").is_none() {
        bail!(
            "{}\nhelp: install Rust with rustup, from https://rustup.rs, which adds the targets of `rust-toolchain.toml`",
            missing()
        );
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target.name()]);
    eprintln!("{}: running `{}`", missing(), process::shown(&rustup));
    process::run(&mut rustup).with_context(missing)
}
