//! Pipes of the component itself: the built-ins of their ends, by the runtime.
//!
//! The runtime has a number for each end. For an end of a stream or future that never leaves the component, the guest has the same
//! number. Otherwise the number is the representation of a resource, and the guest has its handle.

use super::imported::End;
use super::{Count, Operation, TypeNumber, block_if};
use crate::error::Result;
use crate::glue::ends::Way;
use crate::glue::lists::{CopyLists, Owner};
use crate::glue::walk::Visit;
use crate::glue::{Glue, Source};
use crate::module::{Code, Func, Signature};
use isyswasfa_wit::Pipe;
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{I32, I64};

/// A stream or future whose pipe is in this component.
#[derive(Clone)]
pub struct Own {
    /// The key of its type.
    pub key: String,
    pub is_future: bool,
    /// The size of an item.
    pub size: u32,
    pub align: u32,
    /// Whether an item owns nothing and has no lists.
    pub is_plain: bool,
    /// The pipe that the component implements; none: both ends stay in it.
    pub pipe: Option<Box<Pipe>>,
}

impl Glue<'_> {
    pub(super) fn own_pipe(
        &mut self,
        own: &Own,
        operation: Operation,
        realloc: usize,
    ) -> Result<Source> {
        match operation {
            Operation::New => self.own_new(own),
            Operation::Read { is_async } => {
                self.own_move(own, End::Reader, operation, is_async, realloc)
            }
            Operation::Write { is_async } => {
                self.own_move(own, End::Writer, operation, is_async, realloc)
            }
            Operation::CancelRead { is_async } => {
                self.own_cancel(own, End::Reader, operation, is_async)
            }
            Operation::CancelWrite { is_async } => {
                self.own_cancel(own, End::Writer, operation, is_async)
            }
            Operation::DropReadable => self.own_drop(own, End::Reader, operation),
            Operation::DropWritable => self.own_drop(own, End::Writer, operation),
        }
    }

    /// A function of the canonical ABI for an end that is a resource of this component.
    fn intrinsic(&mut self, what: &str, pipe: &Pipe, end: End) -> Func {
        let resource = match end {
            End::Reader => &pipe.reader,
            End::Writer => &pipe.writer,
        };
        let results: &[_] = if what == "drop" { &[] } else { &[I32] };
        let module = format!("[export]{}", pipe.interface);
        let name = format!("[resource-{what}]{resource}");
        self.split(&module, &name, Signature::new(&[I32], results))
    }

    /// Puts the number of the pipe's end on the stack for which local 0 is the guest's.
    fn number(&mut self, code: &mut Code, own: &Own, end: End, how: u32) {
        code.get(0);
        if let Some(pipe) = &own.pipe {
            let (use_end, rep) = (self.rt("end-use"), self.intrinsic("rep", pipe, end));
            code.number(how);
            code.call(use_end);
            code.call(rep);
        }
    }

    fn own_type(&mut self, own: &Own) -> TypeNumber {
        match &own.pipe {
            Some(pipe) => self.pipe_type(pipe),
            None => self.type_number(&own.key),
        }
    }

    /// A function that makes a pipe, and answers the number of its reader.
    fn make_pipe(&mut self, own: &Own) -> Result<Func> {
        let name = format!("make {}", own.key);
        let name = self.once(&name, Signature::new(&[], &[I32]), |glue| {
            let (discard, copy, leave) = match &own.pipe {
                Some(pipe) => (
                    glue.discard_items(own, pipe)?,
                    glue.copy_items(own, pipe)?,
                    glue.leave_items(own, pipe)?,
                ),
                None => (0, 0, 0),
            };
            let new = glue.rt("pipe-new");
            let ty = glue.own_type(own);
            let mut code = Code::new(0);
            code.number(ty.bits());
            code.number(own.size);
            code.number(own.is_plain.into());
            code.number(discard);
            code.number(copy);
            code.number(leave);
            code.call(new);
            Ok(code)
        })?;
        self.known(&name)
    }

    /// Puts the handles of a new pipe's reader and writer into the locals.
    pub(super) fn new_ends(
        &mut self,
        code: &mut Code,
        own: &Own,
        (reader, writer): (u32, u32),
    ) -> Result<()> {
        let make = self.make_pipe(own)?;
        code.call(make);
        code.push([
            I::LocalTee(reader),
            I::I32Const(1),
            I::I32Add,
            I::LocalSet(writer),
        ]);
        if let Some(pipe) = &own.pipe {
            for (end, local) in [(End::Reader, reader), (End::Writer, writer)] {
                let new = self.intrinsic("new", pipe, end);
                code.get(local);
                code.call(new);
                code.set(local);
            }
        }
        Ok(())
    }

    fn own_new(&mut self, own: &Own) -> Result<Source> {
        let name = format!("new {}", own.key);
        let name = self.once(&name, Signature::new(&[], &[I64]), |glue| {
            let mut code = Code::new(0);
            let (reader, writer) = (code.local(I32), code.local(I32));
            glue.new_ends(&mut code, own, (reader, writer))?;
            if own.pipe.is_some() {
                let arrived = glue.rt("end-arrived");
                let ty = glue.own_type(own);
                for (end, kind) in [(reader, ty.reader()), (writer, ty.writer())] {
                    code.get(end);
                    code.number(kind);
                    code.call(arrived);
                    code.set(end);
                }
            }
            code.push([
                I::LocalGet(reader),
                I::I64ExtendI32U,
                I::LocalGet(writer),
                I::I64ExtendI32U,
                I::I64Const(32),
                I::I64Shl,
                I::I64Or,
            ]);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn own_move(
        &mut self,
        own: &Own,
        end: End,
        operation: Operation,
        is_async: bool,
        realloc: usize,
    ) -> Result<Source> {
        let what = match end {
            End::Reader => "read",
            End::Writer => "write",
        };
        let how = if is_async { "async" } else { "sync" };
        let name = format!("{how} {what} {} with {realloc}", own.key);
        let params: &[_] = if own.is_future { &[I32; 2] } else { &[I32; 3] };
        let name = self.once(&name, Signature::new(params, &[I32]), |glue| {
            let (adopt, report) = match &own.pipe {
                Some(pipe) => {
                    let adopt = match end {
                        End::Reader => glue.adopt_items(own, pipe, realloc)?,
                        End::Writer => 0,
                    };
                    (adopt, glue.report(pipe, end)?)
                }
                None => (0, 0),
            };
            let (transfer, block) = (glue.rt("pipe-move"), glue.rt("pipe-block"));
            let mut code = Code::new(params.len());
            let number = code.local(I32);
            let how = glue.own_type(own).used(operation);
            let items = match own.is_future {
                true => Count::One,
                false => Count::Local(2),
            };
            glue.number(&mut code, own, end, how);
            code.set(number);
            glue.check_buffer(&mut code, 1, items, own.size, own.align);
            code.push([I::LocalGet(number), I::LocalGet(0), I::LocalGet(1)]);
            match own.is_future {
                true => code.push([I::I32Const(1)]),
                false => code.get(2),
            }
            code.number(adopt);
            code.number(report);
            code.number(how);
            code.call(transfer);
            if !is_async {
                block_if(&mut code, block, &[number, 0]);
            }
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn own_cancel(
        &mut self,
        own: &Own,
        end: End,
        operation: Operation,
        is_async: bool,
    ) -> Result<Source> {
        let what = match end {
            End::Reader => "cancel-read",
            End::Writer => "cancel-write",
        };
        let how = if is_async { "async" } else { "sync" };
        let name = format!("{how} {what} {}", own.key);
        let name = self.once(&name, Signature::new(&[I32], &[I32]), |glue| {
            let cancel = glue.rt("pipe-cancel");
            let how = glue.own_type(own).used(operation);
            let mut code = Code::new(1);
            glue.number(&mut code, own, end, how);
            code.get(0);
            code.number(how);
            code.call(cancel);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn own_drop(&mut self, own: &Own, end: End, operation: Operation) -> Result<Source> {
        let what = match end {
            End::Reader => "drop-readable",
            End::Writer => "drop-writable",
        };
        let name = format!("{what} {}", own.key);
        let name = self.once(&name, Signature::new(&[I32], &[]), |glue| {
            let how = glue.own_type(own).used(operation);
            let mut code = Code::new(1);
            let Some(pipe) = &own.pipe else {
                let drop = glue.rt("local-drop");
                code.get(0);
                code.number(how);
                code.call(drop);
                return Ok(code);
            };
            let (leave, drop) = (glue.rt("pipe-leave"), glue.intrinsic("drop", pipe, end));
            let handle_of = glue.rt("end-handle");
            let handle = code.local(I32);
            glue.number(&mut code, own, end, how);
            code.get(0);
            code.call(handle_of);
            code.set(handle);
            code.get(0);
            code.number(how);
            code.call(leave);
            code.get(handle);
            code.call(drop);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    /// The place of a function that drops what items own; 0: nothing.
    fn discard_items(&mut self, own: &Own, pipe: &Pipe) -> Result<u32> {
        let payload: Vec<_> = pipe.payload.into_iter().collect();
        match self.drop_handles(&payload)? {
            Some(mut drops) => {
                self.each_item(&format!("discard {}", own.key), own, pipe, &mut drops)
            }
            None => Ok(0),
        }
    }

    /// The place of a function that gives items lists that the runtime owns; 0: they have none.
    fn copy_items(&mut self, own: &Own, pipe: &Pipe) -> Result<u32> {
        let owner = Owner::Runtime(self.rt("alloc"));
        let mut lists = CopyLists { owner };
        self.each_item(&format!("copy {}", own.key), own, pipe, &mut lists)
    }

    /// The place of a function that passes on what ends items have; 0: they have none.
    fn leave_items(&mut self, own: &Own, pipe: &Pipe) -> Result<u32> {
        let Some(payload) = pipe.payload.filter(|ty| self.has_ends(ty)) else {
            return Ok(0);
        };
        let name = format!("leave {}", own.key);
        self.late(&name, Signature::new(&[I32; 2], &[]), |glue| {
            let mut code = Code::new(2);
            glue.items_go(&mut code, Way::Out, &payload, (0, 1));
            Ok(code)
        })
    }

    /// The place of a function that makes items the guest's, which has read them: they have lists of its own, and their ends are
    /// known. 0: there is nothing to do.
    fn adopt_items(&mut self, own: &Own, pipe: &Pipe, realloc: usize) -> Result<u32> {
        let Some(payload) = pipe.payload else {
            return Ok(0);
        };
        let has_ends = self.has_ends(&payload);
        let mut lists = CopyLists {
            owner: Owner::Guest(self.guest_realloc(realloc)),
        };
        if !has_ends && !self.layouts.concerns(&payload, &lists) {
            return Ok(0);
        }
        let name = format!("adopt {} with {realloc}", own.key);
        self.late(&name, Signature::new(&[I32; 2], &[]), |glue| {
            let mut code = Code::new(2);
            let row = (code.local(I32), code.local(I32));
            code.push([I::LocalGet(0), I::LocalSet(row.0)]);
            code.push([I::LocalGet(1), I::LocalSet(row.1)]);
            glue.layouts
                .in_a_row(&mut code, row, own.size, |layouts, code, at| {
                    layouts.walk(code, &payload, at, 0, &mut lists);
                });
            glue.items_go(&mut code, Way::In, &payload, (0, 1));
            Ok(code)
        })
    }

    /// The place of a function `func(address, count)` that lets `visit` see each of so many items; 0: it wants nothing of them.
    fn each_item(
        &mut self,
        name: &str,
        own: &Own,
        pipe: &Pipe,
        visit: &mut dyn Visit,
    ) -> Result<u32> {
        let Some(payload) = pipe.payload else {
            return Ok(0);
        };
        if !self.layouts.concerns(&payload, visit) {
            return Ok(0);
        }
        self.late(name, Signature::new(&[I32; 2], &[]), |glue| {
            let mut code = Code::new(2);
            glue.layouts
                .in_a_row(&mut code, (0, 1), own.size, |layouts, code, at| {
                    layouts.walk(code, &payload, at, 0, visit);
                });
            Ok(code)
        })
    }
}
