//! How long a body is to be, and how long it is.

use crate::bindings::p3::http::types::ErrorCode;

/// The length of a body on its way out: the header `content-length` may say what it must be.
pub struct Length {
    expected: Option<u64>,
    sent: u64,
    wrong: fn(Option<u64>) -> ErrorCode,
}

impl Length {
    /// Of a body that must have the `expected` length, if any. `wrong` makes the error of one that has another.
    pub fn new(expected: Option<u64>, wrong: fn(Option<u64>) -> ErrorCode) -> Self {
        Length {
            expected,
            sent: 0,
            wrong,
        }
    }

    /// Of a body that may have any length.
    pub fn any() -> Self {
        Length::new(None, ErrorCode::HttpResponseBodySize)
    }

    /// Whether so many bytes may come, whatever they are.
    pub fn allows(&self, bytes: usize) -> bool {
        self.expected
            .is_none_or(|expected| expected - self.sent >= bytes as u64)
    }

    /// Counts bytes before they are sent: an error if they are too many, and then they must not be.
    pub fn count(&mut self, bytes: usize) -> Result<(), ErrorCode> {
        let sent = self.sent.saturating_add(bytes as u64);
        match self.expected {
            Some(expected) if sent > expected => Err((self.wrong)(Some(sent))),
            _ => {
                self.sent = sent;
                Ok(())
            }
        }
    }

    /// Whether the peer has got all that the header promises, and need not wait for the end.
    pub fn is_reached(&self) -> bool {
        self.expected == Some(self.sent)
    }

    /// The end of the body: an error if it is too short.
    pub fn end(&self) -> Result<(), ErrorCode> {
        match self.expected {
            Some(expected) if self.sent != expected => Err((self.wrong)(Some(self.sent))),
            _ => Ok(()),
        }
    }
}
