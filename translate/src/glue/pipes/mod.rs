//! Streams and futures: their built-ins, and the pipes that the component implements.

mod imported;
mod own;
mod served;

use super::{Glue, Source};
use crate::error::Result;
use crate::module::{Code, Func, Signature};
use crate::world::World;
use imported::End;
use isyswasfa_wit::names::TASKS;
use isyswasfa_wit::{Pipe, PipeKind};
pub use own::Own;
use wasm_encoder::ValType::{I32, I64};
use wasm_encoder::{BlockType, Instruction as I};
use wit_parser::WorldItem;

/// What a read or write answers that has to wait.
const BLOCKED: i32 = -1;

/// A stream or future, as the guest's built-ins for it see it.
#[derive(Clone)]
pub enum Channel {
    /// One whose pipe another component, or the host, implements.
    Imported(Box<Pipe>),
    /// One whose pipe is in this component.
    Own(Own),
}

/// A built-in of a stream or future.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    New,
    Read { is_async: bool },
    Write { is_async: bool },
    CancelRead,
    CancelWrite,
    DropReadable,
    DropWritable,
}

impl World {
    /// Whether the component implements the pipe: an interface that it exports has it.
    pub fn implements(&self, pipe: &Pipe) -> bool {
        let exports = &self.original.worlds[self.id].exports;
        pipe.home.is_some_and(|home| {
            exports
                .values()
                .any(|item| matches!(item, WorldItem::Interface { id, .. } if *id == home))
        })
    }
}

impl Glue<'_> {
    /// What the guest gets for a built-in of a stream or future. `realloc`: which of the guest's is asked for lists in items.
    pub fn channel(
        &mut self,
        channel: &Channel,
        operation: Operation,
        realloc: usize,
    ) -> Result<Source> {
        match channel {
            Channel::Imported(pipe) => self.imported_pipe(pipe, operation, realloc),
            Channel::Own(own) => self.own_pipe(own, operation, realloc),
        }
    }

    /// The place of a function that tells the core, for a report, that a task reads from a pipe or writes to it:
    /// `func(has task, task)`. 0: it is not told. Each task of a Rust guest reads from a stream without payload, by which
    /// its parts wake each other.
    fn report(&mut self, pipe: &Pipe, end: End) -> Result<u32> {
        if pipe.payload.is_none() && pipe.kind == PipeKind::Stream && end == End::Reader {
            return Ok(0);
        }
        let what = match end {
            End::Reader => "to read from a",
            End::Writer => "to write to a",
        };
        let text = format!("{what} `{}`", pipe.text(&self.world.original));
        let name = format!("report {}#{} {what}", pipe.interface, pipe.name);
        self.late(&name, Signature::new(&[I32; 2], &[]), |glue| {
            let waits = Signature::new(&[I64, I32, I32, I32, I32], &[]);
            let waits = glue.split(TASKS, "waits", waits);
            let (key, alloc) = (glue.rt("key"), glue.rt("alloc"));
            let data_index = glue.builder.data(text.as_bytes());
            let mut code = Code::new(2);
            let at = code.local(I32);
            let len = text.len() as i32;
            code.push([I::I32Const(len)]);
            code.call(alloc);
            code.push([
                I::LocalTee(at),
                I::I32Const(0),
                I::I32Const(len),
                I::MemoryInit { mem: 0, data_index },
            ]);
            code.call(key);
            code.push([
                I::LocalGet(0),
                I::LocalGet(1),
                I::LocalGet(at),
                I::I32Const(len),
            ]);
            code.call(waits);
            Ok(code)
        })
    }
}

/// Waits, if the answer on the stack is that it must. `block` is given these locals.
fn block_if(code: &mut Code, block: Func, locals: &[u32]) {
    let answer = code.local(I32);
    code.push([
        I::LocalTee(answer),
        I::I32Const(BLOCKED),
        I::I32Eq,
        I::If(BlockType::Result(I32)),
    ]);
    locals.iter().for_each(|local| code.get(*local));
    code.call(block);
    code.push([I::Else, I::LocalGet(answer), I::End]);
}
