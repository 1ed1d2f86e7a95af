//! How a value lies in memory and how it is passed flat: code that loads and stores values, by their types.

use crate::module::Code;
use wasm_encoder::{BlockType, Instruction as I, MemArg, ValType};
use wit_component::StringEncoding;
use wit_parser::{FlagsRepr, Handle, Int, Resolve, SizeAlign, Type, TypeDefKind, TypeId};

/// The types of a world, and their sizes.
#[derive(Clone, Copy)]
pub struct Layouts<'a> {
    pub resolve: &'a Resolve,
    pub sizes: &'a SizeAlign,
    /// How the guest has strings.
    pub encoding: StringEncoding,
}

/// What a handle in a value is of.
#[derive(Clone, Copy, Debug)]
pub enum Owned {
    Resource(TypeId),
    /// A stream or future.
    Pipe(TypeId),
}

/// The parts of a type.
pub(super) enum Parts {
    Scalar(Scalar),
    Text,
    List(Type),
    Fields(Vec<Type>),
    Cases(Int, Vec<Option<Type>>),
    Flags(u32),
    Handle(Owned),
    Borrow,
}

/// A value of one number.
#[derive(Clone, Copy)]
pub(super) enum Scalar {
    U8,
    S8,
    U16,
    S16,
    I32,
    I64,
    F32,
    F64,
}

impl Scalar {
    fn ty(self) -> ValType {
        match self {
            Scalar::I64 => ValType::I64,
            Scalar::F32 => ValType::F32,
            Scalar::F64 => ValType::F64,
            _ => ValType::I32,
        }
    }

    pub(super) fn of_tag(tag: Int) -> Scalar {
        match tag {
            Int::U8 => Scalar::U8,
            Int::U16 => Scalar::U16,
            Int::U32 | Int::U64 => Scalar::I32,
        }
    }

    pub(super) fn load(self, offset: u64) -> I<'static> {
        let at = at(offset);
        match self {
            Scalar::U8 => I::I32Load8U(at),
            Scalar::S8 => I::I32Load8S(at),
            Scalar::U16 => I::I32Load16U(at),
            Scalar::S16 => I::I32Load16S(at),
            Scalar::I32 => I::I32Load(at),
            Scalar::I64 => I::I64Load(at),
            Scalar::F32 => I::F32Load(at),
            Scalar::F64 => I::F64Load(at),
        }
    }

    fn store(self, offset: u64) -> I<'static> {
        let at = at(offset);
        match self {
            Scalar::U8 | Scalar::S8 => I::I32Store8(at),
            Scalar::U16 | Scalar::S16 => I::I32Store16(at),
            Scalar::I32 => I::I32Store(at),
            Scalar::I64 => I::I64Store(at),
            Scalar::F32 => I::F32Store(at),
            Scalar::F64 => I::F64Store(at),
        }
    }
}

/// An access with this offset. Its alignment is a hint only.
pub fn at(offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 0,
        memory_index: 0,
    }
}

impl<'a> Layouts<'a> {
    pub fn size(&self, ty: &Type) -> u32 {
        self.sizes.size(ty).size_wasm32() as u32
    }

    pub fn align(&self, ty: &Type) -> u32 {
        self.sizes.align(ty).align_wasm32() as u32
    }

    /// Where the payload of `result<T, pending>` is, and its size.
    pub fn answer(&self, result: Option<&Type>) -> (u32, u32) {
        let (size, align) = result.map_or((0, 1), |ty| (self.size(ty), self.align(ty)));
        let align = align.max(4);
        (align, align + size.max(4).next_multiple_of(align))
    }

    /// Where each field of a record of these types is, and the size of all.
    pub fn fields(&self, types: &[Type]) -> (Vec<u32>, u32) {
        let offsets = self.sizes.field_offsets(types);
        let offsets = offsets.into_iter().map(|(at, _)| at.size_wasm32() as u32);
        (
            offsets.collect(),
            self.sizes.record(types).size.size_wasm32() as u32,
        )
    }

    pub(super) fn parts(&self, ty: &Type) -> Parts {
        let id = match ty {
            Type::Bool | Type::U8 => return Parts::Scalar(Scalar::U8),
            Type::S8 => return Parts::Scalar(Scalar::S8),
            Type::U16 => return Parts::Scalar(Scalar::U16),
            Type::S16 => return Parts::Scalar(Scalar::S16),
            Type::U32 | Type::S32 | Type::Char | Type::ErrorContext => {
                return Parts::Scalar(Scalar::I32);
            }
            Type::U64 | Type::S64 => return Parts::Scalar(Scalar::I64),
            Type::F32 => return Parts::Scalar(Scalar::F32),
            Type::F64 => return Parts::Scalar(Scalar::F64),
            Type::String => return Parts::Text,
            Type::Id(id) => *id,
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.parts(ty),
            TypeDefKind::Record(record) => {
                Parts::Fields(record.fields.iter().map(|field| field.ty).collect())
            }
            TypeDefKind::Tuple(tuple) => Parts::Fields(tuple.types.clone()),
            TypeDefKind::FixedLengthList(ty, length) => Parts::Fields(vec![*ty; *length as usize]),
            TypeDefKind::Flags(flags) => match flags.repr() {
                FlagsRepr::U8 => Parts::Scalar(Scalar::U8),
                FlagsRepr::U16 => Parts::Scalar(Scalar::U16),
                FlagsRepr::U32(words) => Parts::Flags(words as u32),
            },
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| case.ty).collect();
                Parts::Cases(variant.tag(), cases)
            }
            TypeDefKind::Enum(cases) => Parts::Scalar(Scalar::of_tag(cases.tag())),
            TypeDefKind::Option(ty) => Parts::Cases(Int::U8, vec![None, Some(*ty)]),
            TypeDefKind::Result(result) => Parts::Cases(Int::U8, vec![result.ok, result.err]),
            TypeDefKind::List(ty) => Parts::List(*ty),
            // As a list of tuples, whose layout is what matters here.
            TypeDefKind::Map(key, value) => Parts::Fields(vec![*key, *value]),
            TypeDefKind::Handle(Handle::Own(resource)) => Parts::Handle(Owned::Resource(*resource)),
            TypeDefKind::Handle(Handle::Borrow(_)) => Parts::Borrow,
            TypeDefKind::Stream(_) | TypeDefKind::Future(_) => Parts::Handle(Owned::Pipe(id)),
            TypeDefKind::Resource | TypeDefKind::Unknown => Parts::Borrow,
        }
    }

    /// Whether the type is a map, which is a list of `Fields`.
    pub(super) fn is_map(&self, ty: &Type) -> bool {
        match ty {
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.is_map(ty),
                TypeDefKind::Map(..) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// The numbers that a value is passed as.
    pub fn flat(&self, ty: &Type) -> Vec<ValType> {
        let mut flat = Vec::new();
        self.push_flat(ty, &mut flat);
        flat
    }

    fn push_flat(&self, ty: &Type, flat: &mut Vec<ValType>) {
        if self.is_map(ty) {
            flat.extend([ValType::I32; 2]);
            return;
        }
        match self.parts(ty) {
            Parts::Scalar(scalar) => flat.push(scalar.ty()),
            Parts::Text | Parts::List(_) => flat.extend([ValType::I32; 2]),
            Parts::Fields(types) => types.iter().for_each(|ty| self.push_flat(ty, flat)),
            Parts::Flags(words) => flat.extend((0..words).map(|_| ValType::I32)),
            Parts::Handle(_) | Parts::Borrow => flat.push(ValType::I32),
            Parts::Cases(_, cases) => {
                flat.push(ValType::I32);
                let mut joined: Vec<ValType> = Vec::new();
                for ty in cases.iter().flatten() {
                    for (i, ty) in self.flat(ty).into_iter().enumerate() {
                        match joined.get_mut(i) {
                            Some(other) => *other = join(*other, ty),
                            None => joined.push(ty),
                        }
                    }
                }
                flat.extend(joined);
            }
        }
    }

    /// Loads the value at `offset` from `base`: its numbers are on the stack then.
    pub fn load(&self, code: &mut Code, ty: &Type, base: u32, offset: u64) {
        let mut load = |scalar: Scalar, offset: u64| {
            code.push([I::LocalGet(base), scalar.load(offset)]);
        };
        if self.is_map(ty) {
            load(Scalar::I32, offset);
            load(Scalar::I32, offset + 4);
            return;
        }
        match self.parts(ty) {
            Parts::Scalar(scalar) => load(scalar, offset),
            Parts::Text | Parts::List(_) => {
                load(Scalar::I32, offset);
                load(Scalar::I32, offset + 4);
            }
            Parts::Flags(words) => {
                (0..words).for_each(|word| load(Scalar::I32, offset + 4 * u64::from(word)));
            }
            Parts::Handle(_) | Parts::Borrow => load(Scalar::I32, offset),
            Parts::Fields(types) => {
                let (offsets, _) = self.fields(&types);
                for (ty, at) in types.iter().zip(offsets) {
                    self.load(code, ty, base, offset + u64::from(at));
                }
            }
            Parts::Cases(tag, cases) => {
                let joined = self.flat(ty);
                load(Scalar::of_tag(tag), offset);
                let discriminant = code.local(ValType::I32);
                code.set(discriminant);
                let locals: Vec<u32> = joined[1..].iter().map(|ty| code.local(*ty)).collect();
                // In a loop, the locals have what the last round left.
                for (local, ty) in locals.iter().zip(&joined[1..]) {
                    code.push([zero(*ty), I::LocalSet(*local)]);
                }
                let payload = offset + self.payload(tag, &cases);
                for (number, case) in cases.iter().enumerate() {
                    let Some(case) = case else { continue };
                    let flat = self.flat(case);
                    if flat.is_empty() {
                        continue;
                    }
                    code.push([
                        I::LocalGet(discriminant),
                        I::I32Const(number as i32),
                        I::I32Eq,
                        I::If(BlockType::Empty),
                    ]);
                    self.load(code, case, base, payload);
                    for (i, ty) in flat.iter().enumerate().rev() {
                        code.push(widen(*ty, joined[i + 1]));
                        code.set(locals[i]);
                    }
                    code.push([I::End]);
                }
                code.get(discriminant);
                locals.iter().for_each(|local| code.get(*local));
            }
        }
    }

    /// Stores the value whose numbers are in `locals` at `offset` from `base`. What is left of the locals is answered.
    pub fn store<'l>(
        &self,
        code: &mut Code,
        ty: &Type,
        base: u32,
        offset: u64,
        locals: &'l [u32],
    ) -> &'l [u32] {
        let mut store = |scalar: Scalar, offset: u64, local: u32| {
            code.push([I::LocalGet(base), I::LocalGet(local), scalar.store(offset)]);
        };
        if self.is_map(ty) {
            store(Scalar::I32, offset, locals[0]);
            store(Scalar::I32, offset + 4, locals[1]);
            return &locals[2..];
        }
        match self.parts(ty) {
            Parts::Scalar(scalar) => {
                store(scalar, offset, locals[0]);
                &locals[1..]
            }
            Parts::Text | Parts::List(_) => {
                store(Scalar::I32, offset, locals[0]);
                store(Scalar::I32, offset + 4, locals[1]);
                &locals[2..]
            }
            Parts::Flags(words) => {
                for (word, local) in locals.iter().take(words as usize).enumerate() {
                    store(Scalar::I32, offset + 4 * word as u64, *local);
                }
                &locals[words as usize..]
            }
            Parts::Handle(_) | Parts::Borrow => {
                store(Scalar::I32, offset, locals[0]);
                &locals[1..]
            }
            Parts::Fields(types) => {
                let (offsets, _) = self.fields(&types);
                let mut left = locals;
                for (ty, at) in types.iter().zip(offsets) {
                    left = self.store(code, ty, base, offset + u64::from(at), left);
                }
                left
            }
            Parts::Cases(tag, cases) => {
                let joined = self.flat(ty);
                store(Scalar::of_tag(tag), offset, locals[0]);
                let payload = offset + self.payload(tag, &cases);
                for (number, case) in cases.iter().enumerate() {
                    let Some(case) = case else { continue };
                    let flat = self.flat(case);
                    if flat.is_empty() {
                        continue;
                    }
                    code.push([
                        I::LocalGet(locals[0]),
                        I::I32Const(number as i32),
                        I::I32Eq,
                        I::If(BlockType::Empty),
                    ]);
                    let mut narrow_locals = Vec::new();
                    for (i, ty) in flat.iter().enumerate() {
                        let local = code.local(*ty);
                        code.get(locals[i + 1]);
                        code.push(narrow(joined[i + 1], *ty));
                        code.set(local);
                        narrow_locals.push(local);
                    }
                    self.store(code, case, base, payload, &narrow_locals);
                    code.push([I::End]);
                }
                &locals[joined.len()..]
            }
        }
    }

    /// Copies a value in memory; each place is a local and an offset from it. What the value owns stays where it is.
    pub fn copy(&self, code: &mut Code, ty: &Type, to: (u32, u32), from: (u32, u32)) {
        for (local, offset) in [to, from] {
            code.get(local);
            if offset > 0 {
                code.push([I::I32Const(offset as i32), I::I32Add]);
            }
        }
        code.push([
            I::I32Const(self.size(ty) as i32),
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
        ]);
    }

    pub(super) fn payload(&self, tag: Int, cases: &[Option<Type>]) -> u64 {
        let offset = self
            .sizes
            .payload_offset(tag, cases.iter().map(Option::as_ref));
        offset.size_wasm32() as u64
    }
}

fn join(a: ValType, b: ValType) -> ValType {
    match (a, b) {
        _ if a == b => a,
        (ValType::I32 | ValType::F32, ValType::I32 | ValType::F32) => ValType::I32,
        _ => ValType::I64,
    }
}

fn zero(ty: ValType) -> I<'static> {
    match ty {
        ValType::I64 => I::I64Const(0),
        ValType::F32 => I::F32Const(0.0.into()),
        ValType::F64 => I::F64Const(0.0.into()),
        _ => I::I32Const(0),
    }
}

/// From a case's own type to the one that all cases share.
fn widen(from: ValType, to: ValType) -> Vec<I<'static>> {
    match (from, to) {
        (ValType::F32, ValType::I32) => vec![I::I32ReinterpretF32],
        (ValType::I32, ValType::I64) => vec![I::I64ExtendI32U],
        (ValType::F32, ValType::I64) => vec![I::I32ReinterpretF32, I::I64ExtendI32U],
        (ValType::F64, ValType::I64) => vec![I::I64ReinterpretF64],
        _ => Vec::new(),
    }
}

/// The other way.
fn narrow(from: ValType, to: ValType) -> Vec<I<'static>> {
    match (from, to) {
        (ValType::I32, ValType::F32) => vec![I::F32ReinterpretI32],
        (ValType::I64, ValType::I32) => vec![I::I32WrapI64],
        (ValType::I64, ValType::F32) => vec![I::I32WrapI64, I::F32ReinterpretI32],
        (ValType::I64, ValType::F64) => vec![I::F64ReinterpretI64],
        _ => Vec::new(),
    }
}
