//! `polyfill-host run`.

use super::Failure;
use super::guests::{self, GuestArgs};
use super::settings::{For, Settings};
use crate::BadInput;
use crate::escape;
use crate::options::{Output, advice};
use crate::run::{Outcome, ProgramLoader, RunOptions};
use clap::Args;
use std::future::Future;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Runs a component: one that exports wasi:cli/run (0.3, native or split, or 0.2), or a single
/// function of any other
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct RunArgs {
    /// The component's file
    component: PathBuf,

    /// Its arguments
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENTS"
    )]
    arguments: Vec<String>,

    /// What the component is told that it is called [default: its file's name]
    #[arg(long, value_name = "NAME")]
    argv0: Option<String>,

    /// Call this function instead of `run`, and print what it returns; arguments and result are
    /// written in WAVE
    ///
    /// `FUNCTION(ARGUMENTS)` or `INTERFACE.FUNCTION(ARGUMENTS)`, the interface by its short or its
    /// full name. Async functions are awaited.
    #[arg(long, value_name = "CALL", conflicts_with = "arguments")]
    invoke: Option<String>,

    /// Go on, when the function has returned, until nothing is under way any more
    ///
    /// Without it, what the component has spawned ends when the function returns, as with
    /// wasmtime. What was written to stdout and stderr by then arrives in any case.
    #[arg(long)]
    until_idle: bool,

    #[command(flatten)]
    guests: GuestArgs,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host run hello.wasm --name you
  polyfill-host run --dir .::/work --dir /usr/share::/data::ro walk.wasm /work
  polyfill-host run -S inherit-network,allow-ip-name-lookup fetch.wasm example.com
  polyfill-host run -W timeout=10s,max-memory-size=64M --env MODE=test job.wasm < input > output
  polyfill-host run --abi split native.wasm
  polyfill-host run --invoke 'line.pass(\"hello\")' round-trip.wasm

Options come before the component's file; everything behind it is the component's own.
Its stdin, stdout and stderr are this process's; sockets, files and the environment are not there
unless an option gives them. To a terminal, control characters in its output are escaped; a program
that draws on the terminal needs `-S inherit-stdout`.

The exit status is that of the component: what it gave `exit-with-code`, 1 if `run` returned an
error, 134 if it trapped or took longer than `-W timeout`. It is 2 if the component or an option
cannot be used.";

impl RunArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let mut settings = Settings::new(For::Run);
        self.guests.apply(&mut settings)?;
        let timeout = settings.timeout;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let engine = settings.engine.clone();
        let options = self.options(settings)?;
        let trace = options.guest.trace.clone();
        let loader = ProgramLoader::new(engine, options)?;
        let program = loader.load(&self.component)?;
        let ended = runtime.block_on(async {
            match &self.invoke {
                None => within(timeout, program.run(&self.component)).await,
                Some(call) => match within(timeout, program.invoke(call)).await {
                    None => None,
                    Some(Ok(Err(outcome))) => Some(Ok(outcome)),
                    Some(Ok(Ok(result))) => {
                        println!("{}", escape::text(&result));
                        Some(Ok(Outcome::Exited(0)))
                    }
                    Some(Err(error)) => Some(Err(error)),
                },
            }
        });
        // Tasks that still wait for stdin, or for a guest that was stopped, end with the process.
        runtime.shutdown_background();
        guests::finish(trace)?;
        let Some(outcome) = ended else {
            let timeout = timeout.unwrap_or_default();
            tell_trap(&format!("stopped after {timeout:?}, which is the timeout"));
            return Ok(ExitCode::from(Outcome::TRAPPED));
        };
        let outcome = outcome?;
        if let Outcome::Trapped(error) = &outcome {
            tell_trap(&format!("{error:?}"));
            if let Some(advice) = advice(error) {
                // As above.
                let _ = writeln!(io::stderr(), "help: {advice}");
            }
        }
        Ok(ExitCode::from(outcome.status()))
    }

    fn options(&self, mut settings: Settings) -> Result<RunOptions, BadInput> {
        self.guests.resolve(&mut settings)?;
        let guest = &mut settings.guest;
        let output = |inherit: Option<bool>| match inherit {
            Some(false) => Output::Discard,
            Some(true) => Output::Inherit,
            None => Output::Lines { prefix: false },
        };
        guest.stdout = output(settings.stdout);
        guest.stderr = output(settings.stderr);
        let own_name = self.component.file_name().unwrap_or_default();
        let name = match &self.argv0 {
            Some(name) => name.clone(),
            None => own_name.to_string_lossy().into_owned(),
        };
        let mut arguments = vec![name];
        arguments.extend(self.arguments.iter().cloned());
        Ok(RunOptions {
            guest: settings.guest,
            arguments,
            // As wasmtime does.
            blocking: settings.timeout.is_none(),
            until_idle: self.until_idle,
        })
    }
}

/// The future's output; `None` if the future takes longer than the timeout.
async fn within<T>(timeout: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match timeout {
        None => Some(future.await),
        Some(timeout) => tokio::time::timeout(timeout, future).await.ok(),
    }
}

fn tell_trap(what: &str) {
    // If stderr is closed, the exit status must suffice.
    let what = escape::text(what);
    let _ = writeln!(io::stderr(), "error: the component trapped: {what}");
}
