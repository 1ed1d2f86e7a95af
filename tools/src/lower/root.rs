//! Functions of the world itself in their plain form, if they use no types of the world.

use super::plain::{Plain, PlainFunction, SplitFunction, is_moved};
use super::sync::Driven;
use super::walk::contains;
use anyhow::{Context, Result, bail};
use isyswasfa_wit::names::{NAMESPACE, RESULT, Role, START, poll_name};
use isyswasfa_wit::primitive;
use std::cell::Cell;
use wit_parser::{
    Function, FunctionKind, Handle, Resolve, Type, TypeDefKind, TypeId, WorldItem, WorldKey,
};

/// The functions, and the WIT of both forms.
pub struct Root {
    pub driven: Driven,
    /// `foo: func() -> T;`
    pub plain: String,
    /// `foo-isyswasfa-start: …; foo-isyswasfa-result: …; foo-isyswasfa-poll: …;`
    pub split: String,
}

/// The plain functions behind the split functions among `items`.
///
/// # Errors
/// If one of them uses a type of the world in its signature.
pub fn root(
    resolve: &Resolve,
    items: &wit_parser::IndexMap<WorldKey, WorldItem>,
) -> Result<Option<Root>> {
    let half = |name: &str| match items.get(&WorldKey::Name(name.to_owned())) {
        Some(WorldItem::Function(function)) => Some(function.clone()),
        _ => None,
    };
    let (mut functions, mut plain_text, mut split_text) =
        (Vec::new(), String::new(), String::new());
    for (key, item) in items {
        let (WorldKey::Name(key), WorldItem::Function(function)) = (key, item) else {
            continue;
        };
        let name = match Role::of(key) {
            Some((Role::Start, name)) => name,
            Some((Role::Result | Role::Poll, _)) => continue,
            // It is unchanged, and forwarded.
            Some((Role::Get | Role::Set, _)) | None => {
                can_be_forwarded(resolve, function).with_context(|| format!("`{key}`"))?;
                continue;
            }
        };
        let start = function.clone();
        if start.kind != FunctionKind::Freestanding {
            bail!(
                "`{name}` is a method of a resource of the world itself; only free functions can be lowered"
            );
        }
        let Some(Type::Id(id)) = start.result else {
            bail!("`{key}` has not the type that the split gives it");
        };
        let TypeDefKind::Result(result) = &resolve.types[id].kind else {
            bail!("`{key}` has not the type that the split gives it");
        };
        let plain = Function {
            name: name.to_owned(),
            result: result.ok,
            ..start.clone()
        };
        let text = Text::of(resolve, &plain).with_context(|| format!("`{name}`"))?;
        let Text { params, result } = &text;
        let ok = result.as_deref().unwrap_or("_");
        let arrow = result
            .as_ref()
            .map(|ty| format!(" -> {ty}"))
            .unwrap_or_default();
        plain_text += &format!("%{name}: func({params}){arrow};\n");
        split_text += &format!("%{name}{START}: func({params}) -> result<{ok}, pending>;\n");
        split_text += &format!("%{name}{RESULT}: func(ready: ready){arrow};\n");
        split_text += &format!("%{}: func() -> u32;\n", poll_name(name));
        let result = half(&format!("{name}{RESULT}"));
        functions.push(PlainFunction {
            plain,
            split: SplitFunction::Async { start, result },
        });
    }
    let name = String::new();
    Ok((!functions.is_empty()).then(|| Root {
        driven: Driven {
            plain: Plain { name, functions },
            split: String::new(),
            drain: false,
        },
        plain: plain_text,
        split: split_text,
    }))
}

/// Checks that the signature of a function has nothing that only guests can share.
fn can_be_forwarded(resolve: &Resolve, function: &Function) -> Result<()> {
    if let Some((Role::Get | Role::Set, _)) = Role::of(&function.name) {
        bail!("is a getter or setter, which WASI 0.2 does not have");
    }
    for ty in function.parameter_and_result_types() {
        if let Some(reason) = reason(resolve, &ty) {
            bail!("{reason}");
        }
    }
    Ok(())
}

/// Why a value of this type cannot be shared with a host, if it cannot.
fn reason(resolve: &Resolve, ty: &Type) -> Option<&'static str> {
    let found = Cell::new(None);
    contains(resolve, ty, &|ty| {
        if let Type::Id(id) = ty
            && let TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) =
                resolve.types[*id].kind
        {
            found.set(found.get().or(shared_by_guests(resolve, id)));
        }
        found.get().is_some()
    });
    found.get()
}

/// Why only guests can share a resource, if that is so.
fn shared_by_guests(resolve: &Resolve, id: TypeId) -> Option<&'static str> {
    let (_, interface) = super::part::resource(resolve, id);
    let interface = interface?;
    match () {
        _ if interface.starts_with(NAMESPACE) => Some(STREAM),
        _ if is_moved(&interface) => {
            Some("has a resource of another guest in its signature, which no host of WASI 0.2 has")
        }
        _ => None,
    }
}

const STREAM: &str =
    "has a stream or a future in its signature, which only functions between guests can have";

/// A function's signature as WIT.
struct Text {
    params: String,
    result: Option<String>,
}

impl Text {
    fn of(resolve: &Resolve, function: &Function) -> Result<Text> {
        let params: Result<Vec<_>> = function
            .params
            .iter()
            .map(|param| Ok(format!("%{}: {}", param.name, text(resolve, &param.ty)?)))
            .collect();
        let result = function.result.as_ref();
        Ok(Text {
            params: params?.join(", "),
            result: result.map(|ty| text(resolve, ty)).transpose()?,
        })
    }
}

fn text(resolve: &Resolve, ty: &Type) -> Result<String> {
    let of = |ty: &Type| text(resolve, ty);
    let or_none = |ty: &Option<Type>| ty.as_ref().map_or(Ok("_".to_owned()), of);
    if let Type::ErrorContext = ty {
        bail!("has an `error-context` in its signature");
    }
    let id = match primitive(*ty) {
        Ok(name) => return Ok(name.to_owned()),
        Err(id) => id,
    };
    Ok(match &resolve.types[id].kind {
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)?),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)?),
        TypeDefKind::Result(result) => {
            format!(
                "result<{}, {}>",
                or_none(&result.ok)?,
                or_none(&result.err)?
            )
        }
        TypeDefKind::Tuple(tuple) => {
            let types: Result<Vec<_>> = tuple.types.iter().map(of).collect();
            format!("tuple<{}>", types?.join(", "))
        }
        TypeDefKind::Handle(_) => match reason(resolve, ty) {
            Some(reason) => bail!("{reason}"),
            None => {
                bail!("has a resource in its signature, which can be lowered in an interface only")
            }
        },
        _ => bail!(
            "is of the world itself and has a type with a name in its signature, which can be lowered in an interface only"
        ),
    })
}
