//! Why a component cannot be lowered.

use crate::{Advice, Cause};
use std::borrow::Cow;

/// Why a component cannot be lowered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The component is a composition with bridges, which need several stores.
    #[error(
        "`{file}` is a composition with bridges between sync and async, which only `polyfill-host` runs: each side needs a \
         store of its own, which a component cannot have"
    )]
    Bridged {
        /// Its file.
        file: String,
    },
    /// It is a component of WASI 0.3.
    #[error(
        "`{file}` is a native component of WASI 0.3, which only a host of WASI 0.3 can run; one of the split ABI was expected"
    )]
    Native {
        /// Its file.
        file: String,
    },
    /// It is a component of WASI 0.2 already.
    #[error("`{file}` is a component of WASI 0.2 already: there is nothing to lower")]
    Plain {
        /// Its file.
        file: String,
    },
    /// It is not valid.
    #[error("`{file}` is not a valid component: {reason}")]
    Invalid {
        /// Its file.
        file: String,
        /// What is wrong, and where.
        reason: wasmparser::BinaryReaderError,
    },
    /// It has interfaces that WIT cannot express.
    #[error("`{file}` cannot be lowered: WIT cannot express its interfaces: {reason}")]
    NotWit {
        /// Its file.
        file: String,
        /// What is wrong.
        reason: Cause,
    },
    /// It has another version of `isyswasfa:core`.
    #[error(
        "`{file}` was built for another version of the split ABI than this program lowers: {reason}"
    )]
    OtherVersion {
        /// Its file.
        file: String,
        /// What is different.
        reason: Cause,
    },
    /// An import or export has another type than its name says.
    #[error(
        "`{file}` cannot be lowered: an import or export has another type than in WASI 0.3 and the split ABI: {reason}"
    )]
    Misfit {
        /// Its file.
        file: String,
        /// What does not fit.
        reason: Cause,
    },
    /// It exports nothing.
    #[error("`{file}` exports nothing, so nothing could call it")]
    NoExports {
        /// Its file.
        file: String,
    },
    /// It has an import that no host of WASI 0.2 has.
    #[error("`{file}` imports `{import}`, which has no counterpart in WASI 0.2")]
    Unanswered {
        /// Its file.
        file: String,
        /// The import.
        import: String,
    },
    /// It has imports that JavaScript in a browser cannot have.
    #[error("`{file}` imports {imports}: a browser has {lacks}")]
    NotInJs {
        /// Its file.
        file: String,
        /// All such imports.
        imports: String,
        /// What a browser lacks.
        lacks: String,
    },
    /// It shares something with the host that only guests can share.
    #[error("`{file}` cannot be lowered, because of `{item}`: {reason}")]
    Unsupported {
        /// Its file.
        file: String,
        /// The interface, or `the world itself`.
        item: String,
        /// What in it cannot be shared.
        reason: Cause,
    },
    /// Internal error: a bug in this crate.
    #[error("failed to lower `{file}`: {reason}")]
    Internal {
        /// Its file.
        file: String,
        /// What went wrong.
        reason: Cause,
    },
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        let help = match self {
            Error::Bridged { .. } => {
                "build its sync components against the async interface, and compose those"
            }
            Error::Native { .. } => {
                "translate it first, with `polyfill-host translate`, and lower the result"
            }
            Error::Plain { .. } => "give it to your host as it is",
            Error::Invalid { .. } => "build it again: the file may be cut short or damaged",
            Error::NotWit { .. } => "build it from WIT, with `polyfill-guest`",
            Error::OtherVersion { .. } => {
                "build it again, with the `polyfill-guest` that comes with this program"
            }
            Error::Misfit { .. } => {
                "build it again, with the WIT of WASI and the `polyfill-guest` that come with this program"
            }
            Error::NoExports { .. } => {
                "export `wasi:http/handler`, `wasi:cli/run` or an interface of your own"
            }
            Error::Unanswered { .. } => {
                "plug in a component that exports it, or do without it; a newer `polyfill-host` may know it"
            }
            Error::NotInJs { .. } => {
                "plug in a component that exports it, or do without it; without `--for js`, it is lowered for hosts that have it"
            }
            Error::Unsupported { .. } => {
                "first compose the guests that share it: only interfaces shared with the host have to be of WASI 0.2"
            }
            Error::Internal { .. } => return None,
        };
        Some(help.into())
    }
}
