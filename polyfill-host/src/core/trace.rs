//! What the core and its pipes tell a trace.

use isyswasfa_core::{Outcome, Step};
use wasmtime::WasmBacktrace;

use super::state::Waiter;

/// What is told of one instance: `--trace FILE`, which [`TraceFile`](crate::trace::TraceFile) writes.
///
/// Without a trace, all of it costs a look at an `Option`.
pub(crate) trait Trace: Send {
    /// The state machine has done something.
    fn step(&mut self, step: Step<'_>);

    /// A guest has called the host, with this on its stack.
    fn called(&mut self, stack: &WasmBacktrace);

    /// The host is about to call a guest.
    fn enter(&mut self);

    /// The guest has returned.
    fn leave(&mut self, what: &str);

    /// A component has read from a pipe, written to it, or asked how its write went: what came of it, in items.
    fn piped(&mut self, pipe: PipeName, verb: &str, waiter: Waiter, outcome: &Outcome<usize>);

    /// Somebody has dropped an end of a pipe, for which the other end has waited.
    fn dropped(&mut self, pipe: PipeName, end: &str);
}

/// A pipe, as it is called in a trace.
#[derive(Clone, Copy)]
pub(crate) struct PipeName {
    /// Its kind.
    pub kind: &'static str,
    /// A number that no other pipe of that kind has had.
    pub number: u32,
}
