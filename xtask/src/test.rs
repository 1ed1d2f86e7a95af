//! x
use anyhow::Result;
use std::process::ExitCode;
#[derive(clap::Args)]
pub struct Arguments {}
pub fn run(_: &Arguments) -> Result<ExitCode> {
    todo!()
}
