//! Tasks, streams and futures on the split ABI, in the place of wit-bindgen's module of the same name.

mod abi_buffer;
mod backpressure;
mod block;
mod bytes;
mod cabi;
mod executor;
mod export;
mod future;
mod future_reader;
mod future_writer;
#[cfg(feature = "futures-stream")]
mod futures_stream;
mod held;
mod import;
mod link;
mod lists;
mod origin;
mod own_items;
#[doc(hidden)]
pub mod own_pipe;
mod pipe;
mod slab;
mod spawn;
mod stream;
mod stream_reader;
mod stream_writer;
#[cfg(test)]
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "stands in for a host, and keeps the contracts of the canonical ABI"
)]
mod test_core;
#[cfg(test)]
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "stands in for generated code, and keeps its contracts"
)]
mod tests;
mod unit_stream;
mod waits;
mod weigh;
mod window;
mod yields;

pub use crate::__isyswasfa_own_pipe as own_pipe;
pub use crate::__isyswasfa_pipe as pipe;
pub use abi_buffer::AbiBuffer;
pub use backpressure::{backpressure_dec, backpressure_inc};
pub use bytes::BYTES;
pub use executor::block_on;
pub use export::{
    Area, Function, TaskCancelOnDrop, begin, deliver, finish_task, no_task, poll, post_return,
    result_ptr, start_task, start_task_at_once, until_copied,
};
pub use future::{FutureOps, FutureVtable, future_new, raw_future_new};
pub use future_reader::{FutureRead, FutureReader, RawFutureRead, RawFutureReader};
pub use future_writer::{
    FutureWrite, FutureWriteCancel, FutureWriteError, FutureWriter, RawFutureWrite,
    RawFutureWriteCancel, RawFutureWriter,
};
#[cfg(feature = "futures-stream")]
pub use futures_stream::{RawStreamReaderStream, StreamReaderStream};
pub use held::{drop_resource, is_held, lent};
pub use import::{Subtask, wait_for_result};
pub use link::Link;
pub use lists::free_list;
#[cfg(not(target_family = "wasm"))]
pub use pipe::ABSENT_PIPE;
pub use pipe::Pipe;
pub use spawn::{JoinHandle, spawn_local};
pub use stream::{StreamOps, StreamResult, StreamVtable, raw_stream_new, stream_new};
pub use stream_reader::{RawStreamRead, RawStreamReader, StreamRead, StreamReader};
pub use stream_writer::{RawStreamWrite, RawStreamWriter, StreamWrite, StreamWriter};
pub use unit_stream::UnitStreamOps;
pub use weigh::weigh_list;
pub use yields::{yield_async, yield_blocking};

pub(crate) use cabi::mailbox;
pub(crate) use waits::Token;
