//! `cargo xtask soak`: the tests that run as long as they are let, for longer than `cargo xtask test` lets them.

use crate::guest::{self, Backend};
use crate::process;
use crate::project::Project;
use crate::test::build_programs;
use crate::toolchain::Toolchain;
use anyhow::Result;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// How long to soak each backend
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    seconds: u64,

    /// Which tests: those whose names contain this
    #[arg(default_value = "soak::", value_name = "FILTER")]
    filter: String,
}

/// The guests, then the tests of `tests/tests/soak.rs`, one at a time, with what they counted on stderr.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let toolchain = Toolchain::find(&project, None)?;
    let cases = guest::cases(&project)?;
    for backend in Backend::ALL {
        guest::build(&toolchain, &cases, Some(backend))?;
    }
    build_programs(&project)?;
    let mut tests = process::cargo();
    tests
        .current_dir(&project.root)
        .env("ISYSWASFA_SOAK_SECONDS", arguments.seconds.to_string())
        .args(["test", "--workspace", "--test", "e2e", &arguments.filter])
        .args(["--", "--nocapture", "--test-threads", "1"]);
    process::run(&mut tests)?;
    Ok(ExitCode::SUCCESS)
}
