//! Components of the split ABI, from bytes to bytes: composes them, tells what they are, lowers them to WASI 0.2.
//!
//! No engine is needed for it.

pub mod abi;
pub mod adapter;
pub mod artifact;
mod bad_input;
pub mod bridges;
pub mod compose;
pub mod inspect;
pub mod lower;
mod surface;

pub use artifact::Artifact;
pub use bad_input::BadInput;
