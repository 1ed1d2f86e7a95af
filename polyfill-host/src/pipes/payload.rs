//! What a pipe carries: its Rust type on the canonical ABI, and its items between the ends.

use isyswasfa_core::Items;
use wasmtime::Result;
use wasmtime::component::{Lift, Lower};

use super::table::Pipes;
use crate::core::Core;

/// The payload of a pipe whose type is known when the host is compiled. `C` is what is kept in the store.
pub trait Payload<C>: Send + Sync + 'static {
    /// What crosses to and from guests: `Vec<T>`, or `u32` for a pipe without payload.
    type Wire: Lift + Lower + Send + Sync + 'static;
    /// What is kept between the ends.
    type Items: Items + Send + 'static;

    /// The table of such pipes.
    fn table(ctx: &mut C) -> (&mut Core, &mut Pipes<Self::Items>);

    /// Takes items over from a guest.
    ///
    /// # Errors
    ///
    /// If a resource among them does not exist: a trap.
    fn lift(ctx: &mut C, wire: Self::Wire) -> Result<Self::Items>;

    /// Hands items over to a guest.
    ///
    /// # Errors
    ///
    /// If there are too many resources: a trap.
    fn lower(ctx: &mut C, items: Self::Items) -> Result<Self::Wire>;
}
