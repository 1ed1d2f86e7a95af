//! The settings behind `-S`, `-W`, `-C` and `-O`, and their defaults for each command.

mod keys;

pub(super) use self::keys::{CODEGEN, OPTIMIZE, WASI, WASM};

use crate::core;
use crate::engine::EngineOptions;
use crate::options::{GuestOptions, Output};
use crate::serve::ServeOptions;
use std::time::Duration;

/// The command that the options are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// `polyfill-host run`
    Run,
    /// `polyfill-host serve`
    Serve,
}

/// The settings of these options.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) command: For,
    pub(super) guest: GuestOptions,
    pub(super) engine: EngineOptions,
    /// `-S inherit-env`.
    pub(super) inherit_env: bool,
    /// `-S inherit-stdout` and `-S inherit-stderr`, if given.
    pub(super) stdout: Option<bool>,
    pub(super) stderr: Option<bool>,
    /// `-W timeout`, if given.
    pub(super) timeout: Option<Duration>,
}

impl Settings {
    /// The defaults of a command.
    pub(super) fn new(command: For) -> Self {
        Self {
            command,
            guest: GuestOptions {
                // A command has the standard streams, unless it is told otherwise.
                inherit_stdin: command == For::Run,
                ..GuestOptions::default()
            },
            engine: EngineOptions {
                cache: true,
                ..EngineOptions::default()
            },
            inherit_env: false,
            stdout: None,
            stderr: None,
            timeout: None,
        }
    }

    /// The same for the command of this name.
    pub(super) fn of_command(name: &str) -> Self {
        Self::new(match name {
            "run" => For::Run,
            _ => For::Serve,
        })
    }

    /// Where a guest's output goes: in lines, unless `-S inherit-…` says otherwise.
    pub(super) fn output(inherit: Option<bool>, prefix: bool) -> Output {
        match inherit {
            None => Output::Lines { prefix },
            Some(true) => Output::Inherit,
            Some(false) => Output::Discard,
        }
    }

    /// The default of `-S inherit-…`, for the help.
    fn default_output(&self) -> String {
        match self.command {
            For::Run => "as it comes; to a terminal with control characters escaped",
            For::Serve => "in lines with a prefix, control characters escaped",
        }
        .to_owned()
    }

    /// How long a guest may take by default.
    fn default_timeout(&self) -> Option<Duration> {
        match self.command {
            For::Run => None,
            For::Serve => Some(ServeOptions::DEFAULT_REQUEST_TIMEOUT),
        }
    }

    /// The limits of the split ABI.
    fn core(&self) -> core::Limits {
        self.guest.limits.core_limits()
    }
}
