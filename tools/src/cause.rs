//! What the errors of this crate have in common: a cause in words, and advice.

use std::borrow::Cow;
use std::fmt;

/// Why something failed, with what caused that, in one line.
///
/// It comes from another library, or from deep inside of this one: it is for people.
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

/// An error that can be put right by who has given the input.
///
/// Its text is one sentence that names the input, what was found in it and what was expected.
pub trait Advice: std::error::Error {
    /// What can be done about it; `None` if nobody but the makers of this crate can do anything.
    fn help(&self) -> Option<Cow<'_, str>>;
}

/// Names, each between backticks, with commas.
pub(crate) fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names = names.into_iter();
    let names: Vec<_> = names.map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}
