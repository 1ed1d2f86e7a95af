//! Serves and runs components that speak WASI 0.2, 0.3 or the split ABI.

pub mod core;
pub mod engine;
pub mod http;
pub mod pipes;
pub mod split;
pub mod wasi;
