//! The functions of the pipes that the component implements, as it exports them.

use super::own::Own;
use crate::error::{Error, Result};
use crate::glue::layout::at;
use crate::glue::reallocs::FOR_ITEMS;
use crate::glue::{Glue, Source, core_type};
use crate::module::{Code, Signature};
use isyswasfa_wit::{Pipe, PipeKind};
use std::collections::HashSet;
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Instruction as I};
use wit_parser::abi::AbiVariant;

impl Glue<'_> {
    /// Exports all pipes that the component implements.
    pub fn serve_pipes(&mut self) -> Result<()> {
        let mut done = HashSet::new();
        let world = self.world;
        for pipe in world.split.pipes.values() {
            if world.implements(pipe) && done.insert((&pipe.interface, &pipe.name)) {
                self.serve_pipe(pipe)?;
            }
        }
        Ok(())
    }

    /// A pipe that the component implements.
    pub fn implemented(&self, key: String, pipe: &Pipe) -> Own {
        let payload = pipe.payload;
        Own {
            key,
            is_future: pipe.kind == PipeKind::Future,
            size: payload.map_or(0, |ty| self.layouts.size(&ty)),
            align: payload.map_or(1, |ty| self.layouts.align(&ty)),
            // It has a resource.
            is_plain: false,
            pipe: Some(Box::new(pipe.clone())),
        }
    }

    fn serve_pipe(&mut self, pipe: &Pipe) -> Result<()> {
        let own = self.implemented(format!("{}#{}", pipe.interface, pipe.name), pipe);
        let reader = |name: &str| format!("[method]{}.{name}", pipe.reader);
        let writer = |name: &str| format!("[method]{}.{name}", pipe.writer);
        self.serve_new(pipe, &own)?;
        self.serve(pipe, &reader("read"), "served-read", Answer::List)?;
        self.serve(
            pipe,
            &reader("cancel-read"),
            "served-cancel-read",
            Answer::AlwaysList,
        )?;
        self.serve(pipe, &writer("write"), "served-write", Answer::Count)?;
        self.serve(pipe, &writer("written"), "served-written", Answer::Count)?;
        self.serve(
            pipe,
            &writer("cancel-write"),
            "served-cancel-write",
            Answer::Direct,
        )?;
        self.serve(
            pipe,
            &writer("take-back"),
            "served-take-back",
            Answer::AlwaysList,
        )?;
        let write = format!("{}#{}", pipe.interface, writer("write"));
        self.own_reallocs.insert(write, FOR_ITEMS);
        for resource in [&pipe.reader, &pipe.writer] {
            let name = format!("{}#[dtor]{resource}", pipe.interface);
            let signature = Signature::new(&[I32], &[]);
            self.exports
                .push((name, signature, Source::Runtime("pipe-drop")));
        }
        Ok(())
    }

    fn serve_new(&mut self, pipe: &Pipe, own: &Own) -> Result<()> {
        let scratch = self.scratch();
        let mut code = Code::new(0);
        let area = code.local(I32);
        let (reader, writer) = (code.local(I32), code.local(I32));
        self.new_ends(&mut code, own, (reader, writer))?;
        code.call(scratch);
        code.push([
            I::LocalTee(area),
            I::LocalGet(writer),
            I::I32Store(at(0)),
            I::LocalGet(area),
            I::LocalGet(reader),
            I::I32Store(at(4)),
            I::LocalGet(area),
        ]);
        let name = format!("{}#{}", pipe.interface, pipe.new);
        self.add_glue(&name, Signature::new(&[], &[I32]), code);
        Ok(())
    }

    /// Exports the function `name` of the pipe, which is that function of the runtime.
    fn serve(
        &mut self,
        pipe: &Pipe,
        name: &str,
        runtime: &'static str,
        answer: Answer,
    ) -> Result<()> {
        let home = pipe
            .home
            .and_then(|home| self.world.split.interfaces.get(&home));
        let function = home.and_then(|home| {
            let interface = &self.world.split.resolve.interfaces[*home];
            interface.functions.get(name)
        });
        let function = function
            .ok_or_else(|| Error::internal(format!("`{}` lacks `{name}`", pipe.interface)))?;
        let signature = core_type(self.layouts.resolve, AbiVariant::GuestExport, function);
        let name = format!("{}#{name}", pipe.interface);
        if answer == Answer::Direct {
            self.exports
                .push((name, signature, Source::Runtime(runtime)));
            return Ok(());
        }
        let served = self.rt(runtime);
        let mut code = Code::new(signature.params.len());
        (0..signature.params.len()).for_each(|local| code.get(local as u32));
        code.call(served);
        let area = match answer {
            Answer::AlwaysList => {
                let area = self.area(&mut code);
                self.found(&mut code, area, 0, true);
                area
            }
            _ => self.status(&mut code, answer == Answer::List),
        };
        code.get(area);
        let results = signature.results.clone();
        self.add_glue(&name, signature, code);
        if matches!(answer, Answer::List | Answer::AlwaysList) {
            let post = self.rt("served-post");
            let mut code = Code::new(1);
            code.call(post);
            let name = format!("cabi_post_{name}");
            self.add_glue(&name, Signature::new(&results, &[]), code);
        }
        Ok(())
    }

    /// The local with the address of an answer: `result<_, status>`, after the number on the stack.
    fn status(&mut self, code: &mut Code, is_list: bool) -> u32 {
        let status = code.local(I32);
        code.set(status);
        let area = self.area(code);
        code.push([
            I::LocalGet(area),
            I::LocalGet(status),
            I::I32Const(0),
            I::I32Ne,
            I::I32Store8(at(0)),
            I::LocalGet(status),
            I::If(BlockType::Empty),
            I::LocalGet(area),
            I::LocalGet(status),
            I::I32Const(1),
            I::I32Sub,
            I::I32Store8(at(4)),
            I::Else,
        ]);
        self.found(code, area, 4, is_list);
        code.push([I::End]);
        area
    }

    fn area(&mut self, code: &mut Code) -> u32 {
        let scratch = self.scratch();
        let area = code.local(I32);
        code.call(scratch);
        code.set(area);
        area
    }

    /// Stores what the runtime has found: a number, or the address and length of a list.
    fn found(&mut self, code: &mut Code, area: u32, offset: u64, is_list: bool) {
        let (first, second) = (self.rt("found-waitable"), self.rt("found-payload"));
        code.get(area);
        code.call(first);
        code.push([I::I32Store(at(offset))]);
        if is_list {
            code.get(area);
            code.call(second);
            code.push([I::I32Store(at(offset + 4))]);
        }
    }
}

/// What a function of a pipe answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// `result<list<T>, status>`
    List,
    /// `list<T>`
    AlwaysList,
    /// `result<u32, status>`
    Count,
    /// What the runtime does.
    Direct,
}
