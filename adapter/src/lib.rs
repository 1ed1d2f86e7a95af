//! WASI 0.3 in its split form, on what every WASI 0.2 host has: in parts, each a feature and a component of its own.
//!
//! Files and sockets are streamed piece by piece: nothing is read that nobody waits for, and nothing is taken that can't be
//! written yet. A pollable never outlives what it was made of: 0.2 hosts trap otherwise.

#[cfg(feature = "http")]
mod beside;
mod bindings;
#[cfg(feature = "cli")]
mod cli;
#[cfg(any(feature = "cli", feature = "filesystem"))]
mod clocks;
#[cfg(feature = "filesystem")]
mod filesystem;
#[cfg(feature = "http")]
#[cfg_attr(feature = "server", allow(dead_code, reason = "no request is sent"))]
mod http;
#[cfg_attr(
    any(feature = "cli", feature = "filesystem"),
    allow(dead_code, reason = "stdin and files are read otherwise")
)]
mod input;
mod output;
#[cfg(feature = "cli")]
mod random;
mod resolve;
#[cfg(feature = "sockets")]
mod sockets;

/// In lowered components, every request has an adapter of its own.
#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: isyswasfa_lower_heap::Heap = isyswasfa_lower_heap::Heap;

struct Adapter;

bindings::export!(Adapter with_types_in bindings);

/// How many bytes are moved at once.
const CHUNK: usize = 64 * 1024;
