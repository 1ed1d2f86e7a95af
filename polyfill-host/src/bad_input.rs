//! Unusable input from the user, with advice on how to correct it.

use isyswasfa_tools::Advice;
use std::borrow::Cow;
use std::fmt;

/// Input that cannot be used: a file that is no component, an unknown option, a port in use.
///
/// Programs exit with status 2 and print no backtrace, since nothing inside them went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput {
    what: String,
    help: Option<String>,
}

impl BadInput {
    /// `what` is one sentence that names the input, what was found in it and what was expected.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: None,
        }
    }

    /// Adds what the user can do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The sentence, without the advice.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The advice, if there is any.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for BadInput {}

/// An error of the tools, as input that the user can correct.
impl<E: Advice> From<E> for BadInput {
    fn from(error: E) -> Self {
        Self {
            what: error.to_string(),
            help: error.help().map(Cow::into_owned),
        }
    }
}
