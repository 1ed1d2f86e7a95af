//! `--trace-calls`: tells of each half of a split call, and of each poll, as the host sees them.

/// The target of these events: `RUST_LOG=polyfill_host::calls=trace` shows them.
pub const TARGET: &str = "polyfill_host::calls";

/// Tells of a call. Costs next to nothing while nobody listens.
macro_rules! call {
    ($($message:tt)*) => {
        tracing::trace!(target: $crate::trace::TARGET, $($message)*)
    };
}

pub(crate) use call;
