//! Loads WIT packages for comparison from a folder, a file or a component, also as they were at a git revision.

use anyhow::{Context, Result, bail};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3};
use std::fs;
use std::path::Path;
use std::process::Command;
use wit_component::DecodedWasm;
use wit_parser::{PackageId, Resolve};

/// The package at a path, with its dependencies. A single file may mention WASI's own packages, of 0.2.12 and 0.3.2.
pub fn load(path: &Path) -> Result<(Resolve, PackageId)> {
    let failed = || format!("failed to read the WIT of `{}`", path.display());
    if path.is_dir() {
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(path)
            .map_err(|error| anyhow::anyhow!("{error:#}"))
            .with_context(failed)?;
        return Ok((resolve, package));
    }
    let bytes = fs::read(path).with_context(failed)?;
    if bytes.starts_with(b"\0asm") {
        return match wit_component::decode(&bytes).with_context(failed)? {
            DecodedWasm::WitPackage(resolve, package) => Ok((resolve, package)),
            DecodedWasm::Component(resolve, world) => {
                let package = resolve.worlds[world]
                    .package
                    .context("the component's world has no package")
                    .with_context(failed)?;
                Ok((resolve, package))
            }
        };
    }
    let text = String::from_utf8(bytes).with_context(failed)?;
    let mut resolve = with_wasi();
    let package = resolve
        .push_source(&path.display().to_string(), &text)
        .map_err(|error| anyhow::anyhow!("{error:#}"))
        .with_context(failed)?;
    Ok((resolve, package))
}

/// WASI's own packages.
fn with_wasi() -> Resolve {
    let mut resolve = Resolve::default();
    for wasi in [&WASI_0_2, &WASI_0_3] {
        wasi.push(&mut resolve).expect("WASI's WIT is valid");
    }
    resolve
}

/// The same path as it was at a revision.
pub fn load_at(path: &Path, revision: &str) -> Result<(Resolve, PackageId)> {
    let folder = tempfile::tempdir()?;
    let top = if path.is_dir() {
        path
    } else {
        path.parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    };
    let archive = folder.path().join("archive.tar");
    let git = Command::new("git")
        .args(["archive", "--format=tar", "-o"])
        .arg(&archive)
        .arg(revision)
        .current_dir(top)
        .output()
        .context("failed to run `git`")?;
    if !git.status.success() {
        bail!(
            "failed to take `{}` from the revision `{revision}`: {}",
            path.display(),
            String::from_utf8_lossy(&git.stderr).trim()
        );
    }
    let tar = Command::new("tar")
        .arg("-xf")
        .arg(&archive)
        .current_dir(folder.path())
        .output()
        .context("failed to run `tar`")?;
    if !tar.status.success() {
        bail!(
            "failed to unpack the revision `{revision}`: {}",
            String::from_utf8_lossy(&tar.stderr).trim()
        );
    }
    fs::remove_file(&archive)?;
    match path.is_dir() {
        true => load(folder.path()),
        false => load(
            &folder
                .path()
                .join(path.file_name().context("it has no name")?),
        ),
    }
}
