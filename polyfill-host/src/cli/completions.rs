//! `polyfill-host completions SHELL`.

use super::{Cli, Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::{self, Write};
use std::process::ExitCode;

/// Writes a script that completes this program's options in a shell
///
/// For bash: `polyfill-host completions bash > ~/.local/share/bash-completion/completions/polyfill-host`
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that the script is for
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Cli::command(),
            "polyfill-host",
            &mut script,
        );
        match io::stdout().write_all(&script) {
            // The reader needs no more, as in `… | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
