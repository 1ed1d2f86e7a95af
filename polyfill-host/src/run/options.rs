//! The options of a command, and the store that it runs in.

use crate::core::Limits;
use crate::guest::Guest;
use crate::http::Client;
use crate::options::{DirectoryError, GuestOptions, Output};
use crate::split::SplitCtx;
use crate::stdio::{Source, Terminal};
use crate::wasi;
use wasmtime::{Engine, Store};

/// The options of a command.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// Its environment and permissions. `Output::Lines` is not cut into lines here: output passes as it comes. On a terminal,
    /// control characters are escaped, and the command does not see a terminal. `Output::Inherit` passes everything on.
    pub guest: GuestOptions,
    /// Its arguments, the first being its name.
    pub arguments: Vec<String>,
    /// Whether reading and writing files may block the thread: much faster, but it cannot be interrupted.
    pub blocking: bool,
    /// Whether the instance goes on, after the called function has returned, until nothing is under way any more. Otherwise
    /// spawned tasks end with the function, as with wasmtime, and only output that was written still arrives.
    pub until_idle: bool,
}

impl RunOptions {
    /// A store for the instance, which yields to others at every tick of the engine's epoch.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub(super) fn store(&self, engine: &Engine) -> Result<Store<Guest>, DirectoryError> {
        let limits = Limits {
            // Nobody else calls a command.
            deadlock: true,
            ..self.guest.limits.core_limits()
        };
        self.store_within(engine, limits)
    }

    /// The same for an instance behind a bridge.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub(super) fn island_store(&self, engine: &Engine) -> Result<Store<Guest>, DirectoryError> {
        self.store_within(engine, self.guest.limits.core_limits())
    }

    fn store_within(
        &self,
        engine: &Engine,
        limits: Limits,
    ) -> Result<Store<Guest>, DirectoryError> {
        let options = &self.guest;
        let mut builder = options.wasi()?;
        builder.args(&self.arguments);
        builder.allow_blocking_current_thread(self.blocking);
        let mut stdio = wasi::Stdio::default();
        if options.inherit_stdin {
            stdio.set_stdin(tokio::io::stdin());
        }
        match terminal(options.stdout, Source::Stdout) {
            Some(terminal) => {
                builder.stdout(terminal);
                stdio.set_stdout(terminal);
            }
            None if options.stdout == Output::Discard => {}
            None => {
                builder.inherit_stdout();
                stdio.set_stdout(tokio::io::stdout());
            }
        }
        match terminal(options.stderr, Source::Stderr) {
            Some(terminal) => {
                builder.stderr(terminal);
                stdio.set_stderr(terminal);
            }
            None if options.stderr == Output::Discard => {}
            None => {
                builder.inherit_stderr();
                stdio.set_stderr(tokio::io::stderr());
            }
        }
        let client = Client::new().only_to(options.outbound.clone());
        let mut split = SplitCtx::new(limits);
        split.set_stdio(stdio);
        let guest = Guest::new(options, builder.build(), client, split);
        Ok(guest.into_store(engine))
    }
}

/// The stream, if it is a terminal whose control characters are escaped.
fn terminal(output: Output, source: Source) -> Option<Terminal> {
    match output {
        Output::Lines { .. } => Terminal::of(source),
        Output::Inherit | Output::Discard => None,
    }
}
