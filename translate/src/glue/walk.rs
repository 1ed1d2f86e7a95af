//! Code that walks over the parts of a value in memory that own something: handles and lists.

use super::layout::{Layouts, Owned, Parts, Scalar, at};
use crate::module::Code;
use wasm_encoder::{BlockType, Instruction as I, MemArg, ValType};
use wit_component::StringEncoding;
use wit_parser::Type;

/// What is done to the parts of a value that own something.
pub trait Visit {
    /// About the handle that lies there: a resource, or a stream or future.
    fn handle(&mut self, code: &mut Code, handle: Owned, place: Place);

    /// About the list at `offset` from `base`.
    fn list(&mut self, code: &mut Code, base: u32, offset: u64, row: Row);

    /// Whether lists are of interest for their own sake.
    fn lists(&self) -> bool;

    /// Whether a handle is.
    fn wants(&self, handle: Owned) -> bool;
}

/// Where a value lies: so far from the address that a local has.
#[derive(Clone, Copy)]
pub struct Place {
    pub base: u32,
    pub offset: u64,
}

impl Place {
    /// Puts the handle that lies there on the stack.
    pub fn load(self, code: &mut Code) {
        code.push([I::LocalGet(self.base), I::I32Load(self.at())]);
    }

    pub fn at(self) -> MemArg {
        at(self.offset)
    }
}

/// The items of a list in memory.
#[derive(Clone, Copy)]
pub struct Row {
    /// The size of an item.
    pub size: u32,
    pub align: u32,
    /// Whether the highest bit of the length says that an item has two bytes.
    pub is_tagged: bool,
}

impl Row {
    /// Puts on the stack how many bytes the list at `offset` from `base` has.
    pub fn bytes(self, code: &mut Code, base: u32, offset: u64) {
        let length = [I::LocalGet(base), I::I32Load(at(offset + 4))];
        code.push(length.clone());
        if !self.is_tagged {
            code.push([I::I32Const(self.size as i32), I::I32Mul]);
            return;
        }
        // The tag is shifted out, or there is none and nothing is to be doubled.
        code.push([I::I32Const(1), I::I32Shl]);
        code.push(length.clone());
        code.push(length);
        code.push([I::I32Const(0), I::I32LtS, I::Select]);
    }
}

impl Layouts<'_> {
    fn row(&self, item: &Type) -> Row {
        Row {
            size: self.size(item),
            align: self.align(item),
            is_tagged: false,
        }
    }

    fn text(&self) -> Row {
        let (size, is_tagged) = match self.encoding {
            StringEncoding::UTF8 => (1, false),
            StringEncoding::UTF16 => (2, false),
            StringEncoding::CompactUTF16 => (2, true),
        };
        Row {
            size,
            align: size,
            is_tagged,
        }
    }

    /// Whether a value of this type has anything that the visitor wants.
    pub fn concerns(&self, ty: &Type, visit: &dyn Visit) -> bool {
        if self.is_map(ty) {
            return visit.lists() || self.parts_concern(ty, visit);
        }
        match self.parts(ty) {
            Parts::Text => visit.lists(),
            Parts::List(item) => visit.lists() || self.concerns(&item, visit),
            _ => self.parts_concern(ty, visit),
        }
    }

    fn parts_concern(&self, ty: &Type, visit: &dyn Visit) -> bool {
        match self.parts(ty) {
            Parts::Fields(types) => types.iter().any(|ty| self.concerns(ty, visit)),
            Parts::Cases(_, cases) => cases.iter().flatten().any(|ty| self.concerns(ty, visit)),
            Parts::Handle(handle) => visit.wants(handle),
            _ => false,
        }
    }

    /// Walks over the value at `offset` from `base`.
    pub fn walk(&self, code: &mut Code, ty: &Type, base: u32, offset: u64, visit: &mut dyn Visit) {
        if !self.concerns(ty, visit) {
            return;
        }
        if self.is_map(ty) {
            let Parts::Fields(entry) = self.parts(ty) else {
                return;
            };
            let row = Row {
                size: self.fields(&entry).1,
                align: entry.iter().map(|ty| self.align(ty)).max().unwrap_or(1),
                is_tagged: false,
            };
            visit.list(code, base, offset, row);
            self.items(code, base, offset, row.size, |layouts, code, at| {
                layouts.walk_fields(code, &entry, at, 0, visit);
            });
            return;
        }
        match self.parts(ty) {
            Parts::Scalar(_) | Parts::Flags(_) | Parts::Borrow => {}
            Parts::Text => visit.list(code, base, offset, self.text()),
            Parts::List(item) => {
                visit.list(code, base, offset, self.row(&item));
                if self.concerns(&item, visit) {
                    self.items(code, base, offset, self.size(&item), |layouts, code, at| {
                        layouts.walk(code, &item, at, 0, visit);
                    });
                }
            }
            Parts::Handle(owned) => {
                visit.handle(code, owned, Place { base, offset });
            }
            Parts::Fields(types) => self.walk_fields(code, &types, base, offset, visit),
            Parts::Cases(tag, cases) => {
                let payload = offset + self.payload(tag, &cases);
                for (number, case) in cases.iter().enumerate() {
                    let Some(case) = case.filter(|case| self.concerns(case, visit)) else {
                        continue;
                    };
                    code.push([
                        I::LocalGet(base),
                        Scalar::of_tag(tag).load(offset),
                        I::I32Const(number as i32),
                        I::I32Eq,
                        I::If(BlockType::Empty),
                    ]);
                    self.walk(code, &case, base, payload, visit);
                    code.push([I::End]);
                }
            }
        }
    }

    fn walk_fields(
        &self,
        code: &mut Code,
        types: &[Type],
        base: u32,
        offset: u64,
        visit: &mut dyn Visit,
    ) {
        let (offsets, _) = self.fields(types);
        for (ty, at) in types.iter().zip(offsets) {
            self.walk(code, ty, base, offset + u64::from(at), visit);
        }
    }

    /// A loop over the items of the list that lies at `offset` from `base`.
    fn items(
        &self,
        code: &mut Code,
        base: u32,
        offset: u64,
        size: u32,
        each: impl FnOnce(&Self, &mut Code, u32),
    ) {
        let (item, left) = (code.local(ValType::I32), code.local(ValType::I32));
        code.push([
            I::LocalGet(base),
            I::I32Load(at(offset)),
            I::LocalSet(item),
            I::LocalGet(base),
            I::I32Load(at(offset + 4)),
            I::LocalSet(left),
        ]);
        self.in_a_row(code, (item, left), size, each);
    }

    /// A loop over items of that size: the locals have the address of the first one, and how many there are.
    pub fn in_a_row(
        &self,
        code: &mut Code,
        (item, left): (u32, u32),
        size: u32,
        each: impl FnOnce(&Self, &mut Code, u32),
    ) {
        code.push([
            I::Block(BlockType::Empty),
            I::Loop(BlockType::Empty),
            I::LocalGet(left),
            I::I32Eqz,
            I::BrIf(1),
        ]);
        each(self, code, item);
        code.push([
            I::LocalGet(item),
            I::I32Const(size as i32),
            I::I32Add,
            I::LocalSet(item),
            I::LocalGet(left),
            I::I32Const(1),
            I::I32Sub,
            I::LocalSet(left),
            I::Br(0),
            I::End,
            I::End,
        ]);
    }
}
