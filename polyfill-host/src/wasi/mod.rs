//! WASI for split guests: clocks, standard streams, and interfaces that the split does not change.

mod cli;
mod clocks;
mod link;
mod stdio;

pub use cli::CliResultPipe;
pub use link::{add_p2_to_linker, add_to_linker, add_value_pipes};
pub use stdio::Stdio;

pub(crate) use link::{add_core_to_linker, add_split_to_linker};
