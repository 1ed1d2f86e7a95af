//! What differs, and why it must.

use super::Way::{self, Lowered, Native, Stock};

/// A case that differs from what the split ABI comes to.
pub struct Exception {
    /// The comparison.
    what: &'static str,
    /// What the case begins with.
    case: &'static str,
    pub ways: &'static [Way],
    pub why: &'static str,
}

impl Exception {
    pub fn is_of(&self, what: &str, case: &str) -> bool {
        self.what == what && case.starts_with(self.case)
    }
}

pub const EXCEPTIONS: &[Exception] = &[Exception {
    what: "requests",
    case: "send to=UPSTREAM scheme=http",
    ways: &[],
    why: "",
}];
const _: [Way; 3] = [Lowered, Native, Stock];
