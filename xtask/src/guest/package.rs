//! A guest crate, and its features that choose the backend.
//!
//! The convention: a guest has the features `isyswasfa` and `native`, and forwards them to those
//! of `compat-api` and `polyfill-guest`. A guest without them must depend on one of the two
//! directly: then the features of the dependency are chosen.

use super::Backend;
use crate::process;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The crates that have the features.
const LIBRARIES: [&str; 2] = ["compat-api", "polyfill-guest"];

pub struct Package {
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Its workspace's folder.
    pub workspace: PathBuf,
    /// Its workspace's target folder, or the repository's.
    pub target: PathBuf,
    pub id: String,
    /// Whether its library is a `cdylib`, which can become a component.
    cdylib: bool,
    /// Its programs. If the library cannot become a component, one of them does.
    programs: Vec<String>,
    /// The one that `cargo run` would run.
    default_program: Option<String>,
    features: BTreeMap<String, Vec<String>>,
    /// The names of its dependencies on [`LIBRARIES`].
    libraries: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Member>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Member {
    name: String,
    id: String,
    manifest_path: PathBuf,
    features: BTreeMap<String, Vec<String>>,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    default_run: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    /// `None`: an ordinary dependency.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The crate of a package that becomes a component.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// Its library, a `cdylib`, with the exports of `export!`.
    Library,
    /// A program, by its name: it exports `wasi:cli/run@0.2.x`, which calls `main`, and the exports of `export!`.
    Program(String),
}

/// The package whose manifest is `path`.
pub fn at(path: &Path) -> Result<Package> {
    let manifest = path
        .canonicalize()
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let found = members(&manifest, None)?
        .into_iter()
        .find(|package| package.manifest == manifest);
    found.with_context(|| {
        format!(
            "`{}` is no package's manifest\nhelp: name that of a member",
            path.display()
        )
    })
}

/// The packages of the workspace of `manifest`; `target` replaces its own target folder.
pub fn members(manifest: &Path, target: Option<&Path>) -> Result<Vec<Package>> {
    let metadata = process::output(
        process::cargo()
            .args([
                "metadata",
                "--format-version=1",
                "--no-deps",
                "--manifest-path",
            ])
            .arg(manifest),
    )?;
    let metadata: Metadata =
        serde_json::from_str(&metadata).context("failed to understand `cargo metadata`")?;
    let package = |member: Member| Package {
        libraries: member.libraries(),
        cdylib: member.targets.iter().any(|target| target.is("cdylib")),
        programs: member
            .targets
            .iter()
            .filter(|target| target.is("bin"))
            .map(|target| target.name.clone())
            .collect(),
        default_program: member.default_run,
        name: member.name,
        manifest: member.manifest_path,
        workspace: metadata.workspace_root.clone(),
        target: target.unwrap_or(&metadata.target_directory).into(),
        id: member.id,
        features: member.features,
    };
    Ok(metadata.packages.into_iter().map(package).collect())
}

impl Target {
    fn is(&self, wanted: &str) -> bool {
        self.kind.iter().any(|kind| kind == wanted)
    }
}

impl Member {
    fn libraries(&self) -> Vec<String> {
        let ours = self.dependencies.iter().filter(|dependency| {
            dependency.kind.is_none() && LIBRARIES.contains(&dependency.name.as_str())
        });
        ours.map(|dependency| {
            dependency
                .rename
                .as_ref()
                .unwrap_or(&dependency.name)
                .clone()
        })
        .collect()
    }
}

impl Package {
    /// All crates that can become components: its library, or else each of its programs, by name.
    pub fn components(&self) -> Vec<Option<&str>> {
        if self.cdylib {
            vec![None]
        } else {
            self.programs
                .iter()
                .map(|name| Some(name.as_str()))
                .collect()
        }
    }

    /// The crate that becomes a component: the program `program`, if it is given, or else its library, or else its only
    /// program.
    pub fn root(&self, program: Option<&str>) -> Result<Root> {
        let name = &self.name;
        let programs = self.programs.join("`, `");
        if let Some(program) = program {
            if self.programs.iter().any(|found| found == program) {
                return Ok(Root::Program(program.into()));
            }
            bail!("`{name}` has no program `{program}`\nhelp: it has `{programs}`");
        }
        if self.cdylib {
            return Ok(Root::Library);
        }
        if let Some(program) = &self.default_program {
            return Ok(Root::Program(program.clone()));
        }
        match self.programs.as_slice() {
            [program] => Ok(Root::Program(program.clone())),
            [] => bail!(
                "`{name}` has no library that can become a component, and no program\n\
                 help: in its `Cargo.toml`: `[lib]`, `crate-type = [\"cdylib\"]`; what `main` does in a program, \
                 `export!` does in a guest"
            ),
            _ => bail!("`{name}` has several programs\nhelp: `--bin` one of `{programs}`"),
        }
    }

    /// Whether it can be built for both backends.
    pub fn has_choice(&self) -> bool {
        !self.libraries.is_empty()
            || Backend::ALL
                .iter()
                .any(|backend| self.features.contains_key(backend.name()))
    }

    /// The features to build it with for `backend`, instead of its default ones. Without `backend`, the guest need not have a
    /// choice.
    pub fn features(&self, backend: Option<Backend>) -> Result<Vec<String>> {
        let chosen = backend.unwrap_or(Backend::Isyswasfa).name();
        let is_backend =
            |feature: &String| Backend::ALL.iter().any(|backend| backend.name() == feature);
        let default = self.features.get("default").into_iter().flatten();
        let mut features: Vec<_> = default
            .filter(|feature| !is_backend(feature))
            .cloned()
            .collect();
        if self.features.contains_key(chosen) {
            features.push(chosen.into());
        } else if !self.libraries.is_empty() {
            features.extend(
                self.libraries
                    .iter()
                    .map(|library| format!("{library}/{chosen}")),
            );
        } else if backend.is_some() {
            bail!(
                "`{}` has no choice of backends\nhelp: give it the feature `{chosen}`, or a dependency on `{}`",
                self.name,
                LIBRARIES.join("` or `"),
            );
        }
        Ok(features)
    }
}
