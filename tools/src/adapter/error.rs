//! Why the adapter cannot be plugged into a component.

use crate::{Advice, Cause, artifact};
use std::borrow::Cow;

/// Why the adapter cannot be plugged into a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input is no component.
    #[error(transparent)]
    Artifact(#[from] artifact::Error),
    /// The composer does not understand the component, or its types are not those of WASI.
    #[error("{0}")]
    Misfit(Cause),
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Error::Misfit(error.into())
    }
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        match self {
            Error::Artifact(error) => error.help(),
            Error::Misfit(_) => {
                Some("build the guest with the `compat-api` that came with this host".into())
            }
        }
    }
}
