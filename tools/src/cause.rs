//! The common parts of this crate's errors: a cause in words, and advice.

use std::borrow::Cow;
use std::fmt;

/// The reason of a failure, with its causes, in one line.
///
/// It comes from another library, or from inside of this one, and is for people.
#[derive(Debug)]
pub struct Cause(anyhow::Error);

impl Cause {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Cause(anyhow::anyhow!("{reason}"))
    }
}

impl From<anyhow::Error> for Cause {
    fn from(error: anyhow::Error) -> Self {
        Cause(error)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Cause {}

/// An error that the user can correct.
///
/// Its text is one sentence that names the input, what was found in it and what was expected.
pub trait Advice: std::error::Error {
    /// What the user can do; `None` if only the authors of this crate can do something.
    fn help(&self) -> Option<Cow<'_, str>>;
}

/// Names in backticks, separated by commas.
pub(crate) fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names = names.into_iter();
    let names: Vec<_> = names.map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}
