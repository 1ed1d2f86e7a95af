use crate::platform::prelude::{self, *};
use crate::platform::sys::cli::{stderr::get_stderr, stdout::get_stdout};

/// Everything that lines can be written to.
pub trait Writes {
    fn line(&self, text: &str) -> Fallible<()>;
}

impl Writes for prelude::Out {
    fn line(&self, text: &str) -> Fallible<()> {
        self.blocking_write_and_flush(text.as_bytes())?;
        self.blocking_write_and_flush(b"\n")
    }
}

/// The standard output, or the standard error if that is closed.
pub struct Console {
    out: Out,
    err: Out,
}

impl Console {
    pub fn standard() -> Self {
        Self {
            out: get_stdout(),
            err: get_stderr(),
        }
    }
}

impl Writes for Console {
    fn line(&self, text: &str) -> Fallible<()> {
        match self.out.line(text) {
            Err(E::Closed) => self.err.line(text),
            other => other,
        }
    }
}

impl<W: Writes> Writes for Option<W> {
    fn line(&self, text: &str) -> Fallible<()> {
        match self {
            Some(inner) => inner.line(text),
            None => Ok(()),
        }
    }
}
