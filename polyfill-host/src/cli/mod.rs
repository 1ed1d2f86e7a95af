//! The command line: what can be asked, and how answers and errors are told.

mod completions;
mod compose;
mod env;
mod guests;
mod inspect;
mod logging;
mod lower;
mod new;
mod output;
mod run;
mod serve;
mod settings;
mod signals;
mod startup;
mod suboptions;
mod values;

use clap::{Parser, Subcommand};
use polyfill_host::BadInput;
use polyfill_host::stdio::escape;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Exit status for input that cannot be used. clap's own errors have it too.
const BAD_INPUT: u8 = 2;

/// Runs and serves components that speak WASI 0.2, WASI 0.3 or the split ABI
#[derive(Debug, Parser)]
#[command(name = "polyfill-host", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::RunArgs>),
    Serve(Box<serve::ServeArgs>),
    Compose(compose::ComposeArgs),
    Inspect(inspect::InspectArgs),
    Lower(lower::LowerArgs),
    New(new::NewArgs),
    Completions(completions::CompletionsArgs),
}

/// Why a command ended without success.
#[derive(Debug)]
enum Failure {
    /// What the user gave cannot be used.
    BadInput(BadInput),
    /// Something else went wrong.
    Other(anyhow::Error),
}

impl From<BadInput> for Failure {
    fn from(error: BadInput) -> Self {
        Failure::BadInput(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Other(error.into())
    }
}

/// Does what the command line asks, and answers the exit status.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::Compose(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Lower(args) => args.run(),
        Command::New(args) => args.run(),
        Command::Completions(args) => args.run(),
    };
    match done {
        Ok(status) => status,
        Err(failure) => {
            tell(&failure);
            match failure {
                Failure::BadInput(_) => ExitCode::from(BAD_INPUT),
                Failure::Other(_) => ExitCode::FAILURE,
            }
        }
    }
}

fn tell(failure: &Failure) {
    let (what, advice) = match failure {
        Failure::BadInput(error) => (error.what().to_owned(), error.advice()),
        Failure::Other(error) => (format!("{error:#}"), None),
    };
    let (red, cyan, reset) = if colours(&io::stderr()) {
        ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    // Of a component's names, say.
    let what = escape::text(&what);
    let mut text = format!("{red}error:{reset} {what}\n");
    if let Some(advice) = advice {
        let advice = escape::text(advice);
        text.push_str(&format!("{cyan}help:{reset} {advice}\n"));
    }
    // If stderr is closed, the exit status has to do.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Whether to write colours to `stream`.
fn colours(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !unwanted
}
