//! Adds the functions of a pipe to the core's module. Each passes the pipe's number and the size of an item. Items are kept in
//! their canonical representation, with handles of the module's own table.

use super::dispose::{Disposal, has_handles};
use super::module::{Changes, NewFunction, NewImport};
use super::scratch::types;
use anyhow::{Result, bail, ensure};
use isyswasfa_wit::names::{NAMESPACE, NEW, PIPES, READER, WRITER};
use wasm_encoder::ValType::{self, I32, I64};
use wasm_encoder::{BlockType, Function, Instruction};
use wit_parser::abi::AbiVariant;
use wit_parser::{InterfaceId, Resolve, SizeAlign, Type, TypeDefKind};

/// Pipes without payload.
const UNITS: [&str; 2] = ["stream-unit", "future-unit"];

/// A pipe, for its functions.
struct Pipe {
    /// The name of its interface.
    name: String,
    /// The prefix of its names: empty in an interface that has only the pipe, otherwise `stream-own-x…-`.
    prefix: String,
    /// The prefix of the core's functions that it calls.
    core: &'static str,
    /// The size of an item in bytes; `None` without payload.
    size: Option<i32>,
    /// Whether items contain handles, which have to be dropped if no reader takes the item.
    has_handles: bool,
}

/// Adds the imported functions of the pipe `isyswasfa:pipes/NAME`, called `name` here.
pub fn add(
    changes: &mut Changes<'_>,
    resolve: &Resolve,
    name: &str,
    id: InterfaceId,
) -> Result<()> {
    let home = Home {
        name,
        id,
        prefix: "",
        is_unit: is_unit(name),
    };
    home.add_pipe(changes, resolve)
}

/// Whether the pipe `isyswasfa:pipes/NAME`, called `name` here, has no payload.
fn is_unit(name: &str) -> bool {
    let short = name.strip_prefix(PIPES);
    let short = short.and_then(|name| name.split('@').next());
    short.is_some_and(|name| UNITS.contains(&name))
}

/// Checks that the interface of a pipe, called `name`, has only functions of a pipe, with their types.
///
/// # Errors
/// If there is another function: the error names it.
pub fn check(resolve: &Resolve, name: &str, id: InterfaceId) -> Result<()> {
    for function in resolve.interfaces[id].functions.values() {
        let (kind, item) = taken_apart(&function.name);
        let (params, results): (&[ValType], &[ValType]) = match counterpart(item, is_unit(name)) {
            _ if kind.is_empty() && item == NEW => (&[], &[I32]),
            Some((_, params)) if kind == "[method" => (params, &[I32]),
            _ => bail!("`{}` is no function of a pipe", function.name),
        };
        let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
        ensure!(
            types(&signature.params) == params && types(&signature.results) == results,
            "`{}` has another type than that function of a pipe",
            function.name
        );
    }
    Ok(())
}

/// The kind of a function, as `[method`, and its name without that.
fn taken_apart(function: &str) -> (&str, &str) {
    function.split_once(']').unwrap_or(("", function))
}

/// The core's function behind `reader.read` and the like, without its prefix, and the parameters of both.
fn counterpart(item: &str, is_unit: bool) -> Option<(&'static str, &'static [ValType])> {
    Some(match item {
        "reader.read" => ("read", &[I32, I64, I32, I32]),
        "reader.cancel-read" => ("cancel-read", &[I32]),
        "writer.write" if is_unit => ("write", &[I32, I64, I32, I32]),
        "writer.write" => ("write", &[I32, I64, I32, I32, I32]),
        "writer.written" => ("written", &[I32, I64, I32]),
        "writer.cancel-write" => ("cancel-write", &[I32]),
        "writer.take-back" => ("take-back", &[I32]),
        _ => return None,
    })
}

/// Adds the functions of a pipe with payload that is part of the interface `name`, where its names start with `prefix`.
pub fn add_part(
    changes: &mut Changes<'_>,
    resolve: &Resolve,
    name: &str,
    id: InterfaceId,
    prefix: &str,
) -> Result<()> {
    let home = Home {
        name,
        id,
        prefix,
        is_unit: false,
    };
    home.add_pipe(changes, resolve)
}

/// An interface with a pipe in it.
struct Home<'a> {
    name: &'a str,
    id: InterfaceId,
    /// The prefix of the pipe's names there.
    prefix: &'a str,
    /// Whether the pipe has no payload.
    is_unit: bool,
}

impl Home<'_> {
    fn add_pipe(self, changes: &mut Changes<'_>, resolve: &Resolve) -> Result<()> {
        let Home {
            name,
            id,
            prefix,
            is_unit,
        } = self;
        let mut sizes = SizeAlign::default();
        sizes.fill(resolve)?;
        // Without functions that mention the item, nobody reads or writes.
        let item = item(resolve, id, prefix).filter(|_| !is_unit);
        let pipe = Pipe {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            core: if is_unit { "unit" } else { "pipe" },
            size: (!is_unit).then(|| item.map_or(0, |item| sizes.size(&item).size_wasm32() as i32)),
            has_handles: item.is_some_and(|item| has_handles(resolve, &item)),
        };
        if let Some(item) = item.filter(|_| pipe.has_handles) {
            let own = |interface: &str| {
                interface == name || interface.starts_with(NAMESPACE) && prefix.is_empty()
            };
            let disposal = Disposal {
                resolve,
                sizes: &sizes,
                item: &item,
                own: &own,
            };
            disposal.add(changes, pipe.function(&format!("{prefix}dispose")))?;
        }
        let interface = &resolve.interfaces[id];
        for (end, of) in [(READER, "drop-reader"), (WRITER, "drop-writer")] {
            let end = &format!("{prefix}{end}");
            if interface.types.contains_key(end) {
                changes.imports.push(NewImport {
                    module: format!("[export]{name}"),
                    name: format!("[resource-new]{end}"),
                    params: vec![I32],
                    results: vec![I32],
                });
                let function = pipe.calling(&format!("[dtor]{end}"), of, &[I32], &[]);
                changes.functions.push(function);
            }
        }
        for function in interface.functions.keys() {
            // Without the prefix. A function without it belongs to another pipe.
            let (kind, item) = taken_apart(function);
            let Some(item) = item.strip_prefix(prefix) else {
                continue;
            };
            if kind.is_empty() && item == NEW {
                changes.functions.push(pipe.new_function());
            } else if let Some((of, params)) = counterpart(item, is_unit) {
                let function = pipe.calling(function, of, params, &[I32]);
                changes.functions.push(function);
            }
        }
        Ok(())
    }
}

/// The item type of a pipe, from a function that mentions it.
pub fn item(resolve: &Resolve, id: InterfaceId, prefix: &str) -> Option<Type> {
    let functions = resolve.interfaces[id].functions.iter();
    let is_of_pipe = |name: &str| {
        let item = name.strip_prefix("[method]");
        let item = item.and_then(|item| item.strip_prefix(prefix));
        item.is_some_and(|item| item.starts_with("reader.") || item.starts_with("writer."))
    };
    let mut functions = functions.filter(|(name, _)| is_of_pipe(name));
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
    functions.find_map(|(_, function)| {
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
        let (module, prefix) = (format!("[export]{}", self.name), self.prefix.clone());
        let core = self.core;
        NewFunction {
            name: self.function(&format!("{prefix}{NEW}")),
            params: vec![],
            results: vec![I32],
            body: Box::new(move |names| {
                let mut body = Function::new([(1, I32)]);
                for instruction in [
                    names.call(&format!("{core}-new")),
                    Instruction::LocalTee(0),
                    names.call(&format!("{module}#[resource-new]{prefix}{WRITER}")),
                    Instruction::LocalGet(0),
                    names.call(&format!("{module}#[resource-new]{prefix}{READER}")),
                    names.call("ends"),
                    Instruction::End,
                ] {
                    body.instruction(&instruction);
                }
                body
            }),
        }
    }

    /// The function `name`, which calls the core's `of` with the same parameters, and for a write the size of an item. After
    /// that, lost items are disposed of.
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
        let dispose =
            (self.has_handles && loses).then(|| self.function(&format!("{}dispose", self.prefix)));
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
