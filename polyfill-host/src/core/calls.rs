//! Lines of the log that tell of the split ABI's calls: `--trace-calls`.

/// The target of these lines: `RUST_LOG=polyfill_host::calls=trace` shows them.
pub const TARGET: &str = "polyfill_host::calls";

/// Tells of each half of a call, and of each poll, as the host sees them. Costs next to nothing while nobody listens.
macro_rules! call {
    ($($message:tt)*) => {
        tracing::trace!(target: $crate::core::TARGET, $($message)*)
    };
}

pub(crate) use call;
