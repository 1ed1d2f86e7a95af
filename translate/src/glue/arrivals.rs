//! Ends of streams and futures that reach the guest: the runtime is told, so that it knows which numbers mean one.

use super::Glue;
use super::layout::Owned;
use super::walk::{Row, Visit};
use crate::module::{Code, Func};
use crate::world::Changed;
use wasm_encoder::ValType::I32;
use wit_parser::Type;

/// Tells the runtime of each end.
struct Arrivals {
    arrived: Func,
}

impl Visit for Arrivals {
    fn handle(&mut self, code: &mut Code, _: Owned, local: u32) {
        code.get(local);
        code.call(self.arrived);
    }

    fn list(&mut self, _: &mut Code, _: u32, _: u64, _: Row) {}

    fn lists(&self) -> bool {
        false
    }

    fn wants(&self, handle: Owned) -> bool {
        matches!(handle, Owned::Pipe(_))
    }
}

impl Glue<'_> {
    /// The visitor, if a value of this type may have ends.
    fn arrivals(&mut self, ty: &Type) -> Option<Arrivals> {
        let arrived = self.rt("end-arrived");
        let arrivals = Arrivals { arrived };
        self.layouts.concerns(ty, &arrivals).then_some(arrivals)
    }

    /// Whether a value of this type may have ends.
    pub(super) fn has_ends(&mut self, ty: &Type) -> bool {
        self.arrivals(ty).is_some()
    }

    /// The guest has the value at the address that the local has.
    pub(super) fn value_arrived(&mut self, code: &mut Code, ty: &Type, base: u32, offset: u64) {
        if let Some(mut arrivals) = self.arrivals(ty) {
            self.layouts.walk(code, ty, base, offset, &mut arrivals);
        }
    }

    /// The guest has so many items: the locals have the address and the count, and lose both.
    pub(super) fn items_arrived(&mut self, code: &mut Code, ty: &Type, row: (u32, u32)) {
        if let Some(mut arrivals) = self.arrivals(ty) {
            let size = self.layouts.size(ty);
            self.layouts.in_a_row(code, row, size, |layouts, code, at| {
                layouts.walk(code, ty, at, 0, &mut arrivals);
            });
        }
    }

    /// The guest has the result of a call: it is the one number on the stack, or lies at the address that the local `ret` has.
    pub(super) fn result_arrived(&mut self, code: &mut Code, ty: Option<&Type>, ret: u32) {
        let Some(ty) = ty else { return };
        let Some(arrivals) = self.arrivals(ty) else {
            return;
        };
        if self.layouts.flat(ty).len() > 1 {
            self.value_arrived(code, ty, ret, 0);
        } else {
            // It is an end.
            let end = code.local(I32);
            code.set(end);
            code.get(end);
            code.call(arrivals.arrived);
            code.get(end);
        }
    }

    /// The guest has the parameters of a call, which are the locals.
    pub(super) fn params_arrived(&mut self, code: &mut Code, changed: &Changed) {
        let types: Vec<Type> = changed.original.params.iter().map(|it| it.ty).collect();
        if !types.iter().any(|ty| self.has_ends(ty)) {
            return;
        }
        let (offsets, size) = self.layouts.fields(&types);
        if self.by_address(changed) {
            for (ty, offset) in types.iter().zip(offsets) {
                self.value_arrived(code, ty, 0, u64::from(offset));
            }
            return;
        }
        let (alloc, keep, post) = (self.rt("alloc"), self.rt("post-region"), self.rt("post"));
        let base = code.local(I32);
        code.number(size);
        code.call(alloc);
        code.set(base);
        let locals: Vec<u32> = (0..self.flat_params(changed) as u32).collect();
        let mut left = &locals[..];
        for (ty, offset) in types.iter().zip(offsets) {
            let offset = u64::from(offset);
            left = self.layouts.store(code, ty, base, offset, left);
            self.value_arrived(code, ty, base, offset);
        }
        code.call(keep);
        code.call(post);
    }
}
