//! The command line: its commands, and how their results and errors are printed.

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
mod translate;
mod values;
mod watch;

use crate::BadInput;
use crate::escape;
use crate::run::RunError;
use crate::serve::ServeError;
use anstyle::AnsiColor;
use clap::{Parser, Subcommand};
use std::fmt;
use std::io::{self, Write};
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
    Translate(translate::TranslateArgs),
    New(new::NewArgs),
    Completions(completions::CompletionsArgs),
}

/// Why a command ended without success.
#[derive(Debug)]
enum Failure {
    /// The user's input cannot be used.
    BadInput(BadInput),
    /// Something else went wrong.
    Other(anyhow::Error),
}

impl From<BadInput> for Failure {
    fn from(error: BadInput) -> Self {
        Failure::BadInput(error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Failure::BadInput(bad_input(&error, error.help()))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let help = error.help().map(str::to_owned);
        Failure::BadInput(bad_input(&error, help))
    }
}

/// A library's error as bad input, with advice.
fn bad_input(error: &dyn fmt::Display, help: Option<String>) -> BadInput {
    let input = BadInput::new(error.to_string());
    match help {
        Some(help) => input.help(help),
        None => input,
    }
}

impl From<crate::compose::Error> for Failure {
    fn from(error: crate::compose::Error) -> Self {
        match error {
            crate::compose::Error::Translate(error) => error.into(),
            error => Failure::BadInput(error.into()),
        }
    }
}

impl From<crate::translate::Error> for Failure {
    fn from(error: crate::translate::Error) -> Self {
        if error.is_internal() {
            Failure::Other(error.into())
        } else {
            Failure::BadInput(error.into())
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Other(error.into())
    }
}

/// Runs the command, and returns the exit status.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::Compose(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Lower(args) => args.run(),
        Command::Translate(args) => args.run(),
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
    let (red, cyan) = (
        AnsiColor::Red.on_default().bold(),
        AnsiColor::Cyan.on_default().bold(),
    );
    // Of a component's names, say.
    let what = escape::text(&what);
    let mut text = format!("{red}error:{red:#} {what}\n");
    if let Some(advice) = advice {
        let advice = escape::text(advice);
        text.push_str(&format!("{cyan}help:{cyan:#} {advice}\n"));
    }
    // If stderr is closed, the exit status must suffice. `anstream` drops colours where they are not wanted.
    let _ = anstream::stderr().write_all(text.as_bytes());
}
