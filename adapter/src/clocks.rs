//! `wasi:clocks`.

#[cfg(feature = "cli")]
mod monotonic;
mod system;
