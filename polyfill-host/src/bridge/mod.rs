//! Bridges between sync and async: a component of WASI 0.2 behind an async import, an async component behind a sync one.
//!
//! A composition is divided into *islands*: components that call each other directly, and share a store. Where an import is
//! async and its provider is sync, or the other way round, [`compose`](crate::compose::compose) leaves the import open under a
//! name of its own, and puts the island behind it into a custom section. The host that runs the composition gives each island a
//! store of its own and carries calls from one to the other, so an island that blocks does not hold up the others.
//!
//! - **From async to sync.** Calls wait in a queue and are made one at a time, in their order, in a task of the island's. A
//!   caller that finds the queue full waits until there is room: nothing is dropped. A call is skipped if its caller gives up
//!   before its turn. A call that has begun runs to its end, and its result is dropped. (`serve` ends an instance whose island
//!   still works on a call for a request that has timed out.)
//! - **From sync to async.** The caller's own island waits, as it does in any sync import; calls of several islands are under way
//!   at once. A caller that is dropped cancels its call.
//! - Each instance of the composition has its own instance of each island, made on the first call to it, and dropped with the
//!   composition's. A trap in an island also ends its callers, as a trap does within one store.
//!
//! Bridges copy values. Resources, streams and futures stay in their store: `compose` refuses interfaces that pass them.

mod island;
mod islands;
mod link;
mod native;
mod plain;

pub(crate) use island::{Behind, StoreMaker};
pub(crate) use islands::{Code, Islands, Loaded};
pub(crate) use isyswasfa_tools::bridges as section;
pub(crate) use link::add_to_linker;
