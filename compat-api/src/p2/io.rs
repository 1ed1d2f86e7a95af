//! `wasi:io` of WASI 0.2.

pub mod error;
pub(crate) mod output;
pub mod poll;
pub(crate) mod sink;
pub(crate) mod source;
pub mod streams;
