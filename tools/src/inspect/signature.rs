//! Writes functions and types as WIT, and pipes as the streams and futures that they stand for.

use super::pipe;
use isyswasfa_wit::primitive;
use wit_parser::{
    Function, FunctionKind, Handle, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner,
};

pub(super) struct Speller<'a> {
    pub(super) resolve: &'a Resolve,
}

impl<'a> Speller<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Self {
        Self { resolve }
    }

    /// `handle`; of a resource, `request.get-method`.
    pub(super) fn name(&self, function: &Function) -> String {
        match function.kind.resource() {
            Some(resource) => {
                let resource = self.named(resource);
                match function.kind {
                    FunctionKind::Constructor(_) => resource,
                    _ => format!("{resource}.{}", function.item_name()),
                }
            }
            None => function.name.clone(),
        }
    }

    /// Whether the function is one of a pipe that is part of a user's interface.
    pub(super) fn is_of_pipe(&self, function: &Function) -> bool {
        match function.kind.resource() {
            Some(resource) => pipe::is_end(self.resolve, resource),
            None => function
                .result
                .is_some_and(|ty| pipe::are_ends(self.resolve, ty)),
        }
    }

    /// The signature of the async function that a start half belongs to.
    pub(super) fn async_signature(&self, start: &Function) -> String {
        let at_once = start.result.and_then(|ty| match ty {
            Type::Id(id) => match &self.resolve.types[id].kind {
                TypeDefKind::Result(result) => Some(result.ok),
                _ => None,
            },
            _ => None,
        });
        // A function that only looks like a half keeps its result.
        let result = at_once.unwrap_or(start.result);
        self.spelled("async func", start, result)
    }

    pub(super) fn signature(&self, keyword: &str, function: &Function) -> String {
        self.spelled(keyword, function, function.result)
    }

    fn spelled(&self, keyword: &str, function: &Function, result: Option<Type>) -> String {
        let (is_static, skipped) = match function.kind {
            FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => (true, 0),
            // Their first parameter is the resource itself.
            FunctionKind::Method(_) | FunctionKind::AsyncMethod(_) => (false, 1),
            _ => (false, 0),
        };
        let params = function.params.iter().skip(skipped);
        let params: Vec<_> = params
            .map(|param| format!("{}: {}", param.name, self.ty(param.ty)))
            .collect();
        let head = if is_static { "static " } else { "" };
        let mut text = format!("{head}{keyword}({})", params.join(", "));
        if let Some(result) =
            result.filter(|_| !matches!(function.kind, FunctionKind::Constructor(_)))
        {
            text = format!("{text} -> {}", self.ty(result));
        }
        text
    }

    pub(super) fn ty(&self, ty: Type) -> String {
        let id = match primitive(ty) {
            Ok(name) => return name.to_owned(),
            Err(id) => id,
        };
        let def = &self.resolve.types[id];
        // A pipe has its own names for the types of its payload.
        match &def.name {
            Some(_) if pipe::is_payload_type(self.resolve, def) => self.equal_elsewhere(def),
            Some(name) => name.clone(),
            None => self.kind(&def.kind),
        }
    }

    fn named(&self, id: TypeId) -> String {
        self.resolve.types[id].name.clone().unwrap_or_default()
    }

    /// The name of a type with the same structure in a user's interface, or else the structure.
    fn equal_elsewhere(&self, def: &TypeDef) -> String {
        let same = self.resolve.types.iter().find(|(_, other)| {
            let is_users = matches!(other.owner, TypeOwner::Interface(_) | TypeOwner::World(_))
                && !pipe::is_payload_type(self.resolve, other);
            is_users && other.name.is_some() && pipe::is_alike(&other.kind, &def.kind)
        });
        match same {
            Some((id, _)) => self.named(id),
            None => self.kind(&def.kind),
        }
    }

    fn kind(&self, kind: &TypeDefKind) -> String {
        let side = |ty: &Option<Type>| ty.map_or_else(|| "_".to_owned(), |ty| self.ty(ty));
        match kind {
            TypeDefKind::Type(ty) => self.ty(*ty),
            TypeDefKind::Handle(Handle::Own(resource)) => match pipe::spelled(self, *resource) {
                Some(pipe) => pipe,
                None => self.named(*resource),
            },
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                format!("borrow<{}>", self.named(*resource))
            }
            TypeDefKind::List(ty) => format!("list<{}>", self.ty(*ty)),
            TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", self.ty(*ty)),
            TypeDefKind::Map(key, value) => format!("map<{}, {}>", self.ty(*key), self.ty(*value)),
            TypeDefKind::Option(ty) => format!("option<{}>", self.ty(*ty)),
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<_> = tuple.types.iter().map(|ty| self.ty(*ty)).collect();
                format!("tuple<{}>", types.join(", "))
            }
            TypeDefKind::Result(result) => match (&result.ok, &result.err) {
                (None, None) => "result".to_owned(),
                (ok, None) => format!("result<{}>", side(ok)),
                (ok, err) => format!("result<{}, {}>", side(ok), side(err)),
            },
            TypeDefKind::Stream(None) => "stream".to_owned(),
            TypeDefKind::Stream(Some(ty)) => format!("stream<{}>", self.ty(*ty)),
            TypeDefKind::Future(None) => "future".to_owned(),
            TypeDefKind::Future(Some(ty)) => format!("future<{}>", self.ty(*ty)),
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                let fields: Vec<_> = fields
                    .map(|field| format!("{}: {}", field.name, self.ty(field.ty)))
                    .collect();
                format!("record {{ {} }}", fields.join(", "))
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| match case.ty {
                    Some(ty) => format!("{}({})", case.name, self.ty(ty)),
                    None => case.name.clone(),
                });
                format!("variant {{ {} }}", cases.collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Enum(cases) => {
                let cases: Vec<_> = cases.cases.iter().map(|case| case.name.as_str()).collect();
                format!("enum {{ {} }}", cases.join(", "))
            }
            TypeDefKind::Flags(flags) => {
                let flags: Vec<_> = flags.flags.iter().map(|flag| flag.name.as_str()).collect();
                format!("flags {{ {} }}", flags.join(", "))
            }
            // These always have a name.
            TypeDefKind::Resource => "resource".to_owned(),
            TypeDefKind::Unknown => "unknown".to_owned(),
        }
    }
}
