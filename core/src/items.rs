//! What moves through a pipe: a sequence that can be taken from at the front.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A sequence of items that a write offers or a read has received.
pub trait Items: Default {
    /// How many items there are.
    fn len(&self) -> usize;

    /// Removes and returns the first `n` items; `n` is at most `len()`. Costs what is returned, not what is left: a reader may take
    /// a million items one by one.
    fn split_front(&mut self, n: usize) -> Self;

    /// Adds `other` at the end. Costs what is added, not what is there (amortized).
    fn append(&mut self, other: Self);

    /// Roughly how many bytes of memory they take: what a limit counts.
    fn weight(&self) -> usize {
        self.len()
    }

    /// Whether there are no items.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// For futures, which are pipes of one item. A stream's are in a [`VecDeque`]: each part that is taken of a `Vec` costs a copy of
/// the rest.
impl<T> Items for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn split_front(&mut self, n: usize) -> Self {
        if n == Vec::len(self) {
            return core::mem::take(self);
        }
        let rest = self.split_off(n);
        core::mem::replace(self, rest)
    }

    fn weight(&self) -> usize {
        Vec::len(self) * size_of::<T>()
    }

    fn append(&mut self, mut other: Self) {
        if Vec::is_empty(self) {
            *self = other;
        } else {
            Vec::append(self, &mut other);
        }
    }
}

/// For streams: items are taken from the front without moving those behind them.
impl<T> Items for VecDeque<T> {
    fn len(&self) -> usize {
        VecDeque::len(self)
    }

    fn split_front(&mut self, n: usize) -> Self {
        if n == VecDeque::len(self) {
            return core::mem::take(self);
        }
        self.drain(..n).collect()
    }

    fn weight(&self) -> usize {
        VecDeque::len(self) * size_of::<T>()
    }

    fn append(&mut self, mut other: Self) {
        if VecDeque::is_empty(self) {
            *self = other;
        } else {
            VecDeque::append(self, &mut other);
        }
    }
}

/// The items of a pipe without payload: only their number matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units(
    /// How many.
    pub usize,
);

impl Items for Units {
    fn len(&self) -> usize {
        self.0
    }

    fn split_front(&mut self, n: usize) -> Self {
        self.0 -= n;
        Units(n)
    }

    fn append(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn weight(&self) -> usize {
        0
    }
}
