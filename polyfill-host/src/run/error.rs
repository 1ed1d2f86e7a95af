//! Why a component cannot be run, or one of its functions cannot be called.

use crate::load::LoadError;
use crate::options::DirectoryError;
use std::path::PathBuf;

/// Why a component cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The component cannot be made ready.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A directory for the guest cannot be opened.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The component exports no `wasi:cli/run`.
    #[error(
        "`{}` is no command; {}, but `wasi:cli/run` was expected, of version 0.3.x, 0.3.x-isyswasfa or 0.2.x",
        .path.display(),
        exported(.exports)
    )]
    NoCommand {
        /// The component's file.
        path: PathBuf,
        /// Its exports.
        exports: Vec<String>,
        /// Whether it can be served.
        is_server: bool,
    },
    /// The function cannot be called.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
}

/// Why a function cannot be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The call is not valid WAVE, or does not match the function's parameters.
    #[error("`--invoke` does not understand `{call}`: {reason}")]
    Malformed {
        /// The call.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter or the result has a type that cannot be written in WAVE.
    #[error(
        "`{function}` cannot be invoked: {what} is or has {kind}, which cannot be written in WAVE"
    )]
    Unwritable {
        /// The function.
        function: String,
        /// The parameter or the result.
        what: String,
        /// The type's kind.
        kind: &'static str,
    },
    /// There is no such function.
    #[error("{}", no_function(.asked, .exports))]
    NoFunction {
        /// The function in the call.
        asked: String,
        /// The functions that the component exports.
        exports: Vec<String>,
    },
    /// There are several such functions.
    #[error("the component exports several functions `{asked}`")]
    SeveralFunctions {
        /// The function in the call.
        asked: String,
        /// Their full names.
        found: Vec<String>,
    },
}

impl RunError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            RunError::Load(error) => error.help().map(str::to_owned),
            RunError::Directory(error) => Some(error.help().to_owned()),
            RunError::NoCommand {
                exports, is_server, ..
            } => {
                let help = if *is_server {
                    "it is a server: `polyfill-host serve`"
                } else if exports.is_empty() {
                    "export it: `compat_api::cli::command::export!(…)` in the guest"
                } else {
                    "`--invoke 'INTERFACE.FUNCTION(ARGUMENTS)'` calls a single function"
                };
                Some(help.to_owned())
            }
            RunError::Invoke(error) => error.help(),
        }
    }
}

impl InvokeError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            InvokeError::Malformed { .. } => Some(
                "write `FUNCTION(ARGUMENTS)` or `INTERFACE.FUNCTION(ARGUMENTS)`, the arguments in WAVE: \
                 `greet(\"you\", 3, some({x: 1}))`"
                    .to_owned(),
            ),
            InvokeError::Unwritable { .. } => None,
            InvokeError::NoFunction { exports, .. } if exports.is_empty() => None,
            InvokeError::NoFunction { exports, .. } => {
                Some(format!("it exports {}", quoted(exports)))
            }
            InvokeError::SeveralFunctions { found, .. } => {
                Some(format!("name one of {}", quoted(found)))
            }
        }
    }
}

fn exported(exports: &[String]) -> String {
    match exports {
        [] => "it exports nothing".to_owned(),
        exports => format!("it exports {}", quoted(exports)),
    }
}

fn no_function(asked: &str, exports: &[String]) -> String {
    match exports {
        [] => format!("there is no function `{asked}`: the component exports no functions"),
        _ => format!("the component exports no function `{asked}`"),
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
