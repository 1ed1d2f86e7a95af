//! Recognises the resources that the split makes of streams and futures.

use super::signature::Speller;
use isyswasfa_wit::names::{READER, WRITER};
use wit_parser::{
    Handle, InterfaceId, PackageName, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner,
};

/// An end of a pipe, by its name.
struct End<'a> {
    /// The interface that it is in, if it is in one.
    interface: Option<InterfaceId>,
    /// `stream-u32`: the pipe's name, which contains its payload.
    pipe: &'a str,
    /// The resource's name: `reader`, `stream-u32-reader`.
    resource: &'a str,
    is_reader: bool,
}

/// Whether a resource is an end of a pipe.
pub(super) fn is_end(resolve: &Resolve, resource: TypeId) -> bool {
    end(resolve, resource).is_some()
}

/// Whether a type is that of a new pipe: `tuple<writer, reader>`.
pub(super) fn are_ends(resolve: &Resolve, ty: Type) -> bool {
    let Type::Id(id) = ty else { return false };
    let TypeDefKind::Tuple(tuple) = &resolve.types[id].kind else {
        return false;
    };
    let is_own_end = |ty: &Type| match ty {
        Type::Id(id) => match resolve.types[*id].kind {
            TypeDefKind::Handle(Handle::Own(resource)) => is_end(resolve, resource),
            _ => false,
        },
        _ => false,
    };
    tuple.types.len() == 2 && tuple.types.iter().all(is_own_end)
}

/// `stream<T>` or `future<T>`, if the resource is the reading end of one.
pub(super) fn spelled(speller: &Speller<'_>, resource: TypeId) -> Option<String> {
    let end = end(speller.resolve, resource).filter(|end| end.is_reader)?;
    let (kind, payload) = end.pipe.split_once('-')?;
    if payload == "unit" {
        return Some(kind.to_owned());
    }
    let payload = match carried(speller.resolve, &end) {
        Some(ty) => speller.ty(ty),
        None => spelled_out(payload),
    };
    Some(format!("{kind}<{payload}>"))
}

/// Whether a type is one that the split has defined for a pipe.
pub(super) fn is_payload_type(resolve: &Resolve, def: &TypeDef) -> bool {
    match def.owner {
        TypeOwner::Interface(id) => package(resolve, id)
            .is_some_and(|package| (&*package.namespace, &*package.name) == ("isyswasfa", "pipes")),
        _ => false,
    }
}

/// Whether two types have the same kind and the same names in them.
pub(super) fn is_alike(one: &TypeDefKind, other: &TypeDefKind) -> bool {
    let names = |kind: &TypeDefKind| -> Option<Vec<String>> {
        Some(match kind {
            TypeDefKind::Record(it) => it.fields.iter().map(|it| it.name.clone()).collect(),
            TypeDefKind::Variant(it) => it.cases.iter().map(|it| it.name.clone()).collect(),
            TypeDefKind::Enum(it) => it.cases.iter().map(|it| it.name.clone()).collect(),
            TypeDefKind::Flags(it) => it.flags.iter().map(|it| it.name.clone()).collect(),
            _ => return None,
        })
    };
    std::mem::discriminant(one) == std::mem::discriminant(other)
        && names(one).is_some()
        && names(one) == names(other)
}

fn package(resolve: &Resolve, interface: InterfaceId) -> Option<&PackageName> {
    Some(&resolve.packages[resolve.interfaces[interface].package?].name)
}

fn end(resolve: &Resolve, resource: TypeId) -> Option<End<'_>> {
    let def = &resolve.types[isyswasfa_wit::origin(resolve, resource)];
    let name = def.name.as_deref()?;
    let interface = match def.owner {
        TypeOwner::Interface(id) => Some(id),
        _ => None,
    };
    let place = interface.and_then(|id| {
        let package = package(resolve, id)?;
        let interface = resolve.interfaces[id].name.as_deref()?;
        (package.namespace == "isyswasfa").then_some((package.name.as_str(), interface))
    });
    let pipe = match place {
        Some(("core", "bytes")) => "stream-u8",
        Some(("pipes", interface)) => interface,
        Some(_) => return None,
        // A pipe that is part of a user's interface.
        None => {
            let pipe = name
                .strip_suffix("-reader")
                .or_else(|| name.strip_suffix("-writer"))?;
            return (pipe.starts_with("stream-") || pipe.starts_with("future-")).then_some(End {
                interface,
                pipe,
                resource: name,
                is_reader: name.ends_with("-reader"),
            });
        }
    };
    [READER, WRITER].contains(&name).then_some(End {
        interface,
        pipe,
        resource: name,
        is_reader: name == READER,
    })
}

/// The payload, from any function of the pipe: an import has only those that the component uses.
fn carried(resolve: &Resolve, end: &End<'_>) -> Option<Type> {
    let functions = &resolve.interfaces[end.interface?].functions;
    let reader = end.resource;
    let writer = match reader {
        READER => WRITER.to_owned(),
        reader => reader.replace("-reader", "-writer"),
    };
    let of = |resource: &str, method: &str| functions.get(&format!("[method]{resource}.{method}"));
    let list = of(reader, "cancel-read")
        .and_then(|it| it.result)
        .or_else(|| match of(reader, "read")?.result? {
            Type::Id(id) => match &resolve.types[id].kind {
                TypeDefKind::Result(result) => result.ok,
                _ => None,
            },
            _ => None,
        })
        .or_else(|| of(&writer, "take-back")?.result)
        .or_else(|| Some(of(&writer, "write")?.params.last()?.ty))?;
    match list {
        Type::Id(id) => match resolve.types[id].kind {
            TypeDefKind::List(item) => Some(item),
            _ => None,
        },
        _ => None,
    }
}

/// A payload from the pipe's name: `option-string` is `option<string>`. If the name is abbreviated, only the constructor is
/// known.
fn spelled_out(payload: &str) -> String {
    let Some((constructor, inner)) = payload.split_once('-') else {
        return payload.to_owned();
    };
    let is_hash = inner.len() == 17 && inner.starts_with('x');
    match constructor {
        "stream" | "future" if inner == "unit" => constructor.to_owned(),
        "list" | "option" | "stream" | "future" if !is_hash => {
            format!("{constructor}<{}>", spelled_out(inner))
        }
        "list" | "option" | "result" | "tuple" | "stream" | "future" => {
            format!("{constructor}<…>")
        }
        constructor => constructor.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::spelled_out;

    #[test]
    fn names_contain_the_payload() {
        for (name, payload) in [
            ("u32", "u32"),
            ("option-string", "option<string>"),
            ("list-list-u8", "list<list<u8>>"),
            ("stream-unit", "stream"),
            ("result-x643fb67c302adb50", "result<…>"),
            ("record-x829a29825a83b86d", "record"),
        ] {
            assert_eq!(spelled_out(name), payload);
        }
    }
}
