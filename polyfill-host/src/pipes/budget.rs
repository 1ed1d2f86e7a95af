//! How many bytes all pipes of a store may hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use wasmtime::{Result, bail};

/// What the pipes of a store hold, and how much that may be. Clones share the count.
#[derive(Clone, Debug)]
pub struct Budget {
    held: Arc<AtomicUsize>,
    max: usize,
}

/// What one pipe holds of it. Dropping it gives that back.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    held: usize,
}

/// A write of bytes is taken in part, but never in smaller parts than this.
const LEAST: usize = 1 << 10;

impl Budget {
    /// At most `max` bytes.
    pub fn new(max: usize) -> Self {
        Budget {
            held: Arc::default(),
            max,
        }
    }

    /// What all pipes hold now.
    pub fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// Nothing yet, for a new pipe.
    pub fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            held: 0,
        }
    }

    /// How many bytes a write of `wanted` may offer. Bytes get half of the budget: what can't be taken in part needs the rest.
    pub fn bytes(&self, wanted: usize) -> usize {
        wanted.min((self.max / 2).saturating_sub(self.held()).max(LEAST))
    }
}

impl Share {
    /// The pipe holds `weight` bytes now.
    pub fn set(&mut self, weight: usize) {
        if weight != self.held {
            self.budget.held.fetch_add(weight, Relaxed);
            self.budget.held.fetch_sub(self.held, Relaxed);
            self.held = weight;
        }
    }

    /// # Errors
    ///
    /// If all pipes hold more than they may: a trap.
    pub fn check(&self) -> Result<()> {
        if self.budget.held() > self.budget.max {
            bail!(
                "streams and futures hold more than {} bytes",
                self.budget.max
            );
        }
        Ok(())
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
        a.check().unwrap();
        a.set(4 << 20);
        assert!(b.check().is_err());
        drop(a);
        assert_eq!(budget.held(), 1 << 20);
        b.check().unwrap();
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
