//! On whose behalf this component runs: a number of the host's, which new tasks inherit. The host's logs are the better for it.

use super::cabi;
use std::cell::Cell;

thread_local! {
    /// What the core has been told since we were entered.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// Whose code runs now, however we came here.
pub fn current() -> u64 {
    cabi::origin()
}

/// We were entered on behalf of `origin`, as the core knows.
pub fn entered(origin: u64) {
    NOW.set(origin);
}

/// What runs from now on is done for `origin`.
pub fn set(origin: u64) {
    if NOW.replace(origin) != origin {
        cabi::set_origin(origin);
    }
}
