//! What functions of `isyswasfa:core` answer through memory, in the layout of the canonical ABI.

use crate::{Outcome, Status};

/// `tuple<pending, u32, u64>`: what `make-task` answers.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The handle for its caller.
    pub pending: u32,
    /// The core's name for it.
    pub task: u32,
    /// On whose behalf it runs.
    pub origin: u64,
}

/// A list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// The first item.
    pub ptr: *mut u8,
    /// How many items.
    pub len: usize,
}

impl Default for List {
    fn default() -> Self {
        List {
            ptr: core::ptr::null_mut(),
            len: 0,
        }
    }
}

/// `result<list<T>, status>` with a [`List`], or `result<u32, status>`: both keep their payload one word in.
///
/// Bytes of the canonical ABI are whole words here. A compiler copies what is between them from a constant, and reading that costs
/// a host of lowered components a page. A host writes the bytes alone, so [`into_outcome`](Answer::into_outcome) looks at no more.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Answer<T: Copy> {
    is_err: u32,
    payload: Payload<T>,
}

#[repr(C)]
#[derive(Clone, Copy)]
union Payload<T: Copy> {
    value: T,
    status: u32,
}

impl<T: Copy> Answer<T> {
    /// `status.blocked`
    pub const BLOCKED: Self = Self::status(Status::Blocked);
    /// `status.closed`
    pub const CLOSED: Self = Self::status(Status::Closed);

    const fn status(status: Status) -> Self {
        Answer {
            is_err: 1,
            payload: Payload {
                status: status as u32,
            },
        }
    }

    /// `ok(value)`
    #[inline]
    pub const fn ok(value: T) -> Self {
        Answer {
            is_err: 0,
            payload: Payload { value },
        }
    }
}

impl<T: Copy> From<Outcome<T>> for Answer<T> {
    #[inline]
    fn from(outcome: Outcome<T>) -> Self {
        match outcome {
            Outcome::Ready(value) => Answer::ok(value),
            Outcome::Blocked => Answer::BLOCKED,
            Outcome::Closed => Answer::CLOSED,
        }
    }
}

impl<T: Copy + Default> Default for Answer<T> {
    /// Something for the callee to write over.
    fn default() -> Self {
        Answer::ok(T::default())
    }
}

impl<T: Copy> Answer<T> {
    /// What the callee has written.
    ///
    /// # Safety
    ///
    /// It is one that this crate has made, or was written over, as the canonical ABI does it, by a callee that answers a `T`.
    #[inline]
    pub unsafe fn into_outcome(self) -> Outcome<T> {
        // SAFETY: the callee has written the payload that belongs to the discriminant; all of the union was written before.
        unsafe {
            match (self.is_err as u8, self.payload) {
                (0, Payload { value }) => Outcome::Ready(value),
                (_, Payload { status }) if status as u8 == Status::Blocked as u8 => {
                    Outcome::Blocked
                }
                _ => Outcome::Closed,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::{offset_of, size_of};

    #[test]
    fn results_are_where_the_canonical_abi_has_them() {
        assert_eq!(size_of::<Made>(), 16);
        assert_eq!(offset_of!(Made, origin), 8);
        assert_eq!(offset_of!(List, len), size_of::<usize>());
        assert_eq!(size_of::<Answer<u32>>(), 8);
        assert_eq!(offset_of!(Answer<u32>, payload), 4);
        assert_eq!(offset_of!(Answer<List>, payload), size_of::<usize>());
    }

    #[test]
    fn of_an_answer_only_the_bytes_count_that_a_callee_writes() {
        for outcome in [Outcome::Ready(7), Outcome::Blocked, Outcome::Closed] {
            // SAFETY: made here.
            let back = unsafe { Answer::from(outcome.clone()).into_outcome() };
            assert_eq!(back, outcome);
        }
        let mut answer = Answer {
            is_err: 0xaaaa_aa00,
            payload: Payload::<u32> {
                status: 0xaaaa_aa00,
            },
        };
        // SAFETY: all bytes are there, whatever they are.
        unsafe {
            assert_eq!(answer.into_outcome(), Outcome::Ready(0xaaaa_aa00));
            answer.is_err += 1;
            assert_eq!(answer.into_outcome(), Outcome::Blocked);
            answer.payload.status += 1;
            assert_eq!(answer.into_outcome(), Outcome::Closed);
        }
    }
}
