//! Makes code that visits the parts of a value in memory, by its type.

use super::module::Names;
use anyhow::{Result, bail};
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Function, Instruction, MemArg, ValType};
use wit_parser::{Handle, Int, Resolve, SizeAlign, Type, TypeDefKind, TypeId};

/// The code of a function under construction.
pub struct Code {
    params: u32,
    locals: Vec<ValType>,
    steps: Vec<Step>,
}

enum Step {
    Plain(Instruction<'static>),
    Call(String),
}

impl Code {
    pub fn new(params: u32) -> Self {
        Code {
            params,
            locals: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A new local variable.
    pub fn local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.params + self.locals.len() as u32 - 1
    }

    pub fn push(&mut self, instructions: impl IntoIterator<Item = Instruction<'static>>) {
        self.steps.extend(instructions.into_iter().map(Step::Plain));
    }

    /// Calls a function by its later name.
    pub fn call(&mut self, name: String) {
        self.steps.push(Step::Call(name));
    }

    /// The finished function, when all names are known.
    pub fn function(&self, names: &Names) -> Function {
        let mut function = Function::new(self.locals.iter().map(|ty| (1, *ty)));
        for step in &self.steps {
            function.instruction(&match step {
                Step::Plain(instruction) => instruction.clone(),
                Step::Call(name) => names.call(name),
            });
        }
        function.instruction(&Instruction::End);
        function
    }
}

/// The work of a walk.
pub trait Visitor {
    /// Whether to visit this type itself.
    fn wants(&self, resolve: &Resolve, ty: &Type) -> bool;

    /// Visits the handle at `offset` bytes from the address in the local `base`.
    fn handle(&mut self, code: &mut Code, resource: TypeId, base: u32, offset: u64) -> Result<()>;

    /// Visits a list or string there, with items of this size and alignment. Two locals have their address and number. The walk
    /// continues with the items at the address that is then in the first local.
    fn list(
        &mut self,
        code: &mut Code,
        place: (u32, u64),
        list: (u32, u32),
        item: Layout,
    ) -> Result<()>;
}

/// Size and alignment, in bytes.
#[derive(Clone, Copy)]
pub struct Layout {
    pub size: u32,
    pub align: u32,
}

impl Layout {
    pub fn of(sizes: &SizeAlign, ty: &Type) -> Layout {
        Layout {
            size: sizes.size(ty).size_wasm32() as u32,
            align: sizes.align(ty).align_wasm32() as u32,
        }
    }

    /// The layout of the items of a string.
    pub const BYTE: Layout = Layout { size: 1, align: 1 };
}

/// Whether values of this type contain such a type.
pub fn contains(resolve: &Resolve, ty: &Type, is: &dyn Fn(&Type) -> bool) -> bool {
    if is(ty) {
        return true;
    }
    let Type::Id(id) = ty else {
        return false;
    };
    let has = |ty: &Type| contains(resolve, ty, is);
    match &resolve.types[*id].kind {
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

/// Walks over values.
pub struct Walk<'a, V> {
    pub resolve: &'a Resolve,
    pub sizes: &'a SizeAlign,
    pub visitor: V,
    pub code: Code,
}

impl<V: Visitor> Walk<'_, V> {
    /// Whether a value of this type has anything to visit.
    pub fn concerns(&self, ty: &Type) -> bool {
        contains(self.resolve, ty, &|ty| self.visitor.wants(self.resolve, ty))
    }

    /// Walks over the value at `offset` bytes from the address in the local `base`.
    pub fn value(&mut self, ty: &Type, base: u32, offset: u64) -> Result<()> {
        let resolve = self.resolve;
        if !self.concerns(ty) {
            return Ok(());
        }
        let Type::Id(id) = ty else {
            // Of types without a definition, only strings may be visited.
            return self.list(None, base, offset);
        };
        match &resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.value(ty, base, offset),
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                self.visitor.handle(&mut self.code, *resource, base, offset)
            }
            TypeDefKind::Record(record) => {
                let types: Vec<_> = record.fields.iter().map(|field| field.ty).collect();
                self.fields(&types, base, offset)
            }
            TypeDefKind::Tuple(tuple) => self.fields(&tuple.types, base, offset),
            TypeDefKind::List(item) => self.list(Some(item), base, offset),
            kind => match cases(resolve, kind) {
                Some((tag, cases)) => self.cases(tag, &cases, base, offset),
                None => bail!(
                    "a value is of an unexpected kind of type, {}",
                    kind.as_str()
                ),
            },
        }
    }

    /// Walks over a list, or a string without `item`.
    fn list(&mut self, item: Option<&Type>, base: u32, offset: u64) -> Result<()> {
        let layout = item.map_or(Layout::BYTE, |item| Layout::of(self.sizes, item));
        let list = (self.code.local(I32), self.code.local(I32));
        self.code.push([
            Instruction::LocalGet(base),
            Instruction::I32Load(at(offset)),
            Instruction::LocalSet(list.0),
            Instruction::LocalGet(base),
            Instruction::I32Load(at(offset + 4)),
            Instruction::LocalSet(list.1),
        ]);
        let place = (base, offset);
        self.visitor.list(&mut self.code, place, list, layout)?;
        item.map_or(Ok(()), |item| self.items(item, list))
    }

    /// Walks over the items of a list, with their address and number in locals.
    pub fn items(&mut self, item: &Type, (items, count): (u32, u32)) -> Result<()> {
        if !self.concerns(item) {
            return Ok(());
        }
        let size = Layout::of(self.sizes, item).size.cast_signed();
        let (at, left) = (self.code.local(I32), self.code.local(I32));
        self.code.push([
            Instruction::LocalGet(items),
            Instruction::LocalSet(at),
            Instruction::LocalGet(count),
            Instruction::LocalSet(left),
            Instruction::Block(BlockType::Empty),
            Instruction::Loop(BlockType::Empty),
            Instruction::LocalGet(left),
            Instruction::I32Eqz,
            Instruction::BrIf(1),
        ]);
        self.value(item, at, 0)?;
        self.code.push([
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

    fn fields(&mut self, types: &[Type], base: u32, offset: u64) -> Result<()> {
        for (at, ty) in self.sizes.field_offsets(types) {
            self.value(ty, base, offset + at.size_wasm32() as u64)?;
        }
        Ok(())
    }

    fn cases(&mut self, tag: Int, cases: &[Option<Type>], base: u32, offset: u64) -> Result<()> {
        let payload = self
            .sizes
            .payload_offset(tag, cases.iter().map(Option::as_ref));
        let payload = offset + payload.size_wasm32() as u64;
        for (number, ty) in (0..).zip(cases) {
            let Some(ty) = ty.filter(|ty| self.concerns(ty)) else {
                continue;
            };
            self.code.push([
                Instruction::LocalGet(base),
                discriminant(tag, offset),
                Instruction::I32Const(number),
                Instruction::I32Eq,
                Instruction::If(BlockType::Empty),
            ]);
            self.value(&ty, base, payload)?;
            self.code.push([Instruction::End]);
        }
        Ok(())
    }
}

/// The cases of a variant-like type, and the size of its discriminant.
pub fn cases(resolve: &Resolve, kind: &TypeDefKind) -> Option<(Int, Vec<Option<Type>>)> {
    match kind {
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| case.ty).collect();
            Some((variant.tag(), cases))
        }
        TypeDefKind::Option(ty) => Some((Int::U8, vec![None, Some(*ty)])),
        TypeDefKind::Result(result) => Some((Int::U8, vec![result.ok, result.err])),
        TypeDefKind::Type(Type::Id(id)) => cases(resolve, &resolve.types[*id].kind),
        _ => None,
    }
}

/// The address of a number. Alignment is only a hint, and the smallest is always allowed.
pub fn at(offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 0,
        memory_index: 0,
    }
}

/// Loads a discriminant.
fn discriminant(tag: Int, offset: u64) -> Instruction<'static> {
    match tag {
        Int::U8 => Instruction::I32Load8U(at(offset)),
        Int::U16 => Instruction::I32Load16U(at(offset)),
        _ => Instruction::I32Load(at(offset)),
    }
}
