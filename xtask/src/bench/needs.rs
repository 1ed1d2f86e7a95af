//! What rows need, and builds all of it before anything is measured.

use crate::guest::{self, Backend};
use crate::languages::{self, Language};
use crate::process;
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use crate::tools::{self, WASMTIME};
use anyhow::Result;
use std::process::Command;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// All of `benches/guests`, for both backends where they have a choice. They are built together: each selection of them would
    /// have other features of the guest runtime, and be compiled anew.
    Guests,
    /// A case, for both backends.
    Case(&'static str),
    /// A case in Python.
    Python,
    /// `polyfill-host` and `isyswasfa-bench`, in release. They are built together: each alone would have other features of wasmtime.
    Programs,
    Wasmtime,
    /// A program on the path, from the Debian package of the second name.
    Installed(&'static str, &'static str),
    /// The benchmark of `migrate`.
    Migrate,
}

/// A need that could not be met, and why.
pub type Unmet = (Need, anyhow::Error);

/// Builds all of it.
pub fn meet(project: &Project, needs: &[Need]) -> Result<Vec<Unmet>> {
    let mut unmet = vec![];
    guests(project, needs, &mut unmet)?;
    for need in needs {
        let met = match need {
            Need::Guests | Need::Case(_) => Ok(()),
            Need::Python => languages::build_all_in(project, Language::Python),
            Need::Programs => process::run(process::cargo().current_dir(&project.root).args([
                "build",
                "--quiet",
                "--release",
                "--package",
                "polyfill-host",
                "--package",
                "isyswasfa-bench",
            ])),
            Need::Wasmtime => WASMTIME.find_or_build(project).map(drop),
            Need::Installed(program, package) => tools::find_or_install(program, package).map(drop),
            Need::Migrate => process::run(bench_of_migrate(project).arg("--no-run")),
        };
        if let Err(error) = met {
            unmet.push((*need, error));
        }
    }
    Ok(unmet)
}

/// `cargo bench` of the tree that `migrate` checks.
pub fn bench_of_migrate(project: &Project) -> Command {
    let mut cargo = process::cargo();
    cargo
        .current_dir(project.root.join("migrate"))
        .args(["bench", "--quiet", "--bench", "tree"]);
    cargo
}

/// Builds guests together, so that Cargo uses all cores.
fn guests(project: &Project, needs: &[Need], unmet: &mut Vec<Unmet>) -> Result<()> {
    // Without the imports of `std`, which cost all guests the same.
    let toolchain = Toolchain::find(Target::Unknown)?;
    let mut guests = vec![];
    if needs.contains(&Need::Guests) {
        guests = guest::benches(project)?;
    }
    let (guests, by_hand): (Vec<_>, Vec<_>) =
        guests.into_iter().partition(|package| package.has_choice());
    let mut cases = guest::cases(project)?;
    cases.retain(|case| {
        let is_needed = |need: &Need| matches!(need, Need::Case(name) if **name == case.name);
        needs.iter().any(is_needed)
    });
    let mut build = |packages: &[_], backend| {
        if !packages.is_empty()
            && let Err(error) = guest::build(&toolchain, packages, backend)
        {
            let of_guests = needs
                .iter()
                .filter(|need| matches!(need, Need::Guests | Need::Case(_)));
            for need in of_guests {
                unmet.push((*need, anyhow::anyhow!("{error:#}")));
            }
        }
    };
    for backend in Backend::ALL {
        build(&guests, Some(backend));
        // One by one: those of one workspace share features otherwise.
        for case in &cases {
            build(std::slice::from_ref(case), Some(backend));
        }
    }
    build(&by_hand, None);
    Ok(())
}
