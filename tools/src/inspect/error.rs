//! Why it cannot be told what a component is.

use crate::{Advice, Cause};
use std::borrow::Cow;

/// Why it cannot be told what a component is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not valid, or has types that WIT cannot express.
    #[error("`{name}` is not a valid component: {reason}")]
    Invalid {
        /// What it is called.
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
