//! The backend `native`: the crate `wasip3` as it is.

pub use wasip3::*;
