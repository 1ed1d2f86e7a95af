//! The async ABI of the Component Model for one component, on `isyswasfa:core/tasks`.
//!
//! What it knows are numbers: tasks, waitables, sets. The values of calls lie in the guest's memory, which this module does not see;
//! the *glue*, a module made for the component at hand, moves them. So does every call that depends on a type: it is in a
//! table of the glue, and called by its place there (`late`).
//!
//! Exports whose names start with a capital-free word of the specification (`waitable-set-new`, `subtask-drop`) are built-ins that a
//! guest calls directly; the others are called by the glue.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod arena;
mod backpressure;
mod ends;
mod events;
mod host;
mod lent;
mod links;
mod pipes;
mod run;
mod sets;
mod slab;
mod state;
mod subtasks;
mod tasks;
mod trap;
mod uses;
mod waitables;
mod waits;

#[cfg(target_family = "wasm")]
#[global_allocator]
static HEAP: isyswasfa_lower_heap::Heap = isyswasfa_lower_heap::Heap;
