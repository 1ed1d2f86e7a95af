//! Guests built with plain Cargo, as a user builds them, without programs of this repository.

use crate::guest::{Backend, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the package in `folder` for `backend`, and returns a copy of the file `artifact` that Cargo has made. Tests with
/// other artifacts have other copies.
///
/// # Panics
/// If it does not build.
pub fn cargo_build(folder: &Path, backend: Backend, rust_target: &str, artifact: &str) -> PathBuf {
    // The versions of the cases, so nothing has to be downloaded.
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases/Cargo.lock");
        fs::copy(cases, lock).expect("a copy of the lock file");
    }
    let built_in = target_folder(backend);
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(folder)
        .args(["build", "--release", "--no-default-features"])
        .args(["--features", backend.name(), "--target", rust_target])
        .env("CARGO_TARGET_DIR", &built_in)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let built = built_in.join(rust_target).join("release").join(artifact);
    // The next build for another target or backend must not replace it.
    let copies = built_in.join("copies").join(rust_target);
    fs::create_dir_all(&copies).expect("a folder");
    let copy = copies.join(artifact);
    fs::copy(&built, &copy)
        .unwrap_or_else(|error| panic!("`{}`: {error}\n{stderr}", built.display()));
    copy
}

/// One folder for all such builds for a backend. Cargo's output for this machine, mostly macros, is shared with the other
/// guests.
fn target_folder(backend: Backend) -> PathBuf {
    let builds = target().join("guests").join("build");
    let folder = builds.join("plain").join(backend.name());
    fs::create_dir_all(&folder).expect("the target folder");
    #[cfg(unix)]
    if builds.join("machine").is_dir() {
        // Another test may just have made it.
        let _ = std::os::unix::fs::symlink("../../machine", folder.join("release"));
    }
    folder
}
