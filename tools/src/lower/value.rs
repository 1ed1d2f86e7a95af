//! Types whose values are one number: loads and stores them.

use super::walk::at;
use wasm_encoder::{InstructionSink, ValType};
use wit_parser::{FlagsRepr, Int, Resolve, Type, TypeDefKind};

/// The form of a number in memory.
#[derive(Clone, Copy)]
pub enum Value {
    U8,
    S8,
    U16,
    S16,
    I32,
    I64,
    F32,
    F64,
}

impl Value {
    /// The form of values of this type, if they are one number.
    pub fn of(resolve: &Resolve, ty: &Type) -> Option<Value> {
        Some(match ty {
            Type::Bool | Type::U8 => Value::U8,
            Type::S8 => Value::S8,
            Type::U16 => Value::U16,
            Type::S16 => Value::S16,
            Type::U32 | Type::S32 | Type::Char => Value::I32,
            Type::U64 | Type::S64 => Value::I64,
            Type::F32 => Value::F32,
            Type::F64 => Value::F64,
            Type::String | Type::ErrorContext => return None,
            Type::Id(id) => match &resolve.types[*id].kind {
                TypeDefKind::Type(ty) => return Value::of(resolve, ty),
                TypeDefKind::Handle(_) => Value::I32,
                TypeDefKind::Enum(cases) => Value::discriminant(cases.tag()),
                TypeDefKind::Variant(variant) => Value::discriminant(variant.tag()),
                TypeDefKind::Result(_) | TypeDefKind::Option(_) => Value::U8,
                TypeDefKind::Flags(flags) => match flags.repr() {
                    FlagsRepr::U8 => Value::U8,
                    FlagsRepr::U16 => Value::U16,
                    FlagsRepr::U32(0) => return None,
                    FlagsRepr::U32(_) => Value::I32,
                },
                // The only part that is not empty.
                TypeDefKind::Record(record) => {
                    let mut fields = record.fields.iter();
                    return fields.find_map(|field| Value::of(resolve, &field.ty));
                }
                TypeDefKind::Tuple(tuple) => {
                    return tuple.types.iter().find_map(|ty| Value::of(resolve, ty));
                }
                _ => return None,
            },
        })
    }

    fn discriminant(tag: Int) -> Value {
        match tag {
            Int::U8 => Value::U8,
            Int::U16 => Value::U16,
            Int::U32 | Int::U64 => Value::I32,
        }
    }

    /// Its type in a register.
    pub fn ty(self) -> ValType {
        match self {
            Value::U8 | Value::S8 | Value::U16 | Value::S16 | Value::I32 => ValType::I32,
            Value::I64 => ValType::I64,
            Value::F32 => ValType::F32,
            Value::F64 => ValType::F64,
        }
    }

    /// Loads from the address on the stack.
    pub fn load(self, body: &mut InstructionSink<'_>) {
        let at = at(0);
        match self {
            Value::U8 => body.i32_load8_u(at),
            Value::S8 => body.i32_load8_s(at),
            Value::U16 => body.i32_load16_u(at),
            Value::S16 => body.i32_load16_s(at),
            Value::I32 => body.i32_load(at),
            Value::I64 => body.i64_load(at),
            Value::F32 => body.f32_load(at),
            Value::F64 => body.f64_load(at),
        };
    }

    /// Stores the top of the stack to the address below it.
    pub fn store(self, body: &mut InstructionSink<'_>) {
        let at = at(0);
        match self {
            Value::U8 | Value::S8 => body.i32_store8(at),
            Value::U16 | Value::S16 => body.i32_store16(at),
            Value::I32 => body.i32_store(at),
            Value::I64 => body.i64_store(at),
            Value::F32 => body.f32_store(at),
            Value::F64 => body.f64_store(at),
        };
    }
}
