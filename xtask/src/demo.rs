//! `cargo xtask demo`: from nothing but this repository to answered requests.

use crate::guest::{self, Backend};
use crate::process;
use crate::project::Project;
use crate::toolchain::Toolchain;
use anyhow::Result;
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub struct Arguments {}

/// (1) What guests are built with. (2) The guest, for both backends. (3) The host. (4) The demo,
/// a program of the tests, which serves the guest and talks to it.
pub fn run(Arguments {}: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    eprintln!("[1/4] what guests are built with");
    let toolchain = Toolchain::find(&project, None)?;
    eprintln!("[2/4] the guest `hash-all`");
    let mut cases = guest::cases(&project)?;
    cases.retain(|case| case.name == "hash-all");
    for backend in Backend::ALL {
        guest::build(&toolchain, &cases, Some(backend))?;
    }
    eprintln!("[3/4] the host, `polyfill-host` (the first time some minutes)");
    build_programs(&project)?;
    eprintln!("[4/4] serving");
    process::run(&mut Command::new(project.program("isyswasfa-demo")))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the whole workspace with its tests, although a program or two of it would do: then its dependencies
/// have the same features as in `cargo test`, and are built once. (Tests run the programs as well.)
pub fn build_programs(project: &Project) -> Result<()> {
    process::run(process::cargo().current_dir(&project.root).args([
        "build",
        "--workspace",
        "--bins",
        "--tests",
    ]))
}
