//! A host for components that speak WASI 0.2, WASI 0.3 or the split ABI, on wasmtime.

pub mod abi;
mod bad_input;
pub mod options;
pub mod serve;
pub mod stdio;

pub use bad_input::BadInput;
