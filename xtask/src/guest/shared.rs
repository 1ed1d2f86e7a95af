//! Lets the builds for both backends share Cargo's output for this machine: macros, build scripts and their dependencies.
//!
//! Both have the same dependencies there, with the same features, and compiling those takes minutes. But each backend has its
//! own target folder, since Cargo gives a guest's module the same file name whatever the features are. In that folder, the
//! output for this machine is in `release`, beside the folders of other targets. So `release` is a link to one folder for both.

use crate::project;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Makes `release` in `folder`, a target folder for guests, a link to the shared one in `target`.
pub fn share(target: &Path, folder: &Path) -> Result<()> {
    let shared = project::shared_build(target);
    let link = folder.join("release");
    let failed = || format!("failed to make `{}` a link", link.display());
    if link.is_symlink() && shared.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).with_context(failed)?;
    if link.is_dir() && !link.is_symlink() {
        // The folder of a build before the link existed: it also serves the other backend.
        if shared.exists() {
            fs::remove_dir_all(&link).with_context(failed)?
        } else {
            fs::rename(&link, &shared).with_context(failed)?
        }
    }
    fs::create_dir_all(&shared).with_context(failed)?;
    // Relative, so that a target folder can be moved.
    let place = Path::new("..").join(shared.file_name().unwrap_or_default());
    match make_link(&place, &link) {
        // Another build has just made it.
        Err(_) if link.is_symlink() => Ok(()),
        made => made.with_context(failed),
    }
}

#[cfg(unix)]
fn make_link(to: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

/// On other systems, links need special rights. Each backend compiles its own macros there.
#[cfg(not(unix))]
fn make_link(_: &Path, _: &Path) -> std::io::Result<()> {
    Ok(())
}
