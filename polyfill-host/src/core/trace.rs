//! The reports of the core and its pipes to a trace.

use isyswasfa_core::{Outcome, Step};
use wasmtime::WasmBacktrace;

use super::state::Waiter;

/// The trace of one instance: `--trace FILE`, which [`TraceFile`](crate::trace::TraceFile) writes.
///
/// Without a trace, a report costs a look at an `Option`.
pub(crate) trait Trace: Send {
    /// The state machine has done something.
    fn step(&mut self, step: Step<'_>);

    /// A guest has called the host, with this on its stack.
    fn called(&mut self, stack: &WasmBacktrace);

    /// The host is about to call a guest.
    fn enter(&mut self);

    /// The guest has returned.
    fn leave(&mut self, what: &str);

    /// A component has read from a pipe, written to it, or asked how its write went; with the outcome, in items.
    fn piped(&mut self, pipe: PipeName, verb: &str, waiter: Waiter, outcome: &Outcome<usize>);

    /// An end of a pipe was dropped while the other end waited.
    fn dropped(&mut self, pipe: PipeName, end: &str);
}

/// The name of a pipe in a trace.
#[derive(Clone, Copy)]
pub(crate) struct PipeName {
    /// Its kind.
    pub kind: &'static str,
    /// A number that no other pipe of that kind has had.
    pub number: u32,
}
