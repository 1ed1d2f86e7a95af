//! The payload of a pipe: its Rust type on the canonical ABI, and its items between the ends.

use isyswasfa_core::Items;
use wasmtime::Result;
use wasmtime::component::{Lift, Lower};

use super::table::Pipes;
use crate::core::Core;

/// The payload of a pipe whose type is known when the host is compiled. `C` is the guests' state in the store.
pub trait Payload<C>: Send + Sync + 'static {
    /// The type that crosses to and from guests: `Vec<T>`, or `u32` for a pipe without payload.
    type Wire: Lift + Lower + Send + Sync + 'static;
    /// The items between the ends.
    type Items: Items + Send + 'static;

    /// The table of pipes with this payload.
    fn table(ctx: &mut C) -> (&mut Core, &mut Pipes<Self::Items>);

    /// Lifts items from a guest.
    ///
    /// # Errors
    ///
    /// If a resource among them does not exist: a trap.
    fn lift(ctx: &mut C, wire: Self::Wire) -> Result<Self::Items>;

    /// Lowers items for a guest.
    ///
    /// # Errors
    ///
    /// If there are too many resources: a trap.
    fn lower(ctx: &mut C, items: Self::Items) -> Result<Self::Wire>;
}
