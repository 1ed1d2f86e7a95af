//! Embedding components in a program of one's own, with bindings that [`bindgen!`](crate::bindgen) generates: one program for
//! components of both ABIs.
//!
//! ```
//! # use polyfill_host::embed::{FutureReader, StreamReader};
//! # futures::executor::block_on(async {
//! // A stream for a guest (here nobody but the host itself reads it): what was written last waits for the reader.
//! let (mut writer, mut bytes) = StreamReader::new();
//! writer.write(b"some bytes".to_vec()).await?;
//! assert_eq!(bytes.read().await, Some(b"some bytes".to_vec()));
//!
//! // Of what is there already, or comes by itself.
//! let mut words = StreamReader::from(vec!["one".to_owned(), "two".to_owned()]);
//! assert_eq!(words.next().await.as_deref(), Some("one"));
//! let answer = FutureReader::from_future(async { 42 });
//! assert_eq!(answer.await, Some(42));
//!
//! // Who writes learns that nobody reads any more.
//! drop(bytes);
//! writer.closed().await;
//! assert!(writer.write(vec![1]).await.is_err());
//! # Ok::<(), polyfill_host::embed::Closed<u8>>(())
//! # }).unwrap();
//! ```

mod abi;
mod builtin;
mod channel;
mod component;
mod end;
mod export;
mod future;
mod guest_resource;
mod host_resource;
mod imports;
mod instance;
mod native;
mod native_pipe;
mod parts;
mod resources;
mod split_pipe;
mod stream;
mod value;

pub use component::{add_wasi_to_linker, component, features};
pub use future::{FutureReader, FutureWriter};
pub use guest_resource::GuestResource;
pub use host_resource::HostResource;
pub use instance::{Instance, Pre};
pub use stream::{Closed, StreamReader, StreamWriter};
pub use value::Value;

pub use crate::split::{Died, Limits, SplitCtx, SplitView};

/// Items for generated code only.
#[doc(hidden)]
pub mod rt {
    pub use super::export::Export;
    pub use super::imports::{Imports, interface, world};
    pub use super::instance::Lookup;
    pub use super::parts::{case, field, fields, unexpected};
    pub use super::value::Handles;
    pub use crate::split::SplitView;
    pub use polyfill_host_macro::bindgen;
    pub use {tracing, wasmtime};
}
