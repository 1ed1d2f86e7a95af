//! Pipes: what `stream` and `future` become in the split ABI. Each end is a guest's or the host's.
//!
//! The kinds of pipes that belong to WASI are registered by the rooms that implement it: see [`Tables::register`].

mod byte_list;
mod bytes;
mod chunk;
mod ends;
mod items;
mod link;
mod payload;
#[cfg(test)]
mod scenarios;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod units;
mod values;
mod weighed;

pub use bytes::add_to_linker;
pub use chunk::Chunk;
pub use ends::{OneShot, Sink, Source, sink_once};
pub use items::Values;
pub use link::{Names, add_pipe};
pub use payload::Payload;
pub use table::Pipes;
pub use tables::{PipeKind, Piped, TableId, Tables};
pub use weighed::Weighed;

pub(crate) use bytes::BytesPipe;
pub(crate) use link::Reader;
pub(crate) use units::UnitPipe;
pub(crate) use values::{VALUE_READER, add_value_pipe, add_value_pipes};
