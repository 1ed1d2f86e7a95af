//! Pipes that others implement: the built-ins of their ends, by the functions of the pipe.
//!
//! The handle of a pipe's end is the number that the guest has for the end of the stream or future.

use super::{Count, Operation, block_if};
use crate::error::Result;
use crate::glue::ends::Way;
use crate::glue::layout::at;
use crate::glue::{Glue, Late, Source};
use crate::module::{Code, Func, Signature};
use isyswasfa_wit::{Pipe, PipeKind};
use wasm_encoder::ValType::{I32, I64};
use wasm_encoder::{BlockType, Instruction as I};
use wit_parser::Type;

/// Codes of events.
const STREAM_READ: i32 = 2;
const STREAM_WRITE: i32 = 3;
const FUTURE_READ: i32 = 4;
const FUTURE_WRITE: i32 = 5;

const BLOCKED: i32 = super::BLOCKED;
const DROPPED: i32 = 1;
const CANCELLED: i32 = 2;

/// The end of a pipe that a built-in is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Reader,
    Writer,
}

impl Glue<'_> {
    pub(super) fn imported_pipe(
        &mut self,
        pipe: &Pipe,
        operation: Operation,
        realloc: usize,
    ) -> Result<Source> {
        match operation {
            Operation::New => self.pipe_new(pipe),
            Operation::Read { is_async } => {
                self.pipe_move(pipe, End::Reader, operation, is_async, realloc)
            }
            Operation::Write { is_async } => {
                self.pipe_move(pipe, End::Writer, operation, is_async, realloc)
            }
            Operation::CancelRead { .. } => self.pipe_cancel(pipe, End::Reader, operation, realloc),
            Operation::CancelWrite { .. } => {
                self.pipe_cancel(pipe, End::Writer, operation, realloc)
            }
            Operation::DropReadable => self.pipe_drop(pipe, End::Reader, operation),
            Operation::DropWritable => self.pipe_drop(pipe, End::Writer, operation),
        }
    }

    fn function(
        &mut self,
        pipe: &Pipe,
        name: &str,
        params: &[wasm_encoder::ValType],
        results: &[wasm_encoder::ValType],
    ) -> Func {
        self.split(&pipe.interface, name, Signature::new(params, results))
    }

    /// Makes what provides the pipe known to the core, if that is a component.
    fn link_pipe(&mut self, code: &mut Code, pipe: &Pipe) -> Result<()> {
        let Some(home) = pipe.home else { return Ok(()) };
        let Some(poll) = self.world.split.poll(home).cloned() else {
            return Ok(());
        };
        self.link(code, &pipe.interface, &poll);
        Ok(())
    }

    fn pipe_new(&mut self, pipe: &Pipe) -> Result<Source> {
        let name = format!("new {}#{}", pipe.interface, pipe.new);
        let name = self.once(&name, Signature::new(&[], &[I64]), |glue| {
            let new = glue.function(pipe, &pipe.new, &[I32], &[]);
            let (scratch, arrived) = (glue.scratch(), glue.rt("end-arrived"));
            let ty = glue.pipe_type(pipe);
            let mut code = Code::new(0);
            let area = code.local(I32);
            glue.link_pipe(&mut code, pipe)?;
            code.call(scratch);
            code.push([I::LocalTee(area)]);
            code.call(new);
            // The pipe says writer and reader; natively the reader is the low half.
            for (end, kind) in [(4, ty.reader()), (0, ty.writer())] {
                code.push([I::LocalGet(area), I::I32Load(at(end))]);
                code.number(kind);
                code.call(arrived);
                code.push([I::I64ExtendI32U]);
            }
            code.push([I::I64Const(32), I::I64Shl, I::I64Or]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    /// The size of an item, and whether it has handles.
    fn payload(&self, pipe: &Pipe) -> (u32, bool) {
        let size = pipe.payload.map_or(0, |ty| self.layouts.size(&ty));
        (size, pipe.payload.is_some_and(|ty| self.has_handles(&ty)))
    }

    fn has_handles(&self, ty: &Type) -> bool {
        let key = self.world.key(ty);
        ["own<", "stream<", "future<"]
            .iter()
            .any(|kind| key.contains(kind))
    }

    /// A function `func(end, pointer, count) -> code` that reads, or writes, and answers [`BLOCKED`] if it has to wait;
    /// `again`: it has waited.
    fn attempt(&mut self, pipe: &Pipe, end: End, again: bool, realloc: usize) -> Result<String> {
        let (unit, (size, has_handles)) = (pipe.payload.is_none(), self.payload(pipe));
        let is_future = pipe.kind == PipeKind::Future;
        let what = match (end, again) {
            (End::Reader, _) => "read",
            (End::Writer, false) => "write",
            (End::Writer, true) => "written",
        };
        let again_name = if again { " again" } else { "" };
        let name = format!(
            "{what}{again_name} {}#{} with {realloc}",
            pipe.interface, pipe.new
        );
        self.once(&name, Signature::new(&[I32; 3], &[I32]), |glue| {
            let mut code = Code::new(3);
            let area = code.local(I32);
            let count = code.local(I32);
            let handle = code.local(I32);
            let (mailbox, token) = (glue.rt("mailbox"), glue.rt("end-token"));
            let handle_of = glue.rt("end-handle");
            let scratch = glue.scratch();
            let globals = glue.globals();
            code.call(scratch);
            code.set(area);
            code.get(0);
            code.call(handle_of);
            code.set(handle);
            if (end, again) == (End::Writer, false) {
                glue.items_leave(&mut code, pipe, 1, 2);
            }
            if end == End::Reader && !unit {
                glue.hint(
                    &mut code,
                    |code| code.get(1),
                    |code| {
                        code.push([I::LocalGet(2), I::I32Const(size as i32), I::I32Mul]);
                    },
                );
            }
            code.get(handle);
            code.call(mailbox);
            code.get(0);
            code.call(token);
            let func = match (end, again) {
                (End::Reader, _) => {
                    code.get(2);
                    let name = format!("[method]{}.read", pipe.reader);
                    glue.function(pipe, &name, &[I32, I64, I32, I32, I32], &[])
                }
                (End::Writer, true) => {
                    let name = format!("[method]{}.written", pipe.writer);
                    glue.function(pipe, &name, &[I32, I64, I32, I32], &[])
                }
                (End::Writer, false) => {
                    let name = format!("[method]{}.write", pipe.writer);
                    if unit {
                        code.get(2);
                        glue.function(pipe, &name, &[I32, I64, I32, I32, I32], &[])
                    } else {
                        code.push([I::LocalGet(1), I::LocalGet(2)]);
                        glue.function(pipe, &name, &[I32, I64, I32, I32, I32, I32], &[])
                    }
                }
            };
            code.get(area);
            glue.with_realloc(&mut code, realloc, |_, code| code.call(func));
            if end == End::Reader && !unit {
                code.push([I::I32Const(0), I::GlobalSet(globals.hint)]);
            }
            // (1) Not yet, or never: `status`.
            code.push([
                I::LocalGet(area),
                I::I32Load8U(at(0)),
                I::If(BlockType::Empty),
                I::LocalGet(area),
                I::I32Load8U(at(4)),
                I::I32Eqz,
                I::If(BlockType::Empty),
                I::I32Const(BLOCKED),
                I::Return,
                I::End,
            ]);
            if end == End::Writer && has_handles {
                glue.take_back(&mut code, pipe, handle, size, None)?;
            }
            code.push([I::I32Const(DROPPED), I::Return, I::End]);
            // (2) So many.
            let moved = if end == End::Reader && !unit { 8 } else { 4 };
            code.push([I::LocalGet(area), I::I32Load(at(moved)), I::LocalSet(count)]);
            if end == End::Reader && !unit {
                glue.arrived(&mut code, area, 4, size, 1);
                glue.read_arrived(&mut code, pipe, 1, count);
            }
            if end == End::Writer && has_handles {
                code.push([
                    I::LocalGet(count),
                    I::LocalGet(2),
                    I::I32LtU,
                    I::If(BlockType::Empty),
                ]);
                glue.take_back(&mut code, pipe, handle, size, Some(count))?;
                code.push([I::End]);
            }
            match is_future {
                true => code.push([I::I32Const(0)]),
                false => code.push([I::LocalGet(count), I::I32Const(4), I::I32Shl]),
            }
            Ok(code)
        })
    }

    /// The next list that is lowered goes where the guest wants it.
    fn hint(&self, code: &mut Code, pointer: impl FnOnce(&mut Code), room: impl FnOnce(&mut Code)) {
        let globals = self.globals();
        pointer(code);
        code.push([I::GlobalSet(globals.hint)]);
        room(code);
        code.push([I::GlobalSet(globals.room)]);
    }

    /// A list whose address and length are at `offset` from `area` has come for where the local `to` says: copies it there, if
    /// it isn't there yet.
    fn arrived(&self, code: &mut Code, area: u32, offset: u64, size: u32, to: u32) {
        code.push([
            I::LocalGet(area),
            I::I32Load(at(offset)),
            I::LocalGet(to),
            I::I32Ne,
            I::If(BlockType::Empty),
            I::LocalGet(to),
            I::LocalGet(area),
            I::I32Load(at(offset)),
            I::LocalGet(area),
            I::I32Load(at(offset + 4)),
            I::I32Const(size as i32),
            I::I32Mul,
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            I::End,
        ]);
    }

    /// The guest has the items that it has read.
    fn read_arrived(&mut self, code: &mut Code, pipe: &Pipe, at: u32, count: u32) {
        self.row_goes(code, Way::In, pipe, at, count);
    }

    /// The guest passes on the items that it writes.
    fn items_leave(&mut self, code: &mut Code, pipe: &Pipe, at: u32, count: u32) {
        self.row_goes(code, Way::Out, pipe, at, count);
    }

    fn row_goes(&mut self, code: &mut Code, way: Way, pipe: &Pipe, at: u32, count: u32) {
        let Some(payload) = pipe.payload.filter(|ty| self.has_ends(ty)) else {
            return;
        };
        let row = (code.local(I32), code.local(I32));
        code.push([I::LocalGet(at), I::LocalSet(row.0)]);
        code.push([I::LocalGet(count), I::LocalSet(row.1)]);
        self.items_go(code, way, &payload, row);
    }

    /// The items that were not taken come back to where they were: parameter 1, behind the `taken` ones. Their handles are
    /// others now. `handle`: the local with that of the writer.
    fn take_back(
        &mut self,
        code: &mut Code,
        pipe: &Pipe,
        handle: u32,
        size: u32,
        taken: Option<u32>,
    ) -> Result<()> {
        let name = format!("[method]{}.take-back", pipe.writer);
        let func = self.function(pipe, &name, &[I32, I32], &[]);
        let scratch = self.scratch();
        let (area, to) = (code.local(I32), code.local(I32));
        code.push([I::LocalGet(1)]);
        if let Some(taken) = taken {
            code.push([
                I::LocalGet(taken),
                I::I32Const(size as i32),
                I::I32Mul,
                I::I32Add,
            ]);
        }
        code.set(to);
        self.hint(
            code,
            |code| code.get(to),
            |code| code.push([I::I32Const(-1)]),
        );
        code.get(handle);
        code.call(scratch);
        code.push([I::LocalTee(area)]);
        code.call(func);
        code.push([I::I32Const(0), I::GlobalSet(self.globals().hint)]);
        self.arrived(code, area, 0, size, to);
        let back = code.local(I32);
        code.push([I::LocalGet(area), I::I32Load(at(4)), I::LocalSet(back)]);
        self.read_arrived(code, pipe, to, back);
        Ok(())
    }

    fn pipe_move(
        &mut self,
        pipe: &Pipe,
        end: End,
        operation: Operation,
        is_async: bool,
        realloc: usize,
    ) -> Result<Source> {
        let is_future = pipe.kind == PipeKind::Future;
        let (size, _) = self.payload(pipe);
        let first = self.attempt(pipe, end, false, realloc)?;
        let again = self.attempt(pipe, end, true, realloc)?;
        let three = Signature::new(&[I32; 3], &[I32]);
        let go_on = self.place(Late::Glue(again), three);
        let event = match (is_future, end) {
            (false, End::Reader) => STREAM_READ,
            (false, End::Writer) => STREAM_WRITE,
            (true, End::Reader) => FUTURE_READ,
            (true, End::Writer) => FUTURE_WRITE,
        };
        let report = self.report(pipe, end)?;
        let how = if is_async { "async" } else { "sync" };
        let params: &[_] = if is_future { &[I32; 2] } else { &[I32; 3] };
        let name = format!("{how} {first}");
        let name = self.once(&name, Signature::new(params, &[I32]), |glue| {
            let attempt = glue.known(&first)?;
            let (blocked, block) = (glue.rt("end-blocked"), glue.rt("end-block"));
            let (use_end, settled) = (glue.rt("end-use"), glue.rt("end-settled"));
            let mut code = Code::new(params.len());
            let answer = code.local(I32);
            let how = glue.pipe_type(pipe).used(operation);
            code.get(0);
            code.number(how);
            code.call(use_end);
            code.push([I::Drop]);
            let align = pipe.payload.map_or(1, |ty| glue.layouts.align(&ty));
            let items = match is_future {
                true => Count::One,
                false => Count::Local(2),
            };
            glue.check_buffer(&mut code, 1, items, size, align);
            if end == End::Writer && !is_future && size > 0 {
                let window = window(size);
                code.push([
                    I::LocalGet(2),
                    I::I32Const(window),
                    I::LocalGet(2),
                    I::I32Const(window),
                    I::I32LtU,
                    I::Select,
                    I::LocalSet(2),
                ]);
            }
            let count = |code: &mut Code| match is_future {
                true => code.push([I::I32Const(1)]),
                false => code.get(2),
            };
            code.push([I::LocalGet(0), I::LocalGet(1)]);
            count(&mut code);
            code.call(attempt);
            code.push([
                I::LocalTee(answer),
                I::I32Const(BLOCKED),
                I::I32Eq,
                I::If(BlockType::Empty),
                I::LocalGet(0),
                I::I32Const(go_on as i32),
                I::LocalGet(1),
            ]);
            count(&mut code);
            code.push([I::I32Const(event)]);
            code.number(report);
            code.call(blocked);
            code.push([I::Else]);
            if !is_future {
                code.push([
                    I::LocalGet(answer),
                    I::I32Const(0xf),
                    I::I32And,
                    I::If(BlockType::Empty),
                ]);
            }
            code.push([I::LocalGet(0), I::LocalGet(answer)]);
            code.call(settled);
            if !is_future {
                code.push([I::End]);
            }
            code.push([I::End, I::LocalGet(answer)]);
            if !is_async {
                block_if(&mut code, block, &[0]);
            }
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn pipe_cancel(
        &mut self,
        pipe: &Pipe,
        end: End,
        operation: Operation,
        realloc: usize,
    ) -> Result<Source> {
        let (unit, (size, has_handles)) = (pipe.payload.is_none(), self.payload(pipe));
        let is_future = pipe.kind == PipeKind::Future;
        let what = match end {
            End::Reader => "cancel-read",
            End::Writer => "cancel-write",
        };
        let how = self.pipe_type(pipe).used(operation);
        let name = format!("{what} {}#{} with {realloc}", pipe.interface, pipe.new);
        let inner = format!("{name} at once");
        let inner = self.once(&inner, Signature::new(&[I32; 3], &[I32]), |glue| {
            let mut code = Code::new(3);
            let (area, moved) = (code.local(I32), code.local(I32));
            let handle = code.local(I32);
            let handle_of = glue.rt("end-handle");
            code.get(0);
            code.call(handle_of);
            code.set(handle);
            let scratch = glue.scratch();
            let globals = glue.globals();
            code.call(scratch);
            code.set(area);
            match (end, unit) {
                (End::Reader, false) => {
                    glue.hint(
                        &mut code,
                        |code| code.get(1),
                        |code| {
                            code.push([I::LocalGet(2), I::I32Const(size as i32), I::I32Mul]);
                        },
                    );
                    let name = format!("[method]{}.cancel-read", pipe.reader);
                    let func = glue.function(pipe, &name, &[I32, I32], &[]);
                    code.push([I::LocalGet(handle), I::LocalGet(area)]);
                    glue.with_realloc(&mut code, realloc, |_, code| code.call(func));
                    code.push([
                        I::I32Const(0),
                        I::GlobalSet(globals.hint),
                        I::LocalGet(area),
                        I::I32Load(at(4)),
                        I::LocalSet(moved),
                    ]);
                    glue.arrived(&mut code, area, 0, size, 1);
                    glue.read_arrived(&mut code, pipe, 1, moved);
                }
                (End::Reader, true) => {
                    let name = format!("[method]{}.cancel-read", pipe.reader);
                    let func = glue.function(pipe, &name, &[I32], &[I32]);
                    code.get(handle);
                    code.call(func);
                    code.set(moved);
                }
                (End::Writer, _) => {
                    let name = format!("[method]{}.cancel-write", pipe.writer);
                    let func = glue.function(pipe, &name, &[I32], &[I32]);
                    code.get(handle);
                    code.call(func);
                    code.set(moved);
                    if has_handles {
                        code.push([
                            I::LocalGet(moved),
                            I::LocalGet(2),
                            I::I32LtU,
                            I::If(BlockType::Empty),
                        ]);
                        glue.take_back(&mut code, pipe, handle, size, Some(moved))?;
                        code.push([I::End]);
                    }
                }
            }
            match is_future {
                // One that was read or written all the same is complete.
                true => code.push([
                    I::I32Const(0),
                    I::I32Const(CANCELLED),
                    I::LocalGet(moved),
                    I::Select,
                ]),
                false => code.push([
                    I::LocalGet(moved),
                    I::I32Const(4),
                    I::I32Shl,
                    I::I32Const(CANCELLED),
                    I::I32Or,
                ]),
            }
            Ok(code)
        })?;
        let name = match operation {
            Operation::CancelRead { is_async: false }
            | Operation::CancelWrite { is_async: false } => format!("sync {name}"),
            _ => name,
        };
        let name = self.once(&name, Signature::new(&[I32], &[I32]), |glue| {
            let inner = glue.known(&inner)?;
            let (use_end, cancel) = (glue.rt("end-use"), glue.rt("end-cancel"));
            let settled = glue.rt("end-settled");
            let (pointer, count) = (glue.rt("found-waitable"), glue.rt("found-payload"));
            let mut code = Code::new(1);
            let answer = code.local(I32);
            code.get(0);
            code.number(how);
            code.call(use_end);
            code.push([I::Drop, I::LocalGet(0)]);
            code.number(how);
            code.call(cancel);
            code.push([
                I::LocalTee(answer),
                I::I32Const(BLOCKED),
                I::I32Eq,
                I::If(BlockType::Empty),
                I::LocalGet(0),
            ]);
            code.call(pointer);
            code.call(count);
            code.call(inner);
            code.push([I::LocalSet(answer), I::LocalGet(0), I::LocalGet(answer)]);
            code.call(settled);
            code.push([I::End, I::LocalGet(answer)]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn pipe_drop(&mut self, pipe: &Pipe, end: End, operation: Operation) -> Result<Source> {
        let resource = match end {
            End::Reader => &pipe.reader,
            End::Writer => &pipe.writer,
        };
        let name = format!("drop {}#{resource}", pipe.interface);
        let name = self.once(&name, Signature::new(&[I32], &[]), |glue| {
            let name = format!("[resource-drop]{resource}");
            let func = glue.function(pipe, &name, &[I32], &[]);
            let (use_end, forget) = (glue.rt("end-use"), glue.rt("end-forget"));
            let how = glue.pipe_type(pipe).used(operation);
            let mut code = Code::new(1);
            code.get(0);
            code.number(how);
            code.call(use_end);
            code.get(0);
            code.call(forget);
            code.call(func);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }
}

/// How many items of that size a write offers at once. A pipe copies what it is offered, and a reader may take little of it: offered
/// as a whole, a large list would be copied again and again.
fn window(size: u32) -> i32 {
    const BYTES: u32 = 1 << 20;
    const ITEMS: u32 = 1 << 14;
    let items = match size {
        1 => BYTES,
        size => (BYTES / size).min(ITEMS),
    };
    items.max(1).cast_signed()
}
