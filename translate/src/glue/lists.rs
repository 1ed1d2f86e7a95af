//! Copies of lists: what a value has elsewhere in memory is given another owner.

use super::layout::{Owned, at};
use super::walk::{Place, Row, Visit};
use crate::module::{Code, Func};
use wasm_encoder::{BlockType, Instruction as I, ValType};

/// Replaces each list by a copy.
pub struct CopyLists {
    /// Who owns the copy.
    pub owner: Owner,
}

/// Where memory comes from.
#[derive(Clone, Copy)]
pub enum Owner {
    /// The runtime: `alloc: func(size) -> address`.
    Runtime(Func),
    /// The guest: `realloc: func(old, old size, align, size) -> address`.
    Guest(Func),
}

impl Owner {
    /// Replaces the size on the stack by an address.
    pub fn allocate(self, code: &mut Code, align: u32) {
        match self {
            Owner::Runtime(alloc) => code.call(alloc),
            Owner::Guest(realloc) => {
                let size = code.local(ValType::I32);
                code.set(size);
                code.push([I::I32Const(0), I::I32Const(0)]);
                code.number(align);
                code.get(size);
                code.call(realloc);
            }
        }
    }
}

impl Visit for CopyLists {
    fn handle(&mut self, _: &mut Code, _: Owned, _: Place) {}

    fn list(&mut self, code: &mut Code, base: u32, offset: u64, row: Row) {
        let (size, copy) = (code.local(ValType::I32), code.local(ValType::I32));
        row.bytes(code, base, offset);
        code.push([
            I::LocalTee(size),
            I::If(BlockType::Empty),
            I::LocalGet(size),
        ]);
        self.owner.allocate(code, row.align);
        code.push([
            I::LocalTee(copy),
            I::LocalGet(base),
            I::I32Load(at(offset)),
            I::LocalGet(size),
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            I::LocalGet(base),
            I::LocalGet(copy),
            I::I32Store(at(offset)),
            I::End,
        ]);
    }

    fn lists(&self) -> bool {
        true
    }

    fn wants(&self, _: Owned) -> bool {
        false
    }
}
