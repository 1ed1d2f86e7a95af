//! Finds names and calls of componentize-py's bindings of WASI 0.2 that are not the same in 0.3.
//!
//! ## Why
//! componentize-py makes a module for each interface, a class for each resource, and a function for each function. In 0.3 `wasi:io` is gone, so
//! there is no `poll` and no `streams`: functions are async, and bytes are read from a `ByteStreamReader`. The event loop `poll_loop` is for 0.2
//! only.
//!
//! ## Before
//! ```python
//! from wit_world.imports import monotonic_clock, poll
//!
//! def nap(nanoseconds: int) -> None:
//!     poll.poll([monotonic_clock.subscribe_duration(nanoseconds)])
//! ```
//!
//! ## After
//! ```python
//! from wit_world.imports import monotonic_clock, poll
//!
//! def nap(nanoseconds: int) -> None:
//!     poll.poll([monotonic_clock.subscribe_duration(nanoseconds)])
//! ```
//!
//! ## Fix
//! None: Python is not rewritten. The finding says what the item is in 0.3. Make the bindings anew from a world of 0.3 first.

use super::ScriptContext;
use crate::finding::Finding;

pub fn check(context: &ScriptContext, found: &mut Vec<Finding>) {
    if context.language.is_python() {
        super::each(context, super::binding, found);
    }
}
