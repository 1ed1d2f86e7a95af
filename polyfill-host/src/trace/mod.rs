//! Traces of the split ABI's calls: `--trace-calls` as log lines, `--trace FILE` as a picture.

mod events;
mod file;
mod instance;
mod lanes;
mod parties;
mod stack;
mod tasks;
mod told;

pub use file::TraceFile;
pub(crate) use instance::InstanceTrace;

pub use crate::core::TARGET;
pub(crate) use crate::core::{call, called};
