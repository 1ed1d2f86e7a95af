//! WASI 0.3 in its split form, on what every WASI 0.2 host has: in parts, each a feature and a component of its own.
//!
//! Files and sockets are streamed piece by piece: nothing is read that nobody waits for, and nothing is taken that can't be
//! written yet. A pollable never outlives what it was made of: 0.2 hosts trap otherwise.

mod bindings;
#[cfg(feature = "cli")]
mod cli;
#[cfg(any(feature = "cli", feature = "filesystem"))]
mod clocks;
#[cfg(feature = "filesystem")]
mod filesystem;
#[cfg(feature = "http")]
mod http;
#[cfg_attr(
    feature = "filesystem",
    allow(dead_code, reason = "files are read without input streams")
)]
mod input;
mod output;
#[cfg(feature = "cli")]
mod random;
mod resolve;
#[cfg(feature = "sockets")]
mod sockets;

struct Adapter;

bindings::export!(Adapter with_types_in bindings);

/// How many bytes are moved at once.
const CHUNK: usize = 64 * 1024;
