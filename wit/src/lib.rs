//! Splits WASI 0.3 WIT: turns async functions, streams and futures into what any WASI 0.2 engine accepts.

mod builder;
mod container;
mod core;
mod functions;
pub mod names;
mod pipe_name;
mod pipes;
mod place;
mod plan;
mod print;
mod refused;
mod split;
mod survey;
mod types;
mod world;

pub use crate::core::{CORE_WIT, IO_WIT};
pub use crate::names::{moved_version, split_name};
pub use crate::print::{files, print};
pub use crate::refused::{Reason, Refused};
pub use crate::split::{FunctionId, Pipe, PipeKind, Split, SplitFunction, SplitKind, split};
