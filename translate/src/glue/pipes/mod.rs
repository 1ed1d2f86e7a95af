//! Streams and futures: their built-ins, and the pipes that the component implements.

mod imported;
mod own;
mod served;

use super::runtime::{BAD_BUFFER, TOO_MANY_ITEMS};
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
    CancelRead { is_async: bool },
    CancelWrite { is_async: bool },
    DropReadable,
    DropWritable,
}

/// The number by which the runtime knows a type of streams or futures: the lowest bit says that it is a future.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeNumber(u32);

impl TypeNumber {
    pub fn bits(self) -> u32 {
        self.0
    }

    /// A readable end of the type.
    pub fn reader(self) -> u32 {
        self.0 << 1
    }

    /// A writable end.
    pub fn writer(self) -> u32 {
        self.0 << 1 | 1
    }

    /// What the runtime is told of a built-in for the type.
    pub fn used(self, operation: Operation) -> u32 {
        let (built_in, is_async) = match operation {
            Operation::Read { is_async } => (0, is_async),
            Operation::Write { is_async } => (1, is_async),
            Operation::CancelRead { is_async } => (2, is_async),
            Operation::CancelWrite { is_async } => (3, is_async),
            Operation::DropReadable => (4, true),
            Operation::DropWritable => (5, true),
            Operation::New => unreachable!("a new end is not used yet"),
        };
        self.0 << 4 | u32::from(!is_async) << 3 | built_in
    }
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
    /// The number of a type of streams or futures, by its key.
    pub(super) fn type_number(&mut self, key: &str) -> TypeNumber {
        match self.world.pipes.get(key) {
            Some(pipe) => self.pipe_type(pipe),
            None => TypeNumber(self.number_of(key) << 1 | u32::from(key.starts_with("future"))),
        }
    }

    /// The number of the type that the pipe is of.
    fn pipe_type(&mut self, pipe: &Pipe) -> TypeNumber {
        let number = self.number_of(&format!("{}#{}", pipe.interface, pipe.reader));
        TypeNumber(number << 1 | u32::from(pipe.kind == PipeKind::Future))
    }

    /// Checks that the buffer of a read or write lies in memory: the locals have its address and how many items it has.
    fn check_buffer(&mut self, code: &mut Code, pointer: u32, count: Count, size: u32, align: u32) {
        let (bad, too_many) = (self.rt(BAD_BUFFER), self.rt(TOO_MANY_ITEMS));
        let count = match count {
            Count::One => {
                let one = code.local(I32);
                code.push([I::I32Const(1), I::LocalSet(one)]);
                one
            }
            Count::Local(count) => {
                code.push([
                    I::LocalGet(count),
                    I::I32Const(28),
                    I::I32ShrU,
                    I::If(BlockType::Empty),
                ]);
                code.call(too_many);
                code.push([I::End]);
                count
            }
        };
        if size == 0 {
            return;
        }
        code.push([
            I::LocalGet(count),
            I::If(BlockType::Empty),
            // (1) Aligned.
            I::LocalGet(pointer),
            I::I32Const(align as i32 - 1),
            I::I32And,
            // (2) The end is no further than that of memory.
            I::LocalGet(count),
            I::I64ExtendI32U,
            I::I64Const(size.into()),
            I::I64Mul,
            I::LocalGet(pointer),
            I::I64ExtendI32U,
            I::I64Add,
            I::MemorySize(0),
            I::I64ExtendI32U,
            I::I64Const(16),
            I::I64Shl,
            I::I64GtU,
            I::I32Or,
            I::If(BlockType::Empty),
        ]);
        code.call(bad);
        code.push([I::End, I::End]);
    }

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

/// How many items a read or write is of.
#[derive(Clone, Copy)]
enum Count {
    One,
    Local(u32),
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
