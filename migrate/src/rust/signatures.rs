//! The signatures of WASI's functions, from WASI's WIT, and the Rust spelling of WIT's names.

use super::text::with_text;
use crate::wit::{self, Func, Package, Scope, Type, TypeDefKind, TypeKind, wasi};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3, WitFile};
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock};
use syn::Ident;

/// The facts about a type. Its parts are shared, since it is copied for each expression of that type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A type of WASI: `wasi:http/types.fields`.
    Wasi(Arc<str>),
    Option(Arc<Ty>),
    Result(Arc<Ty>),
    Tuple(Arc<[Ty]>),
    List(Arc<Ty>),
    Stream,
    Unknown,
}

/// The result of each function, by name (`wasi:http/types.fields.get`). No function of both 0.2 and 0.3 returns different types of
/// one name.
static SIGNATURES: LazyLock<FxHashMap<String, Ty>> = LazyLock::new(|| {
    let mut all = FxHashMap::default();
    for version in [&WASI_0_3, &WASI_0_2] {
        for WitFile { package, text, .. } in version.files {
            let file = wit::parse(text).expect("WASI's WIT parses");
            for scope in file.scopes().iter().filter(|scope| !scope.is_world) {
                let interface = format!("wasi:{package}/{}", scope.name.text);
                for (resource, func) in scope.all_funcs() {
                    let name = match resource {
                        Some(resource) => {
                            format!("{interface}.{}.{}", resource.name.text, func.name.text)
                        }
                        None => format!("{interface}.{}", func.name.text),
                    };
                    all.insert(name, answer(&interface, &file, scope, resource, func));
                }
            }
        }
    }
    all
});

pub fn signature(function: &str) -> Option<&'static Ty> {
    SIGNATURES.get(function)
}

/// The results of methods, by the type and the method's name in Rust.
static METHODS: LazyLock<FxHashMap<&str, FxHashMap<String, &Ty>>> = LazyLock::new(|| {
    let mut all: FxHashMap<_, FxHashMap<_, _>> = FxHashMap::default();
    for (name, answer) in SIGNATURES.iter() {
        if let Some((ty, method)) = name.rsplit_once('.') {
            all.entry(ty).or_default().insert(snake(method), answer);
        }
    }
    all
});

/// The result of a method of a type.
pub fn method_answer(ty: &str, method: &Ident) -> Option<&'static Ty> {
    let methods = METHODS.get(ty)?;
    with_text(method, |method| {
        let written = methods.get(method).copied();
        // `type_`, `r#type`
        written.or_else(|| signature(&format!("{ty}.{}", kebab(method))))
    })
}

/// The types of the fields of WASI's records, by the record and the field's name in Rust.
static FIELDS: LazyLock<FxHashMap<String, FxHashMap<String, Ty>>> = LazyLock::new(|| {
    let mut all: FxHashMap<_, FxHashMap<_, _>> = FxHashMap::default();
    for version in [&WASI_0_3, &WASI_0_2] {
        for WitFile { package, text, .. } in version.files {
            let file = wit::parse(text).expect("WASI's WIT parses");
            for scope in file.scopes().iter().filter(|scope| !scope.is_world) {
                let interface = format!("wasi:{package}/{}", scope.name.text);
                for ty in &scope.types {
                    let TypeDefKind::Record(fields) = &ty.kind else {
                        continue;
                    };
                    let record: &mut FxHashMap<_, _> = all
                        .entry(format!("{interface}.{}", ty.name.text))
                        .or_default();
                    for field in fields {
                        let ty = of(&interface, &file, scope, &field.ty);
                        record.insert(snake(&field.name.text), ty);
                    }
                }
            }
        }
    }
    all
});

/// The type of a field of a record.
pub fn field(record: &str, name: &Ident) -> Option<&'static Ty> {
    let fields = FIELDS.get(record)?;
    with_text(name, |name| fields.get(name))
}

fn answer(
    interface: &str,
    file: &wit::File,
    scope: &Scope,
    resource: Option<&wit::TypeDef>,
    func: &Func,
) -> Ty {
    match (&func.result, resource) {
        (None, Some(resource)) if func.is_constructor => {
            Ty::Wasi(format!("{interface}.{}", resource.name.text).into())
        }
        (None, _) => Ty::Unknown,
        (Some(ty), _) => of(interface, file, scope, ty),
    }
}

fn of(interface: &str, file: &wit::File, scope: &Scope, ty: &Type) -> Ty {
    let inner = |ty: &Type| Arc::new(of(interface, file, scope, ty));
    match &ty.kind {
        TypeKind::Own(ty) | TypeKind::Borrow(ty) => of(interface, file, scope, ty),
        TypeKind::Result(Some(ok), _) => Ty::Result(inner(ok)),
        TypeKind::Result(None, _) => Ty::Result(Arc::new(Ty::Unknown)),
        TypeKind::Of("option", types) => types
            .first()
            .map_or(Ty::Unknown, |ty| Ty::Option(inner(ty))),
        TypeKind::Of("list", types) => types.first().map_or(Ty::Unknown, |ty| Ty::List(inner(ty))),
        TypeKind::Of("tuple", types) => Ty::Tuple(
            types
                .iter()
                .map(|ty| of(interface, file, scope, ty))
                .collect(),
        ),
        TypeKind::Of("stream", _) => Ty::Stream,
        TypeKind::Of(..) => Ty::Unknown,
        TypeKind::Name(name) => {
            for used in &scope.uses {
                if let Some(found) = used.names.iter().find(|found| found.local().text == *name) {
                    let package = interface.split('/').next().unwrap_or(interface);
                    let from = Package::default()
                        .wasi_path(file, &used.path)
                        .map(|(from, _)| from);
                    let from = from.unwrap_or_else(|| format!("{package}/{}", used.path.name.text));
                    let (interface, item) = wasi::definition_0_2(&from, &found.name.text);
                    return Ty::Wasi(format!("{interface}.{item}").into());
                }
            }
            match scope
                .types
                .iter()
                .find(|found| found.name.text == *name)
                .map(|found| &found.kind)
            {
                // `type headers = fields`
                Some(TypeDefKind::Alias(ty)) => of(interface, file, scope, ty),
                Some(_) => Ty::Wasi(format!("{interface}.{name}").into()),
                None => Ty::Unknown,
            }
        }
    }
}

pub fn snake(kebab: &str) -> String {
    kebab.replace('-', "_")
}

pub fn camel(kebab: &str) -> String {
    let words = kebab.split('-').map(|word| {
        let mut chars = word.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().chain(chars).collect::<String>())
            .unwrap_or_default()
    });
    words.collect()
}

/// The WIT name for a Rust name of a type, a module or a function.
pub fn kebab(rust: &str) -> String {
    // A flag is a constant.
    if rust.len() > 1 && !rust.contains(|c: char| c.is_lowercase()) {
        return rust.to_lowercase().replace('_', "-");
    }
    let mut result = String::new();
    for c in rust.trim_start_matches("r#").trim_end_matches('_').chars() {
        if c.is_uppercase() && !result.is_empty() && !result.ends_with('-') {
            result.push('-');
        }
        result.extend(if c == '_' {
            '-'.to_lowercase()
        } else {
            c.to_lowercase()
        });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_there_and_back() {
        for name in [
            "incoming-request",
            "ipv4-address",
            "descriptor",
            "set-path-with-query",
        ] {
            assert_eq!(kebab(&camel(name)), name);
            assert_eq!(kebab(&snake(name)), name);
            assert_eq!(kebab(&snake(name).to_uppercase()), name);
        }
    }

    #[test]
    fn answers() {
        let wasi = |name: &str| Ty::Wasi(name.into());
        assert_eq!(
            signature("wasi:http/types.incoming-request.headers"),
            Some(&wasi("wasi:http/types.fields"))
        );
        assert_eq!(
            signature("wasi:http/types.incoming-body.stream"),
            Some(&Ty::Result(Arc::new(wasi("wasi:io/streams.input-stream"))))
        );
        assert_eq!(
            signature("wasi:io/streams.input-stream.subscribe"),
            Some(&wasi("wasi:io/poll.pollable"))
        );
        assert_eq!(
            signature("wasi:http/types.outgoing-response.constructor"),
            Some(&wasi("wasi:http/types.outgoing-response"))
        );
    }
}
