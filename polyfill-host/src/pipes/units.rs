//! Pipes without payload: only the number of items moves.

use isyswasfa_core::Units;
use wasmtime::Result;

use super::payload::Payload;
use super::table::Pipes;
use super::tables::Piped;
use crate::core::Core;

/// The payload of `stream` and `future`.
pub struct UnitPipe;

impl<C: Piped> Payload<C> for UnitPipe {
    type Wire = u32;
    type Items = Units;

    fn table(ctx: &mut C) -> (&mut Core, &mut Pipes<Units>) {
        let (core, pipes) = ctx.core_and_pipes();
        (core, &mut pipes.units)
    }

    fn lift(_ctx: &mut C, wire: u32) -> Result<Units> {
        Ok(Units(wire as usize))
    }

    fn lower(_ctx: &mut C, items: Units) -> Result<u32> {
        // At most as many as one write offered.
        Ok(items.0 as u32)
    }
}
