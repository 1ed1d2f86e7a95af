//! Debian's compiler for web targets, whose package of sources lets us build the standard library.

use super::compiler::Compiler;
use crate::process;
use std::path::Path;
use std::process::Command;

pub const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Debian's compiler, installed first if it is not there and we may. `None`: not to be had here;
/// what stood in the way has been shown.
pub fn find(current: &Compiler) -> Option<Compiler> {
    installed(current).or_else(|| install().then(|| installed(current)).flatten())
}

/// At its fixed place: the current toolchain hides it on the path.
fn installed(current: &Compiler) -> Option<Compiler> {
    let rustc = Path::new("/usr/bin/rustc");
    let compiler = rustc
        .exists()
        .then(|| Compiler::at(rustc.into()).ok())
        .flatten()?;
    // Guests are written for the current Rust: an older compiler would not do.
    (compiler.release() >= current.release()).then_some(())?;
    compiler.with_source()
}

/// Whether the packages could be installed.
fn install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !root || !Path::new("/usr/bin/apt-get").exists() {
        return false;
    }
    eprintln!(
        "installing Debian's {} (a few hundred megabytes, once)",
        PACKAGES.join(" and ")
    );
    let mut update = Command::new("apt-get");
    update.arg("update");
    let mut install = Command::new("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(PACKAGES);
    [update, install].iter_mut().all(|step| {
        let done = process::run(step.env("DEBIAN_FRONTEND", "noninteractive"));
        if let Err(error) = &done {
            eprintln!("{error:#}");
        }
        done.is_ok()
    })
}
