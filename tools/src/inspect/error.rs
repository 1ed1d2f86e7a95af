//! Why a component cannot be inspected.

use crate::{Advice, Cause};
use std::borrow::Cow;

/// Why a component cannot be inspected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The component is invalid, or has types that WIT cannot express.
    #[error("`{name}` is not a valid component: {reason}")]
    Invalid {
        /// Its file.
        name: String,
        /// What is wrong.
        reason: Cause,
    },
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        let Error::Invalid { .. } = self;
        Some(
            "it may be damaged, or need a feature of WebAssembly that is newer than this program"
                .into(),
        )
    }
}
