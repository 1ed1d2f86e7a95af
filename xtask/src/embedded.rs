//! `cargo xtask embedded`: builds the wasm files that `polyfill-host` embeds: the adapter, and the parts of lowered components.
//!
//! The files are kept in the repository, so that `polyfill-host` builds without a toolchain for guests. Each has the hash of
//! its sources, which a test compares with the sources. `--check` builds all files, and compares the bytes.

mod places;
pub mod rustc;
mod sources;

use crate::guest::{self, Backend};
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use anyhow::{Context, Result, bail};
use sources::hash;
use std::borrow::Cow;
use std::fs;
use std::process::ExitCode;
use wasm_encoder::{CustomSection, Encode, Section};

/// A file that is embedded.
struct Embedded {
    /// Its path in the repository.
    file: &'static str,
    /// The manifest of the crate that it is built from.
    manifest: &'static str,
    form: Form,
    /// Its sources, besides those that [`sources`] adds for all. Other crates are in the lock file.
    sources: &'static [&'static str],
}

enum Form {
    /// A component made with `polyfill-guest`, with a feature if the crate has several parts.
    Component { feature: Option<&'static str> },
    /// A module, with the section for moving it into another memory.
    Module,
    /// A module that keeps its own memory.
    Apart,
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

const EMBEDDED: [Embedded; 9] = [
    Embedded::part("tools/src/adapter/cli.wasm", "cli"),
    Embedded::part("tools/src/adapter/filesystem.wasm", "filesystem"),
    Embedded::part("tools/src/adapter/http.wasm", "http"),
    Embedded::part("tools/src/adapter/sockets.wasm", "sockets"),
    Embedded::part("tools/src/lower/server.wasm", "server"),
    Embedded {
        file: "tools/src/lower/core.wasm",
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
        file: "tools/src/compose/pipes.wasm",
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
        file: "tools/src/lower/http.wasm",
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
    Embedded {
        file: "translate/src/runtime.wasm",
        manifest: "translate/runtime/Cargo.toml",
        form: Form::Apart,
        sources: &[
            "core/Cargo.toml",
            "core/src",
            "lower/heap",
            "translate/runtime",
        ],
    },
];

/// The custom section with the hash of the sources.
const SECTION: &str = "isyswasfa:sources";

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail if a file differs from its build in any byte
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    // No file needs an operating system, and each import costs a host something for each request.
    let toolchain = Toolchain::find(Target::Unknown)?.without_paths(&project);
    Toolchain::require_pinned(&project)?;
    let mut stale = Vec::new();
    for embedded in &EMBEDDED {
        let wasm = build(&project, &toolchain, embedded)?;
        let file = project.root.join(embedded.file);
        if !arguments.check {
            fs::write(&file, &wasm)
                .with_context(|| format!("failed to write `{}`", file.display()))?;
            println!("{} ({} bytes)", file.display(), wasm.len());
            continue;
        }
        let found =
            fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        if found != wasm {
            stale.push(embedded.file);
        }
    }
    if !stale.is_empty() {
        bail!(
            "these files differ from a build of their sources: `{}`\nhelp: `cargo xtask embedded` builds it again",
            stale.join("`, `")
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the content of the file.
fn build(project: &Project, toolchain: &Toolchain, embedded: &Embedded) -> Result<Vec<u8>> {
    let package = guest::package_at(project, embedded.manifest)?;
    let (backend, features) = match embedded.form {
        Form::Component { feature } => (Some(Backend::Isyswasfa), feature),
        Form::Module | Form::Apart => (None, None),
    };
    let built = guest::build_module(toolchain, &package, backend, features.as_slice())?;
    let failed = || format!("failed to read `{}`", built.display());
    let module = fs::read(&built).with_context(failed)?;
    let compact = || places::compact(&module).with_context(failed);
    let mut wasm = match embedded.form {
        Form::Component { .. } => guest::component::of(&compact()?)?,
        Form::Module => compact()?,
        Form::Apart => module,
    };
    // After the build, which may have changed the lock file.
    let hash = hash(&project.root, embedded)?;
    let section = CustomSection {
        name: SECTION.into(),
        data: Cow::Borrowed(hash.as_bytes()),
    };
    // Modules and components have the same form of custom sections.
    wasm.push(section.id());
    section.encode(&mut wasm);
    Ok(wasm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use wasmparser::{Parser, Payload};

    #[test]
    fn embedded_files_have_the_hash_of_their_sources() {
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
                "`{}` is not built from the current sources\nhelp: `cargo xtask embedded` builds it again",
                embedded.file
            );
        }
    }
}
