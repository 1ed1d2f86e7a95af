//! `cargo xtask test`: every guest on every backend, the cases in other languages, the tools that tests compare with, then all
//! tests, and those of the package for JavaScript. With `--hosts`: what `hosts.rs` says.

use crate::guest::{self, Backend};
use crate::hosts;
use crate::js;
use crate::languages::{self, Missing};
use crate::process;
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};
use crate::tools;
use anyhow::Result;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only install other hosts, run lowered components on them, and write the results into `HOSTS.md`
    #[arg(long, conflicts_with = "cargo_test")]
    hosts: bool,

    /// Leave out the cases in other languages than Rust, whose tests take several minutes
    #[arg(long, conflicts_with = "hosts")]
    without_languages: bool,

    /// Further arguments for `cargo test --workspace`
    #[arg(last = true, value_name = "ARGUMENTS")]
    cargo_test: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let toolchain = Toolchain::find(Target::default())?;
    // Installed too: the tests of plain Cargo build for it.
    Toolchain::find(Target::Unknown)?;
    if arguments.hosts {
        return hosts::run(&project, &toolchain);
    }
    let cases = guest::cases(&project)?;
    for backend in Backend::ALL {
        guest::build(&toolchain, &cases, Some(backend))?;
    }
    for (package, backends) in guest::test_guests(&project)? {
        let package = std::slice::from_ref(&package);
        for backend in backends {
            for program in package[0].components() {
                guest::build_program(&toolchain, package, backend, program)?;
            }
        }
    }
    let missing = if arguments.without_languages {
        languages::none("`--without-languages`")
    } else {
        languages::build_what_can_be(&project)?
    };
    let wac = tools::WAC.find_or_build(&project)?;
    build_programs(&project)?;
    let mut test = process::cargo();
    for Missing { language, why } in &missing {
        test.env(language.variable(), format!("{why:#}"));
    }
    test.current_dir(&project.root)
        .env("WAC", wac)
        .args(["test", "--workspace"])
        .args(&arguments.cargo_test);
    let mut is_success = test.status()?.success();
    let js = js::install(&project);
    if let Ok(tools) = &js {
        is_success &= tools.test(&project)?;
    }
    for Missing { language, why } in &missing {
        eprintln!(
            "not run: the tests of components in {}: {why:#}",
            language.name()
        );
    }
    if let Err(why) = js {
        eprintln!("not run: the tests of the package for JavaScript: {why:#}");
    }
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        // Cargo has said what failed.
        ExitCode::FAILURE
    })
}

/// Builds the whole workspace, with its tests and the programs that they run. Dependencies have the same features as in `cargo
/// test --workspace`, so they are built once.
pub fn build_programs(project: &Project) -> Result<()> {
    process::run(process::cargo().current_dir(&project.root).args([
        "build",
        "--workspace",
        "--bins",
        "--tests",
    ]))
}
