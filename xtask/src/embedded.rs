//! `cargo xtask embedded`: builds what `polyfill-host` embeds, the adapter and the parts of lowered components, and puts it
//! there.
//!
//! The files are kept in the repository, so that `polyfill-host` builds without a toolchain for guests. Each says which
//! sources it was built from: a test compares them to those that are there.

mod places;

use crate::guest::{self, Backend};
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wasm_encoder::{CustomSection, Encode, Section};

/// A file that is embedded.
struct Embedded {
    /// Where the host embeds it from.
    file: &'static str,
    /// The manifest of the crate that it is built from.
    manifest: &'static str,
    form: Form,
    /// What it is built from, besides [`GUEST_SOURCES`] if it is a component. Other crates come by the lock file.
    sources: &'static [&'static str],
}

enum Form {
    /// Made with `polyfill-guest`, with a feature if the crate has several parts.
    Component { feature: Option<&'static str> },
    /// As it is compiled.
    Module,
}

impl Embedded {
    const fn part(file: &'static str, feature: &'static str) -> Self {
        Embedded {
            file,
            manifest: "adapter/Cargo.toml",
            form: Form::Component {
                feature: Some(feature),
            },
            sources: &[
                "adapter/.cargo",
                "adapter/Cargo.lock",
                "adapter/Cargo.toml",
                "adapter/src",
                "adapter/wit",
                "lower/heap",
            ],
        }
    }
}

const EMBEDDED: [Embedded; 8] = [
    Embedded::part("polyfill-host/src/adapter/cli.wasm", "cli"),
    Embedded::part("polyfill-host/src/adapter/filesystem.wasm", "filesystem"),
    Embedded::part("polyfill-host/src/adapter/http.wasm", "http"),
    Embedded::part("polyfill-host/src/adapter/sockets.wasm", "sockets"),
    Embedded::part("polyfill-host/src/lower/server.wasm", "server"),
    Embedded {
        file: "polyfill-host/src/lower/core.wasm",
        manifest: "lower/core/Cargo.toml",
        form: Form::Module,
        sources: &[
            "lower/.cargo",
            "lower/Cargo.lock",
            "lower/Cargo.toml",
            "lower/core",
            "lower/heap",
            "core/src",
        ],
    },
    Embedded {
        file: "polyfill-host/src/compose/pipes.wasm",
        manifest: "lower/pipes/Cargo.toml",
        form: Form::Module,
        sources: &[
            "lower/.cargo",
            "lower/Cargo.lock",
            "lower/Cargo.toml",
            "lower/core",
            "lower/heap",
            "lower/pipes",
            "core/src",
        ],
    },
    Embedded {
        file: "polyfill-host/src/lower/http.wasm",
        manifest: "lower/http/Cargo.toml",
        form: Form::Component { feature: None },
        sources: &[
            "adapter/wit",
            "lower/.cargo",
            "lower/Cargo.lock",
            "lower/Cargo.toml",
            "lower/heap",
            "lower/http",
        ],
    },
];

/// The custom section with the hash of the sources.
const SECTION: &str = "isyswasfa:sources";

/// What every guest is built from.
const GUEST_SOURCES: [&str; 6] = [
    "polyfill-guest/macro/src",
    "polyfill-guest/src",
    "core/src",
    "wit/core",
    "wit/src",
    "wit/wasi/0.3",
];

pub fn run() -> Result<ExitCode> {
    let project = Project::locate()?;
    // Nothing of it needs an operating system, and everything that a host has to link costs it something for each request.
    let toolchain = Toolchain::find(&project, Some(Target::Unknown))?.without_paths(&project);
    for embedded in &EMBEDDED {
        let package = guest::package_at(&project, embedded.manifest)?;
        let (backend, features) = match embedded.form {
            Form::Component { feature } => (Some(Backend::Isyswasfa), feature),
            Form::Module => (None, None),
        };
        let built = guest::build_module(&toolchain, &package, backend, features.as_slice())?;
        let failed = || format!("failed to read `{}`", built.display());
        let module = fs::read(&built).with_context(failed)?;
        let module = places::compact(&module).with_context(failed)?;
        let mut wasm = match embedded.form {
            Form::Component { .. } => guest::component::of(&module)?,
            Form::Module => module,
        };
        // After the build, which may have changed the lock file.
        let hash = hash(&project.root, embedded)?;
        let section = CustomSection {
            name: SECTION.into(),
            data: Cow::Borrowed(hash.as_bytes()),
        };
        // The same in a module and in a component.
        wasm.push(section.id());
        section.encode(&mut wasm);
        let file = project.root.join(embedded.file);
        fs::write(&file, &wasm).with_context(|| format!("failed to write `{}`", file.display()))?;
        println!("{} ({} bytes)", file.display(), wasm.len());
    }
    Ok(ExitCode::SUCCESS)
}

/// The hash of the sources: their paths and what is in them.
fn hash(root: &Path, embedded: &Embedded) -> Result<String> {
    let shared: &[&str] = match embedded.form {
        Form::Component { .. } => &GUEST_SOURCES,
        Form::Module => &[],
    };
    let mut files = Vec::new();
    for source in embedded.sources.iter().chain(shared) {
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
    fn what_is_embedded_is_that_of_the_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for embedded in &EMBEDDED {
            let expected = hash(root, embedded).unwrap();
            let wasm = fs::read(root.join(embedded.file)).unwrap();
            let mut payloads = Parser::new(0).parse_all(&wasm);
            let recorded = payloads.find_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section) if section.name() == SECTION => {
                    Some(String::from_utf8(section.data().to_vec()).unwrap())
                }
                _ => None,
            });
            assert_eq!(
                recorded.as_ref(),
                Some(&expected),
                "`{}` was built from other sources than there are\nhelp: `cargo xtask embedded` builds it again",
                embedded.file
            );
        }
    }
}
