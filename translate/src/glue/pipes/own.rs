//! Pipes of the component itself: the built-ins of their ends, by the runtime.
//!
//! The runtime has a number for each end. For an end of a stream or future that never leaves the component, the guest has the same
//! number. Otherwise the number is the representation of a resource, and the guest has its handle.

use super::imported::End;
use super::{Operation, block_if};
use crate::error::Result;
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
            Operation::Read { is_async } => self.own_move(own, End::Reader, is_async, realloc),
            Operation::Write { is_async } => self.own_move(own, End::Writer, is_async, realloc),
            Operation::CancelRead => self.own_cancel(own, End::Reader),
            Operation::CancelWrite => self.own_cancel(own, End::Writer),
            Operation::DropReadable => self.own_drop(own, End::Reader),
            Operation::DropWritable => self.own_drop(own, End::Writer),
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

    /// Puts the number of the end on the stack for which local 0 is the guest's.
    fn number(&mut self, code: &mut Code, own: &Own, end: End) {
        code.get(0);
        if let Some(pipe) = &own.pipe {
            let rep = self.intrinsic("rep", pipe, end);
            code.call(rep);
        }
    }

    /// A function that makes a pipe, and answers the number of its reader.
    fn make_pipe(&mut self, own: &Own) -> Result<Func> {
        let name = format!("make {}", own.key);
        let name = self.once(&name, Signature::new(&[], &[I32]), |glue| {
            let (discard, copy) = match &own.pipe {
                Some(pipe) => (glue.discard_items(own, pipe)?, glue.copy_items(own, pipe)?),
                None => (0, 0),
            };
            let new = glue.rt("pipe-new");
            let mut code = Code::new(0);
            code.number(own.is_future.into());
            code.number(own.size);
            code.number(own.is_plain.into());
            code.number(discard);
            code.number(copy);
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
                for end in [reader, writer] {
                    code.get(end);
                    code.call(arrived);
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

    fn own_move(&mut self, own: &Own, end: End, is_async: bool, realloc: usize) -> Result<Source> {
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
            glue.number(&mut code, own, end);
            code.push([I::LocalTee(number), I::LocalGet(0), I::LocalGet(1)]);
            match own.is_future {
                true => code.push([I::I32Const(1)]),
                false => code.get(2),
            }
            code.number(adopt);
            code.number(report);
            code.call(transfer);
            if !is_async {
                block_if(&mut code, block, &[number, 0]);
            }
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn own_cancel(&mut self, own: &Own, end: End) -> Result<Source> {
        let what = match end {
            End::Reader => "cancel-read",
            End::Writer => "cancel-write",
        };
        let name = format!("{what} {}", own.key);
        let name = self.once(&name, Signature::new(&[I32], &[I32]), |glue| {
            let cancel = glue.rt("pipe-cancel");
            let mut code = Code::new(1);
            glue.number(&mut code, own, end);
            code.get(0);
            code.call(cancel);
            Ok(code)
        })?;
        Ok(Source::Glue(name))
    }

    fn own_drop(&mut self, own: &Own, end: End) -> Result<Source> {
        let Some(pipe) = &own.pipe else {
            return Ok(Source::Runtime("local-drop"));
        };
        let what = match end {
            End::Reader => "drop-readable",
            End::Writer => "drop-writable",
        };
        let name = format!("{what} {}", own.key);
        let name = self.once(&name, Signature::new(&[I32], &[]), |glue| {
            let (leave, drop) = (glue.rt("pipe-leave"), glue.intrinsic("drop", pipe, end));
            let mut code = Code::new(1);
            glue.number(&mut code, own, end);
            code.get(0);
            code.call(leave);
            code.get(0);
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
            glue.items_arrived(&mut code, &payload, (0, 1));
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
