//! What is told of the split ABI's calls: `--trace-calls`, as lines of the log; `--trace FILE`, as a picture.

mod events;
mod file;
mod instance;
mod lanes;
mod parties;
mod stack;
mod tasks;

pub use file::TraceFile;
pub(crate) use instance::InstanceTrace;
pub(crate) use stack::entries;

/// The target of the log's lines: `RUST_LOG=polyfill_host::calls=trace` shows them.
pub const TARGET: &str = "polyfill_host::calls";

/// Tells of each half of a call, and of each poll, as the host sees them. Costs next to nothing while nobody listens.
macro_rules! call {
    ($($message:tt)*) => {
        tracing::trace!(target: $crate::trace::TARGET, $($message)*)
    };
}

pub(crate) use call;
