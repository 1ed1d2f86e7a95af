//! Makes the function that drops the handles in an item which nobody takes.

use super::module::{Changes, Names, NewFunction, NewImport};
use anyhow::{Context, Result, bail};
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Function, Instruction, MemArg};
use wit_parser::{Handle, Int, Resolve, SizeAlign, Type, TypeDefKind, TypeId, TypeOwner};

/// Whether there are handles in a value of this type.
pub fn has_handles(resolve: &Resolve, ty: &Type) -> bool {
    let Type::Id(id) = ty else {
        return false;
    };
    let has = |ty: &Type| has_handles(resolve, ty);
    match &resolve.types[*id].kind {
        TypeDefKind::Handle(_) => true,
        TypeDefKind::Type(ty) | TypeDefKind::List(ty) | TypeDefKind::Option(ty) => has(ty),
        TypeDefKind::Record(record) => record.fields.iter().any(|field| has(&field.ty)),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().any(has),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .filter_map(|case| case.ty.as_ref())
            .any(has),
        TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).any(has),
        _ => false,
    }
}

/// Adds the function `name` with one parameter, where an item of this type is: drops the handles in it.
pub fn dispose(
    changes: &mut Changes<'_>,
    resolve: &Resolve,
    sizes: &SizeAlign,
    item: &Type,
    name: String,
) -> Result<()> {
    let mut walk = Walk {
        changes,
        resolve,
        sizes,
        locals: 1,
        steps: Vec::new(),
    };
    walk.drop(item, 0, 0)?;
    let Walk { locals, steps, .. } = walk;
    changes.functions.push(NewFunction {
        name,
        params: vec![I32],
        results: vec![],
        body: Box::new(move |names| {
            let mut body = Function::new([(locals - 1, I32)]);
            for step in &steps {
                body.instruction(&step.instruction(names));
            }
            body.instruction(&Instruction::End);
            body
        }),
    });
    Ok(())
}

struct Walk<'a, 'c> {
    changes: &'a mut Changes<'c>,
    resolve: &'a Resolve,
    sizes: &'a SizeAlign,
    locals: u32,
    steps: Vec<Step>,
}

enum Step {
    Plain(Instruction<'static>),
    Call(String),
}

impl Step {
    fn instruction(&self, names: &Names) -> Instruction<'static> {
        match self {
            Step::Plain(instruction) => instruction.clone(),
            Step::Call(name) => names.call(name),
        }
    }
}

impl Walk<'_, '_> {
    fn push(&mut self, instructions: impl IntoIterator<Item = Instruction<'static>>) {
        self.steps.extend(instructions.into_iter().map(Step::Plain));
    }

    fn local(&mut self) -> u32 {
        self.locals += 1;
        self.locals - 1
    }

    /// Drops the handles in what lies `offset` bytes from where the local `base` points.
    fn drop(&mut self, ty: &Type, base: u32, offset: u64) -> Result<()> {
        let (resolve, sizes) = (self.resolve, self.sizes);
        let Type::Id(id) = ty else {
            return Ok(());
        };
        if !has_handles(resolve, ty) {
            return Ok(());
        }
        match &resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.drop(ty, base, offset),
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                let function = self.import_drop(*resource)?;
                self.push([Instruction::LocalGet(base), load(offset)]);
                self.steps.push(Step::Call(function));
                Ok(())
            }
            TypeDefKind::Record(record) => {
                let types: Vec<_> = record.fields.iter().map(|field| field.ty).collect();
                self.fields(&types, base, offset)
            }
            TypeDefKind::Tuple(tuple) => self.fields(&tuple.types, base, offset),
            TypeDefKind::Variant(variant) => {
                let cases: Vec<_> = variant.cases.iter().map(|case| case.ty).collect();
                self.cases(variant.tag(), &cases, base, offset)
            }
            TypeDefKind::Option(ty) => self.cases(Int::U8, &[None, Some(*ty)], base, offset),
            TypeDefKind::Result(result) => {
                self.cases(Int::U8, &[result.ok, result.err], base, offset)
            }
            TypeDefKind::List(item) => {
                let size = sizes.size(item).size_wasm32() as i32;
                let (at, left) = (self.local(), self.local());
                self.push([
                    Instruction::LocalGet(base),
                    load(offset),
                    Instruction::LocalSet(at),
                    Instruction::LocalGet(base),
                    load(offset + 4),
                    Instruction::LocalSet(left),
                    Instruction::Block(BlockType::Empty),
                    Instruction::Loop(BlockType::Empty),
                    Instruction::LocalGet(left),
                    Instruction::I32Eqz,
                    Instruction::BrIf(1),
                ]);
                self.drop(item, at, 0)?;
                self.push([
                    Instruction::LocalGet(at),
                    Instruction::I32Const(size),
                    Instruction::I32Add,
                    Instruction::LocalSet(at),
                    Instruction::LocalGet(left),
                    Instruction::I32Const(1),
                    Instruction::I32Sub,
                    Instruction::LocalSet(left),
                    Instruction::Br(0),
                    Instruction::End,
                    Instruction::End,
                ]);
                Ok(())
            }
            other => bail!(
                "an item of a pipe is of an unexpected kind of type, {}",
                other.as_str()
            ),
        }
    }

    fn fields(&mut self, types: &[Type], base: u32, offset: u64) -> Result<()> {
        for (at, ty) in self.sizes.field_offsets(types) {
            self.drop(ty, base, offset + at.size_wasm32() as u64)?;
        }
        Ok(())
    }

    fn cases(&mut self, tag: Int, cases: &[Option<Type>], base: u32, offset: u64) -> Result<()> {
        let payload = self
            .sizes
            .payload_offset(tag, cases.iter().map(Option::as_ref));
        let payload = offset + payload.size_wasm32() as u64;
        for (number, ty) in (0..).zip(cases) {
            let Some(ty) = ty.filter(|ty| has_handles(self.resolve, ty)) else {
                continue;
            };
            self.push([
                Instruction::LocalGet(base),
                discriminant(tag, offset),
                Instruction::I32Const(number),
                Instruction::I32Eq,
                Instruction::If(BlockType::Empty),
            ]);
            self.drop(&ty, base, payload)?;
            self.push([Instruction::End]);
        }
        Ok(())
    }

    /// The function that drops a handle, imported once.
    fn import_drop(&mut self, resource: TypeId) -> Result<String> {
        let mut id = resource;
        while let TypeDefKind::Type(Type::Id(of)) = self.resolve.types[id].kind {
            id = of;
        }
        let ty = &self.resolve.types[id];
        let interface = match ty.owner {
            TypeOwner::Interface(interface) => self.resolve.id_of(interface),
            _ => None,
        };
        let interface = interface.context("a pipe carries a resource of no interface")?;
        let module = format!("[export]{interface}");
        let name = format!("[resource-drop]{}", ty.name.as_deref().unwrap_or_default());
        let function = format!("{module}#{name}");
        let mut imports = self.changes.imports.iter();
        if !imports.any(|import| import.module == module && import.name == name) {
            self.changes.imports.push(NewImport {
                module,
                name,
                params: vec![I32],
                results: vec![],
            });
        }
        Ok(function)
    }
}

fn load(offset: u64) -> Instruction<'static> {
    Instruction::I32Load(MemArg {
        offset,
        align: 2,
        memory_index: 0,
    })
}

/// Loads a discriminant.
fn discriminant(tag: Int, offset: u64) -> Instruction<'static> {
    let at = |align| MemArg {
        offset,
        align,
        memory_index: 0,
    };
    match tag {
        Int::U8 => Instruction::I32Load8U(at(0)),
        Int::U16 => Instruction::I32Load16U(at(1)),
        _ => Instruction::I32Load(at(2)),
    }
}
