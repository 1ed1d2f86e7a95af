//! A wrapper of the compiler for embedded files, so that the path of the repository changes no byte of them.
//!
//! Cargo passes the compiler a hash for each crate, which influences the names and the order of functions. The hash of a crate
//! outside of the built workspace, such as `polyfill-guest` for the adapter, depends on its absolute path. Cargo calls this
//! program instead of the compiler (`RUSTC_WRAPPER`), which passes a hash without the path.

use crate::toolchain::Target;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitCode};

/// The variable that makes this program the compiler. Its value is the repository, whose crates are ours.
const REPOSITORY: &str = "XTASK_RUSTC_WRAPPER_FOR";

/// Lets `cargo` call this program as the compiler.
pub fn wrap(cargo: &mut Command, repository: &Path) -> Result<()> {
    let this = std::env::current_exe().context("the path of this program is unknown")?;
    cargo.env("RUSTC_WRAPPER", this).env(REPOSITORY, repository);
    Ok(())
}

/// Runs the compiler, if this program was called as the compiler.
pub fn run() -> Option<Result<ExitCode>> {
    let repository = std::env::var_os(REPOSITORY)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    let arguments: Vec<_> = arguments.collect();
    // Macros run on this machine, and other guests share their builds.
    let is_guest = arguments.iter().any(|it| it == Target::Unknown.name());
    let ours = std::env::var_os("CARGO_MANIFEST_DIR")
        .is_some_and(|folder| Path::new(&folder).starts_with(&repository));
    let name = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let arguments = arguments.into_iter().map(|argument| {
        if is_guest && ours && is_hash(&argument) {
            OsString::from(format!("metadata={name}"))
        } else {
            argument
        }
    });
    let status = Command::new(&rustc)
        .args(arguments)
        .env_remove(REPOSITORY)
        .status();
    Some(
        status
            .with_context(|| format!("failed to start `{}`", rustc.display()))
            .map(|status| {
                status
                    .code()
                    .map_or(ExitCode::FAILURE, |code| ExitCode::from(code as u8))
            }),
    )
}

/// `metadata=0123456789abcdef`, as Cargo passes it after `-C`.
fn is_hash(argument: &OsStr) -> bool {
    let hash = argument
        .to_str()
        .and_then(|text| text.strip_prefix("metadata="));
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cargos_own_values_are_hashes() {
        assert!(is_hash(OsStr::new("metadata=0123456789abcdef")));
        for other in [
            "metadata=polyfill-guest",
            "extra-filename=-0123456789abcdef",
            "metadata=",
        ] {
            assert!(!is_hash(OsStr::new(other)), "{other}");
        }
    }
}
