//! The functions of a pipe, `isyswasfa:pipes/NAME`, for the core's module: each says which pipe it is of, and how large an item
//! is. The items' canonical representation is what is kept of them, with handles of the core's own table.

use super::dispose::{dispose, has_handles};
use super::module::{Changes, NewFunction, NewImport};
use anyhow::{Result, bail};
use wasm_encoder::ValType::{self, I32, I64};
use wasm_encoder::{BlockType, Function, Instruction};
use wit_parser::{InterfaceId, Resolve, SizeAlign, Type, TypeDefKind};

/// What the names of interfaces that are nothing but a pipe start with.
pub const PREFIX: &str = "isyswasfa:pipes/";

/// Pipes without payload.
const UNITS: [&str; 2] = ["stream-unit", "future-unit"];

/// A pipe, as its functions see it.
struct Pipe {
    /// The name of its interface.
    name: String,
    /// What the core's functions start with that it calls.
    core: &'static str,
    /// How many bytes an item has; None without payload.
    size: Option<i32>,
    /// Whether there are handles in an item, to be dropped if nobody takes it.
    has_handles: bool,
}

/// Adds the functions of the pipe `name` that its interface has: those that somebody imports.
pub fn add(
    changes: &mut Changes<'_>,
    resolve: &Resolve,
    name: &str,
    id: InterfaceId,
) -> Result<()> {
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve)?;
    let short = name
        .strip_prefix(PREFIX)
        .and_then(|name| name.split('@').next());
    let is_unit = short.is_some_and(|name| UNITS.contains(&name));
    // Without functions that mention it nobody reads or writes: no item is ever seen.
    let item = item(resolve, id).filter(|_| !is_unit);
    let pipe = Pipe {
        name: name.to_owned(),
        core: if is_unit { "unit" } else { "pipe" },
        size: (!is_unit).then(|| item.map_or(0, |item| sizes.size(&item).size_wasm32() as i32)),
        has_handles: item.is_some_and(|item| has_handles(resolve, &item)),
    };
    if let Some(item) = item.filter(|_| pipe.has_handles) {
        dispose(changes, resolve, &sizes, &item, pipe.function("dispose"))?;
    }
    let interface = &resolve.interfaces[id];
    for end in ["reader", "writer"] {
        if interface.types.contains_key(end) {
            changes.imports.push(NewImport {
                module: format!("[export]{name}"),
                name: format!("[resource-new]{end}"),
                params: vec![I32],
                results: vec![I32],
            });
            let function =
                pipe.calling(&format!("[dtor]{end}"), &format!("drop-{end}"), &[I32], &[]);
            changes.functions.push(function);
        }
    }
    for function in interface.functions.keys() {
        let (of, params): (&str, &[ValType]) = match function.as_str() {
            "new" => {
                changes.functions.push(pipe.new_function());
                continue;
            }
            "[method]reader.read" => ("read", &[I32, I64, I32, I32]),
            "[method]reader.cancel-read" => ("cancel-read", &[I32]),
            "[method]writer.write" if is_unit => ("write", &[I32, I64, I32, I32]),
            "[method]writer.write" => ("write", &[I32, I64, I32, I32, I32]),
            "[method]writer.written" => ("written", &[I32, I64, I32]),
            "[method]writer.cancel-write" => ("cancel-write", &[I32]),
            "[method]writer.take-back" => ("take-back", &[I32]),
            other => bail!("`{name}` has a function `{other}`, which no pipe has"),
        };
        changes
            .functions
            .push(pipe.calling(function, of, params, &[I32]));
    }
    Ok(())
}

/// What a pipe carries, from a function that mentions it.
fn item(resolve: &Resolve, id: InterfaceId) -> Option<Type> {
    let functions = &resolve.interfaces[id].functions;
    let list = |ty: &Type| match ty {
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::List(item) => Some(*item),
            TypeDefKind::Result(result) => match result.ok? {
                Type::Id(id) => match &resolve.types[id].kind {
                    TypeDefKind::List(item) => Some(*item),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    functions.values().find_map(|function| {
        let params = function.params.iter().map(|param| &param.ty);
        params.chain(&function.result).find_map(list)
    })
}

impl Pipe {
    fn function(&self, name: &str) -> String {
        format!("{}#{name}", self.name)
    }

    /// `new: func() -> tuple<writer, reader>`
    fn new_function(&self) -> NewFunction {
        let module = format!("[export]{}", self.name);
        let core = self.core;
        NewFunction {
            name: self.function("new"),
            params: vec![],
            results: vec![I32],
            body: Box::new(move |names| {
                let mut body = Function::new([(1, I32)]);
                for instruction in [
                    names.call(&format!("{core}-new")),
                    Instruction::LocalTee(0),
                    names.call(&format!("{module}#[resource-new]writer")),
                    Instruction::LocalGet(0),
                    names.call(&format!("{module}#[resource-new]reader")),
                    names.call("ends"),
                    Instruction::End,
                ] {
                    body.instruction(&instruction);
                }
                body
            }),
        }
    }

    /// The function `name`, which calls the core's `of` with the same parameters; a write says how large an item is. Then what
    /// got lost is disposed of.
    fn calling(
        &self,
        name: &str,
        of: &str,
        params: &[ValType],
        results: &[ValType],
    ) -> NewFunction {
        let (core, count) = (format!("{}-{of}", self.core), params.len() as u32);
        let size = self.size.filter(|_| of == "write");
        let loses = ["write", "drop-reader", "drop-writer"].contains(&of);
        let dispose = (self.has_handles && loses).then(|| self.function("dispose"));
        NewFunction {
            name: self.function(name),
            params: params.to_vec(),
            results: results.to_vec(),
            body: Box::new(move |names| {
                let mut body = Function::new([(1, I32)]);
                let lost = count;
                for param in 0..count {
                    body.instruction(&Instruction::LocalGet(param));
                }
                if let Some(size) = size {
                    body.instruction(&Instruction::I32Const(size));
                }
                body.instruction(&names.call(&core));
                if let Some(dispose) = &dispose {
                    for instruction in [
                        Instruction::Block(BlockType::Empty),
                        Instruction::Loop(BlockType::Empty),
                        names.call("pipe-lost"),
                        Instruction::LocalTee(lost),
                        Instruction::I32Eqz,
                        Instruction::BrIf(1),
                        Instruction::LocalGet(lost),
                        names.call(dispose),
                        Instruction::Br(0),
                        Instruction::End,
                        Instruction::End,
                    ] {
                        body.instruction(&instruction);
                    }
                }
                body.instruction(&Instruction::End);
                body
            }),
        }
    }
}
