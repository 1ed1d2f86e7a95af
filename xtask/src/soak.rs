//! `cargo xtask soak`: runs the tests with a set duration for longer than `cargo xtask test` does.

use crate::guest::{self, Backend};
use crate::process;
use crate::project::Project;
use crate::test::build_programs;
use crate::toolchain::{Target, Toolchain};
use anyhow::Result;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// How long to soak each backend
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    seconds: u64,

    /// Run the tests whose names contain this
    #[arg(default_value = "soak::", value_name = "FILTER")]
    filter: String,
}

/// Builds the guests, then runs the tests of `tests/tests/soak.rs` one at a time, with their counts on stderr.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let toolchain = Toolchain::find(Target::default())?;
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
