//! `cargo xtask guest`: builds guest crates to components.

mod backend;
mod build;
pub mod component;
mod package;
mod shared;

pub use backend::Backend;

pub use build::{build, build_module, build_program};

use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use anyhow::{Context, Result, bail};
use package::Package;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Names of guests of this repository: folders in `cases`
    #[arg(value_name = "CASE", required_unless_present_any = ["all", "manifest_path"])]
    cases: Vec<String>,

    /// All of `cases`
    #[arg(long, conflicts_with = "cases")]
    all: bool,

    /// The `Cargo.toml` of any other guest crate
    #[arg(long, value_name = "CARGO.TOML", conflicts_with_all = ["cases", "all"])]
    manifest_path: Option<PathBuf>,

    /// The ABI to build for; the default is `isyswasfa`, or the only one that the guest has
    #[arg(long)]
    backend: Option<Backend>,

    /// The program that becomes the component, in a package with several
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    bin: Option<String>,

    /// The target that Rust compiles for
    #[arg(long, value_enum, default_value_t)]
    target: Target,

    /// The file to write the component to, instead of `guests/BACKEND/NAME.wasm` in the target folder
    #[arg(short, long, value_name = "OUT.WASM")]
    output: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let packages = arguments.packages(&project)?;
    if arguments.output.is_some() && packages.len() > 1 {
        bail!(
            "`--output` names one file, but there are {} guests",
            packages.len()
        );
    }
    let toolchain = Toolchain::find(arguments.target)?;
    let program = arguments.bin.as_deref();
    for guest in build_program(&toolchain, &packages, arguments.backend, program)? {
        let place = match &arguments.output {
            None => guest,
            Some(output) => {
                let component = std::fs::read(&guest)
                    .with_context(|| format!("failed to read `{}`", guest.display()))?;
                isyswasfa_output::write(output, &component)
                    .with_context(|| format!("failed to write `{}`", output.display()))?;
                output.clone()
            }
        };
        println!("{}", place.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// All of `cases`.
pub fn cases(project: &Project) -> Result<Vec<Package>> {
    package::members(&project.cases(), Some(&project.target))
}

/// One of `cases`.
pub fn case(project: &Project, name: &str) -> Result<Package> {
    let found = cases(project)?
        .into_iter()
        .find(|package| package.name == name);
    found.with_context(|| format!("there is no case `{name}`"))
}

/// All of `tests/guests`, each with the backends that it is built for.
pub fn test_guests(project: &Project) -> Result<Vec<(Package, Vec<Option<Backend>>)>> {
    let manifest = project.root.join("tests/guests/Cargo.toml");
    let packages = package::members(&manifest, Some(&project.target))?;
    let with_backends = packages.into_iter().map(|package| {
        let backends = if package.has_choice() {
            Backend::ALL.map(Some).to_vec()
        } else {
            vec![None]
        };
        (package, backends)
    });
    Ok(with_backends.collect())
}

/// A package of this repository, by its manifest.
pub fn package_at(project: &Project, manifest: &str) -> Result<Package> {
    let mut package = package::at(&project.root.join(manifest))?;
    package.target = project.target.clone();
    Ok(package)
}

/// All of `benches/guests`.
pub fn benches(project: &Project) -> Result<Vec<Package>> {
    package::members(
        &project.root.join("benches/guests/Cargo.toml"),
        Some(&project.target),
    )
}

impl Arguments {
    fn packages(&self, project: &Project) -> Result<Vec<Package>> {
        if let Some(manifest) = &self.manifest_path {
            return Ok(vec![package::at(manifest)?]);
        }
        let mut packages = cases(project)?;
        if let Some(unknown) = self
            .cases
            .iter()
            .find(|case| packages.iter().all(|package| package.name != **case))
        {
            let known = packages
                .iter()
                .map(|package| package.name.as_str())
                .collect::<Vec<_>>()
                .join("`, `");
            bail!(
                "no case `{unknown}`\nhelp: there are `{known}`; any other guest: `--manifest-path`"
            );
        }
        packages.retain(|package| self.all || self.cases.contains(&package.name));
        Ok(packages)
    }
}
