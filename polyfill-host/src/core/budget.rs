//! The budget of a store: how many bytes the host may hold for its guests.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use wasmtime::{Result, bail};

/// The number of bytes that the host holds for the guests of one store, and its limit. Clones share the count.
///
/// Everything that a guest makes the host keep has a [`Share`]: items in streams and futures, headers, requests and responses,
/// calls under way and their arguments, events, names, and the tables that they are in.
#[derive(Clone, Debug)]
pub struct Budget {
    held: Arc<AtomicUsize>,
    max: usize,
}

/// The bytes that one thing holds of a budget. Dropping the share gives them back.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    held: usize,
}

/// Something that the host holds for a guest, with a size in bytes.
pub trait Weigh {
    /// Its approximate size in bytes, with everything that it points to.
    fn weight(&self) -> usize;
}

/// A write of bytes is taken in part, but never in smaller parts than this.
const LEAST: usize = 1 << 10;

impl Budget {
    /// A budget of `max` bytes.
    pub fn new(max: usize) -> Self {
        Budget {
            held: Arc::default(),
            max,
        }
    }

    /// How many bytes are held now.
    pub fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// How many bytes may be held.
    pub fn max(&self) -> usize {
        self.max
    }

    /// An empty share, for something new.
    pub fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            held: 0,
        }
    }

    /// How many bytes a write of `wanted` may offer. Bytes get half of the budget: the other half is for things that can't be
    /// taken in part.
    pub fn bytes(&self, wanted: usize) -> usize {
        wanted.min((self.max / 2).saturating_sub(self.held()).max(LEAST))
    }

    /// # Errors
    ///
    /// If more is held than the budget allows: a trap. `what` names the last thing that was to be held.
    pub fn check(&self, what: impl fmt::Display) -> Result<()> {
        if self.held() > self.max {
            return self.full(&what);
        }
        Ok(())
    }

    #[cold]
    fn full(&self, what: &dyn fmt::Display) -> Result<()> {
        bail!(
            "the guest makes the host hold {} bytes, the last of them for {what}, but at most {} bytes are allowed \
             (`-S max-host-memory=BYTES` allows more)",
            self.held(),
            self.max
        );
    }
}

impl Share {
    /// Sets the share to `weight` bytes, whether the budget allows that or not.
    pub fn set(&mut self, weight: usize) {
        if weight != self.held {
            // Wraps if the share becomes smaller.
            let change = weight.wrapping_sub(self.held);
            self.budget.held.fetch_add(change, Relaxed);
            self.held = weight;
        }
    }

    /// Sets the share to `weight` bytes. Costs nothing if the share does not change, so a table can call this after each
    /// change.
    ///
    /// # Errors
    ///
    /// If that is more than before, and more than the budget allows: a trap. `what` names the thing that is held.
    pub fn hold(&mut self, weight: usize, what: impl fmt::Display) -> Result<()> {
        if weight == self.held {
            return Ok(());
        }
        let is_more = weight > self.held;
        self.set(weight);
        if is_more {
            self.budget.check(what)
        } else {
            Ok(())
        }
    }

    /// The size of the share in bytes.
    pub fn held(&self) -> usize {
        self.held
    }

    /// # Errors
    ///
    /// If the whole budget is used up: a trap. `what` names the last thing that was to be held.
    pub fn check(&self, what: impl fmt::Display) -> Result<()> {
        self.budget.check(what)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_are_given_back() {
        let budget = Budget::new(4 << 20);
        let (mut a, mut b) = (budget.share(), budget.share());
        a.set(2 << 20);
        b.set(1 << 20);
        assert_eq!(budget.held(), 3 << 20);
        a.check("a").unwrap();
        a.set(4 << 20);
        assert!(b.check("b").is_err());
        a.set(1 << 20);
        assert_eq!(budget.held(), 2 << 20);
        drop(a);
        assert_eq!(budget.held(), 1 << 20);
        b.check("b").unwrap();
    }

    #[test]
    fn what_is_too_much_is_told_with_the_option_that_allows_it() {
        let budget = Budget::new(100);
        let mut share = budget.share();
        share.hold(100, "a name").unwrap();
        let error = share.hold(101, "a name").unwrap_err().to_string();
        for part in ["101 bytes", "a name", "100 bytes", "`-S max-host-memory="] {
            assert!(error.contains(part), "{error}");
        }
        // To hold less is always allowed.
        share.hold(50, "a name").unwrap();
        assert_eq!(budget.held(), 50);
    }

    #[test]
    fn bytes_slow_down_before_the_budget_is_used_up() {
        let budget = Budget::new(1 << 20);
        assert_eq!(budget.bytes(1 << 30), 1 << 19);
        let mut share = budget.share();
        share.set(1 << 19);
        assert_eq!(budget.bytes(1 << 30), LEAST);
        assert_eq!(budget.bytes(10), 10);
    }
}
