//! Keeps what has been built or installed, as long as what it was made of has not changed: a file beside it has the hash of that.

use crate::project::Project;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Calls `build`, which makes `product` of files and folders of the repository, unless it has done so before.
pub fn build_once(
    project: &Project,
    product: &Path,
    made_of: &[PathBuf],
    build: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut name = product.file_name().unwrap_or_default().to_owned();
    name.push(".made-of");
    let mark = product.with_file_name(name);
    let hash = hash(&project.root, made_of)?;
    // Where there is no mark, it is to be built.
    if product.exists() && fs::read_to_string(&mark).is_ok_and(|kept| kept == hash) {
        return Ok(());
    }
    build()?;
    fs::write(&mark, hash).with_context(|| format!("failed to write `{}`", mark.display()))
}

/// The hash of the files' paths and contents.
fn hash(root: &Path, made_of: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for source in made_of {
        collect(&root.join(source), &mut files)
            .with_context(|| format!("failed to read `{}`", source.display()))?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let content =
            fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy();
        for part in [name.as_bytes(), &content] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// All files in `path`, which is one itself or a folder. What Python keeps of what it has compiled is none of the sources.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() != "__pycache__" {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_changed_is_built_once() {
        let root = tempfile::tempdir().unwrap();
        let project = Project {
            root: root.path().to_owned(),
            target: root.path().join("target"),
        };
        let source = root.path().join("source");
        let product = root.path().join("product");
        fs::create_dir_all(source.join("__pycache__")).unwrap();
        let mut built = 0;
        let mut build = || {
            build_once(&project, &product, &["source".into()], || {
                built += 1;
                fs::write(&product, "").context("no product")
            })
            .unwrap();
            built
        };
        fs::write(source.join("a"), "1").unwrap();
        assert_eq!((build(), build()), (1, 1));
        // What Python has compiled does not count.
        fs::write(source.join("__pycache__/a"), "").unwrap();
        assert_eq!(build(), 1);
        fs::write(source.join("a"), "2").unwrap();
        assert_eq!((build(), build()), (2, 2));
        fs::write(source.join("b"), "").unwrap();
        assert_eq!(build(), 3);
        fs::remove_file(&product).unwrap();
        assert_eq!(build(), 4);
    }

    #[test]
    fn what_fails_is_built_again() {
        let root = tempfile::tempdir().unwrap();
        let project = Project {
            root: root.path().to_owned(),
            target: root.path().join("target"),
        };
        let product = root.path().join("product");
        fs::write(root.path().join("source"), "").unwrap();
        let fail = || {
            build_once(&project, &product, &["source".into()], || {
                anyhow::bail!("no")
            })
        };
        assert!(fail().is_err() && fail().is_err());
    }
}
