//! Writes rewritten files: each atomically, and not into a tree whose state git could not give back.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Puts the text in the place of the file's, wholly or not at all; a link stays a link. Nothing left means no file.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    if !text.is_empty() {
        // It may have gone with its folder before.
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            fs::create_dir_all(folder)
                .with_context(|| format!("failed to make the folder `{}`", folder.display()))?;
        }
        return write(path, text);
    }
    isyswasfa_output::remove(path)
        .with_context(|| format!("failed to remove `{}`", path.display()))?;
    // A package of which nothing is left needs no folder; one that holds something else refuses.
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// Writes a file that this program makes, or to the device or pipe that `path` is.
pub fn write(path: &Path, text: &str) -> Result<()> {
    isyswasfa_output::write(path, text.as_bytes())
        .with_context(|| format!("failed to write `{}`", path.display()))
}

/// An error if one of the files has changes that are not committed, or if git doesn't know them.
pub fn refuse_dirty(files: &[PathBuf]) -> Result<()> {
    let mut dirty = Vec::new();
    for file in files {
        // What a link leads to is what is written to.
        let absolute = fs::canonicalize(file)
            .with_context(|| format!("failed to look at `{}`", file.display()))?;
        let folder = absolute.parent().context("it is not in a folder")?;
        let output = Command::new("git")
            .args([
                "status",
                "--porcelain",
                "--ignored=no",
                "--untracked-files=all",
                "--",
            ])
            .arg(absolute.file_name().context("it has no name")?)
            .current_dir(folder)
            .output()
            .context("failed to run `git`\nhelp: `--allow-dirty` writes without asking it")?;
        if !output.status.success() {
            bail!(
                "`{}` is not in a git repository, so there would be no way back\nhelp: `--allow-dirty` writes all the same",
                file.display()
            );
        }
        if !output.stdout.is_empty() {
            dirty.push(file.display().to_string());
        }
    }
    if !dirty.is_empty() {
        bail!(
            "these files have changes that are not committed:\n  {}\nhelp: commit or stash them, or use `--allow-dirty`",
            dirty.join("\n  ")
        );
    }
    Ok(())
}
