//! WASI 0.3 in its split form, on what every WASI 0.2 host has.
//!
//! Files and sockets are streamed piece by piece: nothing is read that nobody waits for, and nothing is taken that can't be
//! written yet. A pollable never outlives what it was made of: 0.2 hosts trap otherwise.

mod bindings;
mod cli;
mod clocks;
mod filesystem;
mod input;
mod output;
mod random;
mod resolve;
mod sockets;

struct Adapter;

bindings::export!(Adapter with_types_in bindings);

/// How many bytes are moved at once.
const CHUNK: usize = 64 * 1024;
