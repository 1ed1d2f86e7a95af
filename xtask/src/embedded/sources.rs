//! The hash of an embedded file's inputs: sources, manifests, lock files, the compiler, and the post-processing code.

use super::{Embedded, Form};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// The sources of every guest.
const GUEST: [&str; 10] = [
    "polyfill-guest/Cargo.toml",
    "polyfill-guest/macro/Cargo.toml",
    "polyfill-guest/macro/src",
    "polyfill-guest/src",
    "core/Cargo.toml",
    "core/src",
    "wit/Cargo.toml",
    "wit/core",
    "wit/src",
    "wit/wasi",
];

/// The code that builds and post-processes every file. The toolchain file has the compiler's version.
const BUILT_BY: [&str; 4] = [
    "rust-toolchain.toml",
    "xtask/src/embedded",
    "xtask/src/embedded.rs",
    "xtask/src/guest/component.rs",
];

/// The crates that `BUILT_BY` writes wasm with. Nothing else matters in the lock file of this workspace.
const TOOLS: [&str; 4] = ["wasm-encoder", "wasmparser", "wit-component", "wit-parser"];

/// The hash of the files' paths and contents, and of the tools' versions.
pub fn hash(root: &Path, embedded: &Embedded) -> Result<String> {
    let guest: &[&str] = match embedded.form {
        Form::Component { .. } => &GUEST,
        Form::Module | Form::Apart => &[],
    };
    let mut files = Vec::new();
    for source in embedded.sources.iter().chain(guest).chain(&BUILT_BY) {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        let name = name.to_string_lossy().replace('\\', "/");
        add(&mut hash, &name, &read(&file)?);
    }
    let lock = String::from_utf8(read(&root.join("Cargo.lock"))?)?;
    for entry in lock.split("[[package]]") {
        let value = |key: &str| {
            let mut lines = entry.lines();
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
        };
        let (name, version) = (value("name"), value("version"));
        if let (Some(name), Some(version)) = (name, version)
            && TOOLS.contains(&name.trim_matches('"'))
        {
            add(&mut hash, name, version.as_bytes());
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn add(hash: &mut Sha256, name: &str, content: &[u8]) {
    hash.update(name);
    hash.update([0]);
    hash.update(content.len().to_le_bytes());
    hash.update(content);
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("failed to read `{}`", file.display()))
}

/// Collects the file, or all files below the folder, without tests.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = || format!("failed to read `{}`", path.display());
    if path.ends_with("tests") {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(failed)? {
        collect(&entry.with_context(failed)?.path(), files)?;
    }
    Ok(())
}
