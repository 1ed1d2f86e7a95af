//! The WASI 0.3 API for guests, as the crate `wasip3` has it, on one of two backends.
//!
//! - Feature `isyswasfa` (default): the split ABI, a component that is valid WASI 0.2.
//! - Feature `native`: WASI 0.3 itself, which is `wasip3`. If both are on, `native` wins.

#[cfg(feature = "native")]
mod native;

#[cfg(feature = "native")]
pub use native::*;
