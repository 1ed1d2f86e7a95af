//! The list of the items in a set of WIT packages: each item's name, and its text.

use std::collections::BTreeMap;
use wit_parser::{
    Function, FunctionKind, Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner,
    WorldItem,
};

/// Everything by name, without versions: `wasi:http/types`, `wasi:http/types.fields.get`, `wasi:clocks/wall-clock.datetime.seconds`.
pub type Items = BTreeMap<String, Item>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The kind in WIT's words: `interface`, `func`, `method`, `resource`, `record`, `field`, `case`, `world`, …
    pub kind: &'static str,
    /// As in WIT: `async func(request: request) -> result<response, error-code>`.
    pub signature: String,
    pub unstable: bool,
}

/// All items of the packages whose name `of` accepts.
pub fn items(resolve: &Resolve, of: impl Fn(&wit_parser::PackageName) -> bool) -> Items {
    let mut items = Items::new();
    for (_, package) in &resolve.packages {
        if !of(&package.name) {
            continue;
        }
        let name = format!("{}:{}", package.name.namespace, package.name.name);
        for (interface, id) in &package.interfaces {
            interface_items(resolve, *id, &format!("{name}/{interface}"), &mut items);
        }
        for (world, id) in &package.worlds {
            let world_name = format!("{name}/{world}");
            let unstable = is_unstable(&resolve.worlds[*id].stability);
            insert(
                &mut items,
                format!("{world_name} (world)"),
                "world",
                String::new(),
                unstable,
            );
            let world = &resolve.worlds[*id];
            for (direction, list) in [("import", &world.imports), ("export", &world.exports)] {
                for (key, item) in list {
                    let name = format!(
                        "{world_name} (world).{direction} {}",
                        unversioned(&resolve.name_world_key(key))
                    );
                    match item {
                        WorldItem::Interface { id, stability, .. } => {
                            insert(
                                &mut items,
                                name.clone(),
                                direction,
                                String::new(),
                                is_unstable(stability),
                            );
                            if resolve.interfaces[*id].name.is_none() {
                                interface_items(resolve, *id, &name, &mut items);
                            }
                        }
                        WorldItem::Function(func) => {
                            insert(
                                &mut items,
                                name,
                                "func",
                                signature(resolve, func),
                                is_unstable(&func.stability),
                            );
                        }
                        WorldItem::Type { id, .. } => type_items(resolve, *id, &name, &mut items),
                    }
                }
            }
        }
    }
    items
}

fn insert(items: &mut Items, name: String, kind: &'static str, signature: String, unstable: bool) {
    items.insert(
        name,
        Item {
            kind,
            signature,
            unstable,
        },
    );
}

fn is_unstable(stability: &wit_parser::Stability) -> bool {
    matches!(stability, wit_parser::Stability::Unstable { .. })
}

fn unversioned(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

fn interface_items(resolve: &Resolve, id: InterfaceId, name: &str, items: &mut Items) {
    let interface = &resolve.interfaces[id];
    items.entry(name.to_owned()).or_insert(Item {
        kind: "interface",
        signature: String::new(),
        unstable: is_unstable(&interface.stability),
    });
    for (ty, id) in &interface.types {
        type_items(resolve, *id, &format!("{name}.{ty}"), items);
    }
    for func in interface.functions.values() {
        let kind = match func.kind {
            FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => "func",
            FunctionKind::Constructor(_) => "constructor",
            FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => "static",
            _ => "method",
        };
        let resource = func
            .kind
            .resource()
            .and_then(|id| resolve.types[id].name.clone());
        let full = match (resource, kind) {
            (Some(resource), "constructor") => format!("{name}.{resource}.constructor"),
            (Some(resource), _) => format!("{name}.{resource}.{}", func.item_name()),
            (None, _) => format!("{name}.{}", func.name),
        };
        insert(
            items,
            full,
            kind,
            signature(resolve, func),
            is_unstable(&func.stability),
        );
    }
}

fn type_items(resolve: &Resolve, id: TypeId, name: &str, items: &mut Items) {
    let ty = &resolve.types[id];
    let unstable = is_unstable(&ty.stability);
    // `use` is not an item of this interface.
    if let TypeDefKind::Type(Type::Id(other)) = ty.kind
        && resolve.types[other].owner != ty.owner
        && resolve.types[other].name == ty.name
    {
        return;
    }
    let mut part = |kind, part: &str, signature| {
        insert(items, format!("{name}.{part}"), kind, signature, unstable)
    };
    let (kind, signature) = match &ty.kind {
        TypeDefKind::Record(record) => {
            record
                .fields
                .iter()
                .for_each(|field| part("field", &field.name, spelled(resolve, &field.ty)));
            ("record", String::new())
        }
        TypeDefKind::Variant(variant) => {
            let payload =
                |ty: &Option<Type>| ty.map(|ty| spelled(resolve, &ty)).unwrap_or_default();
            variant
                .cases
                .iter()
                .for_each(|case| part("case", &case.name, payload(&case.ty)));
            ("variant", String::new())
        }
        TypeDefKind::Enum(of) => {
            of.cases
                .iter()
                .for_each(|case| part("case", &case.name, String::new()));
            ("enum", String::new())
        }
        TypeDefKind::Flags(of) => {
            of.flags
                .iter()
                .for_each(|flag| part("flag", &flag.name, String::new()));
            ("flags", String::new())
        }
        TypeDefKind::Resource => ("resource", String::new()),
        kind => ("type", spelled_kind(resolve, kind)),
    };
    insert(items, name.to_owned(), kind, signature, unstable);
}

fn signature(resolve: &Resolve, func: &Function) -> String {
    let mut text = String::new();
    if func.kind.is_async() {
        text += "async ";
    }
    text += if matches!(
        func.kind,
        FunctionKind::Static(_) | FunctionKind::AsyncStatic(_)
    ) {
        "static func("
    } else {
        "func("
    };
    let method = matches!(
        func.kind,
        FunctionKind::Method(_) | FunctionKind::AsyncMethod(_)
    );
    let params = func.params.iter().skip(usize::from(method));
    let params: Vec<_> = params
        .map(|param| format!("{}: {}", param.name, spelled(resolve, &param.ty)))
        .collect();
    text += &params.join(", ");
    text += ")";
    if let Some(result) = func
        .result
        .filter(|_| !matches!(func.kind, FunctionKind::Constructor(_)))
    {
        text += &format!(" -> {}", spelled(resolve, &result));
    }
    text
}

/// A type in WIT.
pub fn spelled(resolve: &Resolve, ty: &Type) -> String {
    let id = match isyswasfa_wit::primitive(*ty) {
        Ok(name) => return name.to_owned(),
        Err(id) => id,
    };
    let ty = &resolve.types[id];
    match (&ty.name, ty.owner) {
        (Some(name), TypeOwner::Interface(_) | TypeOwner::World(_)) => name.clone(),
        _ => spelled_kind(resolve, &ty.kind),
    }
}

fn spelled_kind(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let of = |ty: &Type| spelled(resolve, ty);
    match kind {
        TypeDefKind::Type(ty) => of(ty),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(&Type::Id(*id))),
        TypeDefKind::Handle(Handle::Own(id)) => of(&Type::Id(*id)),
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", of(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", of(key), of(value)),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::Tuple(tuple) => {
            format!(
                "tuple<{}>",
                tuple.types.iter().map(of).collect::<Vec<_>>().join(", ")
            )
        }
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{}>", of(ok)),
            (ok, Some(err)) => format!(
                "result<{}, {}>",
                ok.as_ref().map_or("_".to_owned(), of),
                of(err)
            ),
        },
        TypeDefKind::Future(ty) => ty
            .as_ref()
            .map_or("future".to_owned(), |ty| format!("future<{}>", of(ty))),
        TypeDefKind::Stream(ty) => ty
            .as_ref()
            .map_or("stream".to_owned(), |ty| format!("stream<{}>", of(ty))),
        other => other.as_str().to_owned(),
    }
}
