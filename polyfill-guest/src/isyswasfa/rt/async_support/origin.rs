//! The origin: a number of the host's that says on whose behalf this component runs. New tasks inherit it, and the host's logs
//! show it.

use super::cabi;
use std::cell::Cell;

thread_local! {
    /// The origin that the core was told since the component was entered.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// The origin for which code runs now, however the component was entered.
pub fn current() -> u64 {
    cabi::origin()
}

/// Notes that the component was entered on behalf of `origin`. The core knows that.
pub fn entered(origin: u64) {
    NOW.set(origin);
}

/// Tells the core that what runs from now on is done for `origin`, unless it knows.
pub fn set(origin: u64) {
    if NOW.replace(origin) != origin {
        cabi::set_origin(origin);
    }
}
