//! The primitive types of WIT.

use wit_parser::{Type, TypeId};

/// The WIT name of a primitive type. The id of any other type.
pub fn primitive(ty: Type) -> Result<&'static str, TypeId> {
    Ok(match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(id) => return Err(id),
    })
}
