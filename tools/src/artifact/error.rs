//! Why a file or some bytes are no component.

use crate::{Advice, Cause};
use std::borrow::Cow;
use std::io;

/// Why a file or some bytes are no component that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such file.
    #[error("there is no file `{file}`")]
    NotFound {
        /// Its path.
        file: String,
    },
    /// It is a directory.
    #[error("`{file}` is a directory; a component was expected")]
    Directory {
        /// Its path.
        file: String,
    },
    /// The file cannot be read.
    #[error("failed to read `{file}`: {reason}")]
    Io {
        /// Its path.
        file: String,
        /// Why not.
        reason: io::Error,
    },
    /// The file is text, but not a component in text format.
    #[error("`{file}` looks like WebAssembly text, but is not: {reason}")]
    Text {
        /// Its file.
        file: String,
        /// What is wrong, and where.
        reason: Cause,
    },
    /// The file is empty.
    #[error("`{file}` is an empty file; a WebAssembly component was expected")]
    Empty {
        /// Its file.
        file: String,
    },
    /// The file is not WebAssembly.
    #[error(
        "`{file}` is not WebAssembly (it does not begin with `\\0asm`); a WebAssembly component was expected"
    )]
    NotWasm {
        /// Its file.
        file: String,
    },
    /// The file is machine code.
    #[error("`{file}` is native code (perhaps a precompiled component), not a component")]
    NativeCode {
        /// Its file.
        file: String,
    },
    /// The file is a module, which could become a component.
    #[error("`{file}` is a core WebAssembly module; a component was expected")]
    CoreModule {
        /// Its file.
        file: String,
    },
    /// The component cannot be parsed.
    #[error("`{file}` is not a valid component: {reason}")]
    Malformed {
        /// Its file.
        file: String,
        /// What is wrong, and where.
        reason: wasmparser::BinaryReaderError,
    },
    /// Its bridges are not as [`compose`](crate::compose) makes them.
    #[error(
        "`{file}` is not a composition with bridges as `polyfill-host compose` makes them: {reason}"
    )]
    Bridges {
        /// Its file.
        file: String,
        /// What is wrong.
        reason: Cause,
    },
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        let help = match self {
            Error::NotFound { .. } | Error::Directory { .. } | Error::Io { .. } => {
                "give the path of a component"
            }
            Error::Text { .. } => "check it with `wasm-tools parse`, or give the binary",
            Error::Empty { .. } | Error::NotWasm { .. } => {
                "build a component with `cargo build --target wasm32-wasip2`; `polyfill-host new` makes a project for that"
            }
            Error::NativeCode { .. } => "give the `.wasm` file that it was compiled from",
            Error::CoreModule { .. } => {
                "make a component of it with `wasm-tools component new`, or build the guest with \
                 `cargo build --target wasm32-wasip2`"
            }
            Error::Malformed { .. } => "build it again: the file may be cut short or damaged",
            Error::Bridges { .. } => {
                "compose it again: the file may be damaged, or made by another version of this program"
            }
        };
        Some(help.into())
    }
}
