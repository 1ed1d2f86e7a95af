//! Ends of streams and futures in values that the guest is given or passes on. Outside it is the handle of a pipe's resource, in
//! the guest a number of the runtime: each is replaced by the other, where the value lies.

use super::Glue;
use super::layout::Owned;
use super::pipes::TypeNumber;
use super::walk::{Place, Row, Visit};
use crate::module::{Code, Func};
use crate::world::Changed;
use std::collections::HashMap;
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::I32;
use wit_parser::{Type, TypeId};

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the guest.
    In,
    /// From the guest.
    Out,
}

/// Replaces each end.
struct Replace {
    replace: Func,
    /// The numbers of the types.
    types: HashMap<TypeId, TypeNumber>,
}

impl Replace {
    /// Replaces the end on the stack.
    fn replace(&self, code: &mut Code, ty: TypeNumber) {
        code.number(ty.reader());
        code.call(self.replace);
    }
}

impl Visit for Replace {
    fn handle(&mut self, code: &mut Code, handle: Owned, place: Place) {
        let (Owned::Pipe(id) | Owned::Resource(id)) = handle;
        let Some(ty) = self.types.get(&id) else {
            return;
        };
        code.get(place.base);
        place.load(code);
        self.replace(code, *ty);
        code.push([I::I32Store(place.at())]);
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
    fn replace(&mut self, ty: &Type, way: Way) -> Option<Replace> {
        let found = self.owned(&[*ty]).into_iter();
        let types: HashMap<_, _> = found
            .filter_map(|owned| match owned {
                Owned::Pipe(id) => Some((id, self.type_number(&self.world.key(&Type::Id(id))))),
                Owned::Resource(_) => None,
            })
            .collect();
        let replace = match way {
            Way::In => self.rt("end-arrived"),
            Way::Out => self.rt("end-left"),
        };
        (!types.is_empty()).then_some(Replace { replace, types })
    }

    /// Whether a value of this type may have ends.
    pub(super) fn has_ends(&mut self, ty: &Type) -> bool {
        let owned = self.owned(&[*ty]);
        owned.iter().any(|owned| matches!(owned, Owned::Pipe(_)))
    }

    /// Whether any parameter of the function may have.
    pub(super) fn params_have_ends(&mut self, changed: &Changed) -> bool {
        let params = changed.original.params.iter();
        params.map(|it| it.ty).any(|ty| self.has_ends(&ty))
    }

    /// The value at the address that the local has goes that way.
    pub(super) fn value_goes(
        &mut self,
        code: &mut Code,
        way: Way,
        ty: &Type,
        base: u32,
        offset: u64,
    ) {
        if let Some(mut replace) = self.replace(ty, way) {
            self.layouts.walk(code, ty, base, offset, &mut replace);
        }
    }

    /// So many items go that way: the locals have the address and the count, and lose both.
    pub(super) fn items_go(&mut self, code: &mut Code, way: Way, ty: &Type, row: (u32, u32)) {
        if let Some(mut replace) = self.replace(ty, way) {
            let size = self.layouts.size(ty);
            self.layouts.in_a_row(code, row, size, |layouts, code, at| {
                layouts.walk(code, ty, at, 0, &mut replace);
            });
        }
    }

    /// The result of a call goes that way: it is the one number on the stack, or lies at the address that the local `ret` has.
    pub(super) fn result_goes(&mut self, code: &mut Code, way: Way, ty: Option<&Type>, ret: u32) {
        let Some(ty) = ty else { return };
        if self.layouts.flat(ty).len() > 1 {
            self.value_goes(code, way, ty, ret, 0);
        } else if let Some(replace) = self.replace(ty, way)
            && let Some(number) = replace.types.values().next()
        {
            // It is an end.
            replace.replace(code, *number);
        }
    }

    /// The parameters of a call go that way, which are the locals from the first one on. `by_address`: that has their address.
    pub(super) fn params_go(
        &mut self,
        code: &mut Code,
        way: Way,
        changed: &Changed,
        by_address: bool,
    ) {
        if !self.params_have_ends(changed) {
            return;
        }
        let types: Vec<Type> = changed.original.params.iter().map(|it| it.ty).collect();
        let (offsets, size) = self.layouts.fields(&types);
        if by_address {
            for (ty, offset) in types.iter().zip(offsets) {
                self.value_goes(code, way, ty, 0, u64::from(offset));
            }
            return;
        }
        let mut base = None;
        let mut first = 0;
        for (ty, offset) in types.iter().zip(offsets) {
            let locals: Vec<u32> = (first..first + self.layouts.flat(ty).len() as u32).collect();
            first += locals.len() as u32;
            let Some(mut replace) = self.replace(ty, way) else {
                continue;
            };
            if let [only] = locals[..]
                && let Some(number) = replace.types.values().next()
            {
                code.get(only);
                replace.replace(code, *number);
                code.set(only);
                continue;
            }
            // In memory it is known which case it is.
            let alloc = self.rt("alloc");
            let base = *base.get_or_insert_with(|| {
                let base = code.local(I32);
                code.number(size);
                code.call(alloc);
                code.set(base);
                base
            });
            let offset = u64::from(offset);
            self.layouts.store(code, ty, base, offset, &locals);
            self.layouts.walk(code, ty, base, offset, &mut replace);
            self.layouts.load(code, ty, base, offset);
            locals.iter().rev().for_each(|local| code.set(*local));
        }
        if base.is_some() {
            let (keep, post) = (self.rt("post-region"), self.rt("post"));
            code.call(keep);
            code.call(post);
        }
    }
}
