//! Why a component cannot be lowered.

use crate::{Advice, Cause};
use std::borrow::Cow;

/// Why a component cannot be lowered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is a composition with bridges, which need several stores.
    #[error(
        "`{file}` is a composition with bridges between sync and async, which only `polyfill-host` runs: each side needs a \
         store of its own, which a component cannot have"
    )]
    Bridged {
        /// What it is called.
        file: String,
    },
    /// It is a component of WASI 0.3.
    #[error(
        "`{file}` is a native component of WASI 0.3, which only a host of WASI 0.3 can run; one of the split ABI was expected"
    )]
    Native {
        /// What it is called.
        file: String,
    },
    /// It is a component of WASI 0.2 already.
    #[error("`{file}` is a component of WASI 0.2 already: there is nothing to lower")]
    Plain {
        /// What it is called.
        file: String,
    },
    /// It is not valid.
    #[error("`{file}` is not a valid component: {reason}")]
    Invalid {
        /// What it is called.
        file: String,
        /// What is wrong, and where.
        reason: wasmparser::BinaryReaderError,
    },
    /// It has interfaces that no WIT describes.
    #[error("`{file}` cannot be lowered: its interfaces are none that WIT can express: {reason}")]
    NotWit {
        /// What it is called.
        file: String,
        /// What is wrong.
        reason: Cause,
    },
    /// It has another version of `isyswasfa:core`.
    #[error(
        "`{file}` was built for another version of the split ABI than this program lowers: {reason}"
    )]
    OtherVersion {
        /// What it is called.
        file: String,
        /// What is different.
        reason: Cause,
    },
    /// What it imports or exports has other types than the names say.
    #[error(
        "`{file}` cannot be lowered: what it imports or exports is not what WASI 0.3 and the split ABI have under these names: {reason}"
    )]
    Misfit {
        /// What it is called.
        file: String,
        /// What does not fit.
        reason: Cause,
    },
    /// It exports nothing.
    #[error("`{file}` exports nothing, so that nothing could call it")]
    NoExports {
        /// What it is called.
        file: String,
    },
    /// It imports what no host of WASI 0.2 has.
    #[error("`{file}` imports `{import}`, for which there is nothing in WASI 0.2")]
    Unanswered {
        /// What it is called.
        file: String,
        /// The import.
        import: String,
    },
    /// It shares with the host what only guests can share.
    #[error("`{file}` cannot be lowered, because of `{item}`: {reason}")]
    Unsupported {
        /// What it is called.
        file: String,
        /// The interface, or `the world itself`.
        item: String,
        /// What in it cannot be shared.
        reason: Cause,
    },
    /// Internal error: a bug in this crate.
    #[error("failed to lower `{file}`: {reason}")]
    Internal {
        /// What it is called.
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
            Error::Native { .. } => "build the guest with `--backend isyswasfa`, and lower that",
            Error::Plain { .. } => "give it to your host as it is",
            Error::Invalid { .. } => "build it again: the file may be cut short or damaged",
            Error::NotWit { .. } => "build it of WIT, with `polyfill-guest`",
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
            Error::Unsupported { .. } => {
                "compose the guests first that share it: only what the host shares with them has to be of WASI 0.2"
            }
            Error::Internal { .. } => return None,
        };
        Some(help.into())
    }
}
