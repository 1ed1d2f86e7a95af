//! Where the parameters of some exported functions go: to the runtime's memory instead of the guest's, as long as the guest is not
//! given them. A realloc of the guest's cannot be asked to free.

use super::Glue;
use crate::module::{Code, Func, Signature};
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Instruction as I};

/// For items that another component writes.
pub const FOR_ITEMS: &str = "realloc for items";

/// For the parameters of calls that may be held back.
pub const FOR_CALLS: &str = "realloc for calls";

impl Glue<'_> {
    /// The guest's realloc, whichever is set.
    pub fn realloc(&self) -> Func {
        match self.realloc {
            Some(func) => func,
            None => unreachable!("made with the first places"),
        }
    }

    /// One of the guest's reallocs.
    pub fn guest_realloc(&mut self, which: usize) -> Func {
        match which {
            // The one that is set when nothing else is.
            0 => self.realloc(),
            which => {
                let four = Signature::new(&[I32; 4], &[I32]);
                self.builder
                    .import(super::GUEST, &format!("realloc-{which}"), four)
            }
        }
    }

    /// The reallocs for parameters that the runtime keeps.
    pub fn parameter_reallocs(&mut self) {
        let four = Signature::new(&[I32; 4], &[I32]);
        let (alloc, must_wait, guests) =
            (self.rt("alloc"), self.rt("task-must-wait"), self.realloc());
        // (1) Into the region under way.
        let mut code = Code::new(4);
        let new = code.local(I32);
        code.get(3);
        code.call(alloc);
        code.push([
            I::LocalTee(new),
            I::LocalGet(0),
            I::LocalGet(1),
            I::LocalGet(3),
            I::LocalGet(1),
            I::LocalGet(3),
            I::I32LtU,
            I::Select,
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            I::LocalGet(new),
        ]);
        let items = self.builder.func(FOR_ITEMS, four.clone(), code);
        self.builder.export(FOR_ITEMS, items);
        // (2) The same, if the call must wait.
        let mut code = Code::new(4);
        code.call(must_wait);
        code.push([I::If(BlockType::Result(I32))]);
        (0..4).for_each(|local| code.get(local));
        code.call(items);
        code.push([I::Else]);
        (0..4).for_each(|local| code.get(local));
        code.call(guests);
        code.push([I::End]);
        let calls = self.builder.func(FOR_CALLS, four, code);
        self.builder.export(FOR_CALLS, calls);
    }
}
