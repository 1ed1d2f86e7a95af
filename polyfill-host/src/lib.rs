//! A host for components that speak WASI 0.2, WASI 0.3 or the split ABI, on wasmtime.

pub mod abi;
pub mod adapter;
mod bad_input;
pub mod core;
pub mod engine;
pub mod http;
pub mod options;
pub mod pipes;
pub mod run;
pub mod serve;
pub mod split;
pub mod stdio;
pub mod trace;
pub mod wasi;

pub use bad_input::BadInput;
