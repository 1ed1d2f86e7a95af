//! Pipes whose items are handles of a resource that another component provides, for a provider that was built without them:
//! `compose` adds functions to this module which say which pipe it is, as `lower` does with the core's.
//!
//! The pipes are the core's. What differs is how an end that waits is told: through `isyswasfa:core`, by its mailbox.

#[path = "../../core/src/abi.rs"]
#[allow(dead_code, reason = "the core's imports and lists of other functions")]
mod abi;
#[path = "../../core/src/items.rs"]
mod items;
#[path = "../../core/src/memory.rs"]
mod memory;
#[path = "../../core/src/pipe_exports.rs"]
#[allow(unused_imports, reason = "the core exports more with the same macro")]
mod pipe_exports;
#[path = "../../core/src/pipes.rs"]
#[allow(dead_code, reason = "pipes without payload, and reports")]
mod pipes;
mod state;
mod trap;

/// On the build machine: the functions of `isyswasfa:core/tasks` are there in a component only.
#[cfg(not(target_family = "wasm"))]
fn dropped(pending: u32) {
    unreachable!("{pending} is of another component");
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: isyswasfa_lower_heap::Heap = isyswasfa_lower_heap::Heap;
