//! Embedding components in a program of one's own, with bindings that [`bindgen!`](crate::bindgen) generates: one program for
//! components of both ABIs.

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
mod split_pipe;
mod state;
mod stream;
mod value;

pub use component::{add_wasi_to_linker, component, features};
pub use future::{FutureReader, FutureWriter};
pub use guest_resource::GuestResource;
pub use host_resource::HostResource;
pub use instance::{Instance, Pre};
pub use stream::{Closed, StreamReader, StreamWriter};
pub use value::Value;

pub use crate::split::{Died, SplitCtx, SplitView};

pub(crate) use state::EmbedState;

/// What generated code is made of; for nobody else.
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
