//! What can keep a component from being translated.

/// Why a component is not translated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no valid component.
    #[error("invalid component: {}", one_line(.0))]
    Invalid(#[from] wasmparser::BinaryReaderError),
    /// The component is not a native one of WASI 0.3.
    #[error("{0}")]
    NotNative(&'static str),
    /// The component has something that has no equal in the split ABI, or that the translator does not know.
    #[error("{0}")]
    Unsupported(String),
    /// The component's world cannot be split.
    #[error("{}", one_line(.0))]
    Refused(#[from] isyswasfa_wit::Refused),
    /// A bug in the translator.
    #[error("internal error: {0}")]
    Internal(String),
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn internal(error: impl std::fmt::Display) -> Error {
        Error::Internal(error.to_string())
    }
}

/// The text without line breaks, and without the advice that may follow it.
pub(crate) fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let what = text.split("\nhelp: ").next().unwrap_or_default();
    what.split_whitespace().collect::<Vec<_>>().join(" ")
}
