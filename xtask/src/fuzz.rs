//! `cargo xtask fuzz`: runs the seeded tests with random inputs, on more inputs than `cargo test`. The same checks are targets
//! of `cargo fuzz`, which chooses inputs by code coverage: see `fuzz/README.md`.

use crate::process;
use crate::project::Project;
use anyhow::Result;
use std::process::ExitCode;

/// The tests: random packages through the split, operations on a pipe, and damaged components.
const TESTS: [&str; 2] = ["random", "mutations"];

#[derive(clap::Args)]
pub struct Arguments {
    /// The factor by which there are more inputs than in `cargo test`; 250 means a million packages
    #[arg(long, value_name = "N", default_value_t = 25)]
    times: u64,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let mut test = process::cargo();
    test.current_dir(&project.root)
        .env("ISYSWASFA_FUZZ_TIMES", arguments.times.to_string())
        .args(["test", "--workspace"]);
    for name in TESTS {
        test.args(["--test", name]);
    }
    test.args(["--", "--nocapture"]);
    Ok(if test.status()?.success() {
        ExitCode::SUCCESS
    } else {
        // Cargo has printed what failed.
        ExitCode::FAILURE
    })
}
