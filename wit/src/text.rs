//! Prints types as WIT, for messages.

use crate::split::{Pipe, PipeKind};
use wit_parser::{Handle, Resolve, Result_, Type, TypeDefKind};

impl Pipe {
    /// `stream<thing>`: the stream or future that it was, for messages. `resolve` is the original, or that of the split.
    pub fn text(&self, resolve: &Resolve) -> String {
        let kind = match self.kind {
            PipeKind::Stream => "stream",
            PipeKind::Future => "future",
        };
        pipe(resolve, kind, self.payload.as_ref())
    }
}

fn pipe(resolve: &Resolve, kind: &str, payload: Option<&Type>) -> String {
    match payload {
        Some(payload) => format!("{kind}<{}>", text(resolve, payload)),
        None => kind.to_owned(),
    }
}

fn text(resolve: &Resolve, ty: &Type) -> String {
    let id = match ty {
        Type::Bool => return "bool".to_owned(),
        Type::U8 => return "u8".to_owned(),
        Type::U16 => return "u16".to_owned(),
        Type::U32 => return "u32".to_owned(),
        Type::U64 => return "u64".to_owned(),
        Type::S8 => return "s8".to_owned(),
        Type::S16 => return "s16".to_owned(),
        Type::S32 => return "s32".to_owned(),
        Type::S64 => return "s64".to_owned(),
        Type::F32 => return "f32".to_owned(),
        Type::F64 => return "f64".to_owned(),
        Type::Char => return "char".to_owned(),
        Type::String => return "string".to_owned(),
        Type::ErrorContext => return "error-context".to_owned(),
        Type::Id(id) => *id,
    };
    let def = &resolve.types[id];
    if let Some(name) = &def.name {
        return name.clone();
    }
    let of = |ty: &Type| text(resolve, ty);
    match &def.kind {
        TypeDefKind::Handle(Handle::Own(id)) => of(&Type::Id(*id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(&Type::Id(*id))),
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<_> = tuple.types.iter().map(of).collect();
            format!("tuple<{}>", types.join(", "))
        }
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::FixedLengthList(ty, len) => format!("list<{}, {len}>", of(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", of(key), of(value)),
        TypeDefKind::Result(Result_ { ok, err }) => match (ok, err) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{}>", of(ok)),
            (None, Some(err)) => format!("result<_, {}>", of(err)),
            (Some(ok), Some(err)) => format!("result<{}, {}>", of(ok), of(err)),
        },
        TypeDefKind::Future(payload) => pipe(resolve, "future", payload.as_ref()),
        TypeDefKind::Stream(payload) => pipe(resolve, "stream", payload.as_ref()),
        TypeDefKind::Type(ty) => of(ty),
        // These always have names.
        kind @ (TypeDefKind::Record(_)
        | TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown) => kind.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_in_wit() {
        let wit = "
            package a:b;
            interface i {
              resource thing;
              record pair { a: u8, b: u8 }
              f: func(
                a: tuple<list<thing>, option<pair>, result<_, string>, borrow<thing>>,
                b: stream<future<list<u8, 4>>>,
                c: stream,
              );
            }
        ";
        let mut resolve = Resolve::default();
        let package = resolve.push_str("a.wit", wit).unwrap();
        let interface = resolve.packages[package].interfaces["i"];
        let function = &resolve.interfaces[interface].functions["f"];
        let texts: Vec<_> = function
            .params
            .iter()
            .map(|param| text(&resolve, &param.ty))
            .collect();
        assert_eq!(
            texts,
            [
                "tuple<list<thing>, option<pair>, result<_, string>, borrow<thing>>",
                "stream<future<list<u8, 4>>>",
                "stream",
            ]
        );
    }
}
