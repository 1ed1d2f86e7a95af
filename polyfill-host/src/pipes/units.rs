//! Pipes without payload: only how many items move is known.

use isyswasfa_rendezvous::Units;
use wasmtime::Result;

use super::payload::Payload;
use super::table::Pipes;
use crate::core::Core;
use crate::split::SplitCtx;

/// The payload of `stream` and `future`.
pub struct UnitPipe;

impl Payload for UnitPipe {
    type Wire = u32;
    type Items = Units;

    fn table(ctx: &mut SplitCtx) -> (&mut Core, &mut Pipes<Units>) {
        (&mut ctx.core, &mut ctx.units)
    }

    fn lift(_ctx: &mut SplitCtx, wire: u32) -> Result<Units> {
        Ok(Units(wire as usize))
    }

    fn lower(_ctx: &mut SplitCtx, items: Units) -> Result<u32> {
        // Never more than one write offered.
        Ok(items.0 as u32)
    }
}
