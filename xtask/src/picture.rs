//! `cargo xtask picture`: makes the picture and the table of `docs/one-request.md` from a trace.

use crate::guest::{self, Backend};
use crate::process;
use crate::project::Project;
use crate::test::build_programs;
use crate::toolchain::{Target, Toolchain};
use anyhow::{Context, Result};
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub struct Arguments {}

/// The cases of the composition; one more is a guest of the tests.
const CASES: [&str; 5] = ["router", "middleware", "service", "echo", "hash-all"];
const TEST_GUEST: &str = "delay";

/// (1) The guests. (2) The host. (3) A program of the tests, which composes and serves them, sends requests, and draws the
///     trace.
pub fn run(Arguments {}: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let toolchain = Toolchain::find(Target::default())?;
    let mut guests = Vec::new();
    for name in CASES {
        guests.push(guest::case(&project, name)?);
    }
    guest::build(&toolchain, &guests, Some(Backend::Isyswasfa))?;
    let mut others = guest::test_guests(&project)?.into_iter();
    let (delay, _) = others
        .find(|(package, _)| package.name == TEST_GUEST)
        .with_context(|| format!("there is no test guest `{TEST_GUEST}`"))?;
    guest::build(&toolchain, &[delay], Some(Backend::Isyswasfa))?;
    build_programs(&project)?;
    process::run(&mut Command::new(project.program("isyswasfa-picture")))?;
    Ok(ExitCode::SUCCESS)
}
