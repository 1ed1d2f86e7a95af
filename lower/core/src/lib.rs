//! `isyswasfa:core` in WebAssembly, on nothing but `wasi:io/poll@0.2.0`: what the host does for split components, inside of the
//! component that `polyfill-host lower` makes of them. A shell around the state machine of `isyswasfa-core`.
//!
//! What is exported under a name of `isyswasfa:core` is that function of the WIT, in the canonical ABI. What is exported as
//! `pipe-…` and `unit-…` serves every other pipe: `lower` adds functions to this module which say which pipe it is.

mod abi;
mod exports;
mod items;
mod memory;
mod pipe_exports;
mod pipes;
mod policy;
mod pollables;
mod state;
mod trap;

/// On the build machine: a handle of a `pending` is dropped, so its destructor is called.
#[cfg(not(target_family = "wasm"))]
fn dropped(pending: u32) {
    exports::drop_pending(pending);
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: isyswasfa_lower_heap::Heap = isyswasfa_lower_heap::Heap;
