//! Why a read or a write has not moved anything: `isyswasfa:core/bytes.status`.

use crate::Outcome;

/// Why a read or a write has not moved anything. The numbers are those of the canonical ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// The other end is not there yet: a token will come.
    Blocked = 0,
    /// The other end was dropped.
    Closed = 1,
}

impl Status {
    /// Its name in the WIT.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Blocked => "blocked",
            Status::Closed => "closed",
        }
    }
}

impl<T> Outcome<T> {
    /// As the WIT has it: `result<T, status>`.
    #[inline]
    pub fn into_result(self) -> Result<T, Status> {
        match self {
            Outcome::Ready(value) => Ok(value),
            Outcome::Blocked => Err(Status::Blocked),
            Outcome::Closed => Err(Status::Closed),
        }
    }

    /// The same outcome of what is borrowed.
    #[inline]
    pub fn as_ref(&self) -> Outcome<&T> {
        match self {
            Outcome::Ready(value) => Outcome::Ready(value),
            Outcome::Blocked => Outcome::Blocked,
            Outcome::Closed => Outcome::Closed,
        }
    }

    /// The same outcome with what becomes of its value.
    #[inline]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Outcome::Ready(value) => Outcome::Ready(f(value)),
            Outcome::Blocked => Outcome::Blocked,
            Outcome::Closed => Outcome::Closed,
        }
    }
}
