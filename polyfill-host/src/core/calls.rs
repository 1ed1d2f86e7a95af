//! Log lines about calls of the split ABI: `--trace-calls`.

/// The target of these lines: `RUST_LOG=polyfill_host::calls=trace` shows them.
pub const TARGET: &str = "polyfill_host::calls";

/// Logs each half of a call, and each poll, as the host sees them. Costs next to nothing unless the lines are wanted.
macro_rules! call {
    ($($message:tt)*) => {
        tracing::trace!(target: $crate::core::TARGET, $($message)*)
    };
}

pub(crate) use call;
