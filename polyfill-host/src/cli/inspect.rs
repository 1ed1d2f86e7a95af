//! `polyfill-host inspect`.

use super::Failure;
use crate::escape;
use crate::inspect::Report;
use crate::{Artifact, BadInput};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Tells what a component is: its ABI, imports and exports, what it is made of, and who can run it
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct InspectArgs {
    /// The component's file
    component: PathBuf,

    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host inspect app.wasm
  polyfill-host inspect --format json app.wasm | jq -r '.imports[].name'

Interfaces of the split ABI are shown as the WIT that they were made from: the halves of a function as
one `async func`, pipes as `stream<T>` and `future<T>`.";

/// How the report is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object, for programs
    Json,
}

impl InspectArgs {
    fn report(&self) -> Result<Report, BadInput> {
        Ok(Report::new(&Artifact::open(&self.component)?)?)
    }

    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let report = self.report()?;
        let text = match self.format {
            Format::Text => escape::text(&report.to_string()).into_owned(),
            Format::Json => {
                let mut text = serde_json::to_string_pretty(&report).map_err(io::Error::from)?;
                text.push('\n');
                text
            }
        };
        match io::stdout().write_all(text.as_bytes()) {
            // `… | head` has what it wants.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
