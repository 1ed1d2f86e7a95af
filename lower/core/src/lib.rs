//! `isyswasfa:core` in WebAssembly, on nothing but `wasi:io/poll@0.2.0`: what the host does for split components, inside of the
//! component that `polyfill-host lower` makes of them.
//!
//! What is exported under a name of `isyswasfa:core` is that function of the WIT, in the canonical ABI. What is exported as
//! `pipe-…` and `unit-…` serves every other pipe: `lower` adds functions to this module which say which pipe it is.

mod abi;
mod components;
mod exports;
mod functions;
mod items;
mod memory;
mod pipes;
mod pollables;
mod report;
mod state;
mod tasks;
mod trap;

#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: isyswasfa_lower_heap::Heap = isyswasfa_lower_heap::Heap;
