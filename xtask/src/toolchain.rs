//! Finds a way to build guests: the first that works of
//!
//! 1. the current Rust toolchain, if it has the standard library for `wasm32-wasip2`;
//! 2. `rustup target add wasm32-wasip2`;
//! 3. for `wasm32-unknown-unknown`, with which guests cannot use all of the standard library: the same two,
//! 4. the sysroot that we built before,
//! 5. a compiler that comes with the standard library's source (ours, if it has the component
//!    `rust-src`, else Debian's packages, installed when we are root): a sysroot is built with it.

mod compiler;
mod debian;
mod sysroot;
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
    rustc: Option<PathBuf>,
    flags: Vec<String>,
    /// The repository, if what is built is to be the same wherever that is.
    anywhere: Option<PathBuf>,
}

impl Toolchain {
    /// For `target`; if none is asked for, for the first that there is, with a warning if that is not WASI.
    pub fn find(project: &Project, target: Option<Target>) -> Result<Self> {
        let current = Compiler::current()?;
        if target != Some(Target::Unknown) {
            // (1), (2)
            if installed(&current, Target::Wasip2) {
                return Ok(Self::installed(Target::Wasip2));
            }
            let help = format!("help: `rustup target add {}`", Target::Wasip2);
            if target.is_some() {
                bail!("no standard library for `{}`\n{help}", Target::Wasip2);
            }
            eprintln!(
                "warning: no standard library for `{}`: guests are built for `{}`, where {}\n{help}",
                Target::Wasip2,
                Target::Unknown,
                target::WITHOUT_WASI
            );
        }
        // (3)
        if current.has_std(Target::Unknown) {
            return Ok(Self::installed(Target::Unknown));
        }
        // Two of us at once would build into the same folder.
        let _lock = project.lock("sysroot")?;
        // (4), which needs no network, before what of (3) needs it.
        let kept = project.sysroot();
        if let Some(compiler) = sysroot::builder(&kept) {
            return Self::with_sysroot(&compiler, &current, kept);
        }
        if installed(&current, Target::Unknown) {
            return Ok(Self::installed(Target::Unknown));
        }
        // (5)
        let Some(compiler) = current.with_source().or_else(|| debian::find(&current)) else {
            bail!(
                "no standard library to build guests with\n\
                 help: `rustup target add {}`, or as root on Debian: `apt-get install {}`",
                target.unwrap_or(Target::Wasip2),
                debian::PACKAGES.join(" ")
            );
        };
        sysroot::build(&compiler, &current, &kept)?;
        Self::with_sysroot(&compiler, &current, kept)
    }

    /// With the current toolchain as it is.
    fn installed(target: Target) -> Self {
        Self {
            target,
            rustc: None,
            flags: target.flags(),
            anywhere: None,
        }
    }

    fn with_sysroot(compiler: &Compiler, current: &Compiler, sysroot: PathBuf) -> Result<Self> {
        let linker = compiler::linker(&[compiler, current])?;
        Ok(Self {
            target: Target::Unknown,
            rustc: Some(compiler.rustc.clone()),
            flags: vec![
                format!("--sysroot={}", sysroot.display()),
                format!("-Clinker={}", linker.display()),
            ],
            anywhere: None,
        })
    }

    /// Fails unless it is the Rust of `rust-toolchain.toml`: another one compiles to other bytes.
    pub fn require_pinned(&self, project: &Project) -> Result<()> {
        let file = project.root.join("rust-toolchain.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("failed to read `{}`", file.display()))?;
        let pinned = text.lines().find_map(|line| {
            let version = line.strip_prefix("channel = \"")?;
            version.strip_suffix('"')
        });
        let pinned = pinned.with_context(|| format!("`{}` has no channel", file.display()))?;
        let compiler = match &self.rustc {
            Some(rustc) => Compiler::at(rustc.clone())?,
            None => Compiler::current()?,
        };
        let found = compiler.release_text();
        if found != pinned {
            bail!(
                "Rust {found} was found, and Rust {pinned} is needed\nhelp: `rustup toolchain install {pinned}`"
            );
        }
        Ok(())
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
        // Cargo builds again what was built without the wrapper.
        self.flags.push("-Cmetadata=embedded".to_owned());
        self.anywhere = Some(project.root.clone());
        self
    }

    /// `cargo build` for the target, without a manifest yet. Like a guest's own configuration,
    /// ours is of the target only, so that build scripts and macros are built as ever.
    pub fn cargo_build(&self) -> Result<Command> {
        let mut cargo = process::cargo();
        if let Some(repository) = &self.anywhere {
            rustc::wrap(&mut cargo, repository)?;
        }
        cargo.args(["build", "--target", self.target.name()]);
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc);
        }
        if !self.flags.is_empty() {
            // A JSON array of strings is a TOML array of strings, too.
            let flags = serde_json::Value::from(self.flags.clone());
            cargo
                .arg("--config")
                .arg(format!("target.{}.rustflags={flags}", self.target));
        }
        // They would replace the flags above, and are meant for the host's programs.
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        Ok(cargo)
    }
}

/// Whether the toolchain has the standard library, if need be after rustup has added it. That it cannot is nothing to report:
/// there may be no rustup, or no network, and there are other ways.
fn installed(current: &Compiler, target: Target) -> bool {
    if current.has_std(target) {
        return true;
    }
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", target.name()])
        .env("RUSTUP_MAX_RETRIES", "1");
    eprintln!(
        "guests need the target {target}: trying `{}`",
        process::shown(&rustup)
    );
    rustup.output().is_ok_and(|output| output.status.success()) && current.has_std(target)
}
