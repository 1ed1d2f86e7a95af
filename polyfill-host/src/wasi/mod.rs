//! WASI for split guests: clocks, standard streams, and what the split leaves as it is.

mod cli;
mod clocks;
mod link;
mod stdio;

pub use cli::CliResultPipe;
pub use link::{add_p2_to_linker, add_to_linker};
pub use stdio::Stdio;

pub(crate) use cli::add_registered_pipe;
pub(crate) use link::{add_core_to_linker, add_split_to_linker};
