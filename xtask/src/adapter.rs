//! `cargo xtask adapter`: builds the adapter's components and puts them into `polyfill-host`, which embeds them.
//!
//! The files are kept in the repository, so that `polyfill-host` builds without a toolchain for guests. Each says which
//! sources it was built from: a test compares them to those that are there.

use crate::guest::{self, Backend};
use crate::project::Project;
use crate::toolchain::Toolchain;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wasm_encoder::{ComponentSection, CustomSection};

/// Where the host embeds them from.
const EMBEDDED: &str = "polyfill-host/src/adapter";

/// The parts of the adapter: features of its crate, and the names of the files.
const PARTS: [&str; 4] = ["cli", "filesystem", "http", "sockets"];

/// The custom section with the hash of the sources.
const SECTION: &str = "isyswasfa:adapter-sources";

/// What they are built from. Other crates come by the lock file.
const SOURCES: [&str; 10] = [
    "adapter/Cargo.lock",
    "adapter/Cargo.toml",
    "adapter/src",
    "adapter/wit",
    "polyfill-guest/macro/src",
    "polyfill-guest/src",
    "rendezvous/src",
    "wit/core",
    "wit/src",
    "wit/wasi/0.3",
];

pub fn run() -> Result<ExitCode> {
    let project = Project::locate()?;
    let toolchain = Toolchain::find(&project)?;
    let package = [guest::adapter(&project)?];
    for part in PARTS {
        let built = guest::build_with(&toolchain, &package, Some(Backend::Isyswasfa), &[part])?;
        let [built] = built.as_slice() else {
            anyhow::bail!("the part `{part}` became several components");
        };
        let mut component =
            fs::read(built).with_context(|| format!("failed to read `{}`", built.display()))?;
        // After the build, which may have changed the lock file.
        let hash = hash(&project.root)?;
        CustomSection {
            name: SECTION.into(),
            data: Cow::Borrowed(hash.as_bytes()),
        }
        .append_to_component(&mut component);
        let embedded = embedded(&project.root, part);
        fs::write(&embedded, &component)
            .with_context(|| format!("failed to write `{}`", embedded.display()))?;
        println!("{} ({} bytes)", embedded.display(), component.len());
    }
    Ok(ExitCode::SUCCESS)
}

fn embedded(root: &Path, part: &str) -> PathBuf {
    root.join(EMBEDDED).join(part).with_extension("wasm")
}

/// The hash of the sources: their paths and what is in them.
fn hash(root: &Path) -> Result<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let content =
            fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file);
        hash.update(name.to_string_lossy().replace('\\', "/"));
        hash.update([0]);
        hash.update(content.len().to_le_bytes());
        hash.update(content);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The file, or all files below the folder; tests are not part of what is built.
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

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload};

    #[test]
    fn the_embedded_adapter_is_that_of_the_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let expected = hash(root).unwrap();
        for part in PARTS {
            let component = fs::read(embedded(root, part)).unwrap();
            let mut payloads = Parser::new(0).parse_all(&component);
            let recorded = payloads.find_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section) if section.name() == SECTION => {
                    Some(String::from_utf8(section.data().to_vec()).unwrap())
                }
                _ => None,
            });
            assert_eq!(
                recorded.as_ref(),
                Some(&expected),
                "the part `{part}` was built from other sources than there are\nhelp: `cargo xtask adapter` builds it again"
            );
        }
    }
}
