//! A sysroot for guests: the standard library, built once from its source.
//!
//! Cargo can build the standard library along with a guest (`-Zbuild-std`), but would do so again
//! in every target folder, and lets no guest's flags alone. So it builds an empty crate that way,
//! and the libraries that come with it are kept in the layout that `rustc --sysroot` expects.

use super::Target;
use super::compiler::{self, Compiler};
use crate::process;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Which one: for `wasm32-wasip2`, the standard library needs a libc, which is not built here.
const TARGET: Target = Target::Unknown;

/// Names the compiler that built the sysroot: no other can read it. Written last.
const STAMP: &str = "built-by.json";

/// The compiler that built the sysroot in `folder`, if there is one and it has not changed since.
pub fn builder(folder: &Path) -> Option<Compiler> {
    let stamp = fs::read_to_string(folder.join(STAMP)).ok()?;
    let (rustc, version): (PathBuf, String) = serde_json::from_str(&stamp).ok()?;
    let compiler = rustc.exists().then(|| Compiler::at(rustc).ok()).flatten()?;
    (compiler.version == version).then_some(compiler)
}

/// (1) An empty crate. (2) Cargo builds it and the libraries. (3) They move to their place.
/// (4) The stamp.
pub fn build(compiler: &Compiler, current: &Compiler, folder: &Path) -> Result<()> {
    eprintln!("building the standard library for {TARGET} (about a minute, once)");
    let write = |path: &Path, text: &str| {
        fs::write(path, text).with_context(|| format!("failed to write `{}`", path.display()))
    };
    let remade = || format!("failed to make `{}` anew", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(remade)?;
    }
    // (1)
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).with_context(remade)?;
    write(
        &empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    )?;
    write(&empty.join("lib.rs"), "#![no_std]\n")?;
    // (2) Without `backtrace`: a guest has nothing to read its own symbols with.
    let linker = compiler::linker(&[compiler, current])?;
    process::run(
        process::cargo()
            .current_dir(&empty)
            .args(["build", "--release", "--target", TARGET.name()])
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features="])
            .arg("--config")
            .arg(format!(
                "target.{TARGET}.linker={:?}",
                linker.display().to_string()
            ))
            // Cargo leaves the bitcode out, and then no guest could ask for link-time optimization.
            .arg("--config")
            .arg(format!("target.{TARGET}.rustflags=['-Cembed-bitcode=yes']"))
            .env("RUSTC", &compiler.rustc)
            // What makes a stable compiler and Cargo accept `-Z`.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", folder.join("build"))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )?;
    // (3)
    let libraries = folder.join("lib/rustlib").join(TARGET.name()).join("lib");
    fs::create_dir_all(&libraries).with_context(remade)?;
    let built = folder
        .join("build")
        .join(TARGET.name())
        .join("release/deps");
    for entry in
        fs::read_dir(&built).with_context(|| format!("failed to list `{}`", built.display()))?
    {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::rename(entry.path(), libraries.join(&*name)).with_context(remade)?;
        }
    }
    fs::remove_dir_all(folder.join("build")).with_context(remade)?;
    fs::remove_dir_all(&empty).with_context(remade)?;
    // (4)
    write(
        &folder.join(STAMP),
        &serde_json::to_string(&(&compiler.rustc, &compiler.version))?,
    )
}
