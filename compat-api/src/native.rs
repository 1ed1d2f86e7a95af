//! The backend `native`: the crate `wasip3`, and what it has not: the pollables of WASI 0.2.

mod p2;
pub mod pollable;

pub use wasip3::*;
