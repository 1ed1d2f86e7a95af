//! The names of pipes, made from the structure of their payloads: two pipes have the same name if and only if their payloads
//! are structurally equal.
//!
//! The rule, which is part of the ABI and can never change:
//! - The name is `stream-` or `future-`, then the payload. No payload is `unit`; a primitive is its WIT name; a `list`,
//!   `option`, `stream` or `future` of something that is spelled out is spelled out (`stream-list-u8`). Anything else is
//!   its constructor, `-x`, and the first 16 hexadecimal digits of the SHA-256 of its description.
//! - The description is WIT without spaces: `list<D>`, `option<D>`, `tuple<D,D>`, `result<D,D>` (an absent side is `_`),
//!   `stream<D>`, `stream`, `future<D>`, `future`, `record{a:D,b:D}`, `variant{a(D),b}`, `enum{a,b}`, `flags{a,b}`,
//!   `own<R>`. Aliases are looked through, a map is a list of tuples, a fixed-length list a tuple.
//! - `R` is a resource as seen from the interface that the pipe is in: its name if that interface defines it,
//!   `interface/name` if it is of the same package, else `namespace:package/interface@version/name`.
//! - A description of more than 64 bytes stands, inside another, as `#` and the first 16 digits of its own SHA-256.

use crate::place::{Place, Places, origin};
use crate::primitive::primitive;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId};

/// The longest description that is spelled out inside another one. Shared parts would make descriptions grow exponentially.
const SPELLED_OUT: usize = 64;

/// Names pipes and describes types, as seen from one place. `None`: a place without resources.
pub(crate) struct Namer<'a> {
    pub resolve: &'a Resolve,
    pub places: &'a Places,
    pub seen_from: Option<Place>,
    memo: HashMap<TypeId, String>,
}

impl<'a> Namer<'a> {
    pub fn new(resolve: &'a Resolve, places: &'a Places, seen_from: Option<Place>) -> Self {
        Namer {
            resolve,
            places,
            seen_from,
            memo: HashMap::new(),
        }
    }

    /// The name of the pipe that `kind`, a stream or a future, becomes.
    pub fn pipe(&mut self, kind: &TypeDefKind) -> String {
        let (head, payload) = match kind {
            TypeDefKind::Stream(payload) => ("stream", payload),
            TypeDefKind::Future(payload) => ("future", payload),
            _ => unreachable!("only streams and futures become pipes"),
        };
        match payload {
            None => format!("{head}-unit"),
            Some(payload) => format!("{head}-{}", self.payload(*payload)),
        }
    }

    fn payload(&mut self, ty: Type) -> String {
        if let Some(spelled) = self.spelled(ty) {
            return spelled;
        }
        let description = self.describe(ty);
        let head: String = description
            .chars()
            .take_while(char::is_ascii_lowercase)
            .collect();
        format!("{head}-x{}", hash(&description))
    }

    /// The name of a primitive, or of constructors with one argument around one.
    fn spelled(&self, ty: Type) -> Option<String> {
        let id = match primitive(ty) {
            Ok(name) => return Some(name.to_owned()),
            Err(id) => origin(self.resolve, id),
        };
        let (head, inner) = match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => return self.spelled(*ty),
            TypeDefKind::List(ty) => ("list", *ty),
            TypeDefKind::Option(ty) => ("option", *ty),
            TypeDefKind::Stream(Some(ty)) => ("stream", *ty),
            TypeDefKind::Future(Some(ty)) => ("future", *ty),
            TypeDefKind::Stream(None) => return Some("stream-unit".to_owned()),
            TypeDefKind::Future(None) => return Some("future-unit".to_owned()),
            _ => return None,
        };
        Some(format!("{head}-{}", self.spelled(inner)?))
    }

    /// The whole description of `ty`.
    pub fn describe(&mut self, ty: Type) -> String {
        let id = match primitive(ty) {
            Ok(name) => return name.to_owned(),
            Err(id) => origin(self.resolve, id),
        };
        if let Some(description) = self.memo.get(&id) {
            return description.clone();
        }
        let resolve = self.resolve;
        let description = match &resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.describe(*ty),
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                let fields: Vec<_> = fields
                    .map(|field| format!("{}:{}", field.name, self.part(field.ty)))
                    .collect();
                format!("record{{{}}}", fields.join(","))
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| match case.ty {
                    Some(ty) => format!("{}({})", case.name, self.part(ty)),
                    None => case.name.clone(),
                });
                let cases: Vec<_> = cases.collect();
                format!("variant{{{}}}", cases.join(","))
            }
            TypeDefKind::Enum(cases) => {
                let cases: Vec<_> = cases.cases.iter().map(|case| case.name.as_str()).collect();
                format!("enum{{{}}}", cases.join(","))
            }
            TypeDefKind::Flags(flags) => {
                let flags: Vec<_> = flags.flags.iter().map(|flag| flag.name.as_str()).collect();
                format!("flags{{{}}}", flags.join(","))
            }
            TypeDefKind::Tuple(tuple) => {
                let parts: Vec<_> = tuple.types.iter().map(|ty| self.part(*ty)).collect();
                format!("tuple<{}>", parts.join(","))
            }
            TypeDefKind::FixedLengthList(ty, length) => {
                let part = self.part(*ty);
                format!("tuple<{}>", vec![part; *length as usize].join(","))
            }
            TypeDefKind::Map(key, value) => {
                let pair = format!("tuple<{},{}>", self.part(*key), self.part(*value));
                format!("list<{}>", shortened(pair))
            }
            TypeDefKind::List(ty) => format!("list<{}>", self.part(*ty)),
            TypeDefKind::Option(ty) => format!("option<{}>", self.part(*ty)),
            TypeDefKind::Result(result) => {
                let mut side =
                    |ty: Option<Type>| ty.map_or_else(|| "_".to_owned(), |ty| self.part(ty));
                let (ok, err) = (side(result.ok), side(result.err));
                format!("result<{ok},{err}>")
            }
            TypeDefKind::Stream(Some(ty)) => format!("stream<{}>", self.part(*ty)),
            TypeDefKind::Future(Some(ty)) => format!("future<{}>", self.part(*ty)),
            TypeDefKind::Stream(None) => "stream".to_owned(),
            TypeDefKind::Future(None) => "future".to_owned(),
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                format!("own<{}>", self.resource(*resource))
            }
            TypeDefKind::Resource | TypeDefKind::Unknown => {
                unreachable!("no value has the type of a bare resource")
            }
        };
        self.memo.insert(id, description.clone());
        description
    }

    fn part(&mut self, ty: Type) -> String {
        shortened(self.describe(ty))
    }

    fn resource(&self, id: TypeId) -> String {
        let id = origin(self.resolve, id);
        let name = self.resolve.types[id].name.as_deref().unwrap_or_default();
        let owner = self.places.owner(self.resolve, id);
        if owner == self.seen_from {
            return name.to_owned();
        }
        let package = |place| match place {
            Some(Place::Interface(id)) => self.resolve.interfaces[id].package,
            Some(Place::World) => self.resolve.worlds[self.places.world].package,
            None => None,
        };
        match owner {
            Some(Place::Interface(id)) if package(owner) == package(self.seen_from) => {
                let interface = self.resolve.interfaces[id].name.as_deref();
                format!("{}/{name}", interface.unwrap_or(self.places.label(id)))
            }
            Some(place) => format!("{}/{name}", self.places.path(self.resolve, place)),
            None => unreachable!("every resource is defined in some place"),
        }
    }
}

fn shortened(description: String) -> String {
    if description.len() > SPELLED_OUT {
        format!("#{}", hash(&description))
    } else {
        description
    }
}

fn hash(description: &str) -> String {
    let digest = Sha256::digest(description.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The descriptions and names of the types in an interface `api`, as seen from there.
    fn named(types: &str) -> Vec<(String, String)> {
        let mut resolve = Resolve::default();
        let text = format!(
            "package test:names@1.0.0;
             interface other {{ resource far; }}
             interface api {{ use other.{{far}}; use dep:lib/api@2.0.0.{{farther}}; resource near; {types} }}
             world w {{ import api; }}
             package dep:lib@2.0.0 {{ interface api {{ resource farther; }} }}"
        );
        let package = resolve.push_source("names.wit", &text).unwrap();
        let places = Places::of(&resolve, resolve.packages[package].worlds["w"]);
        let api = resolve.packages[package].interfaces["api"];
        let mut namer = Namer::new(&resolve, &places, Some(Place::Interface(api)));
        let named = resolve.interfaces[api]
            .types
            .iter()
            .filter(|(name, _)| name.starts_with("t"));
        named
            .map(|(_, id)| {
                let pipe = namer.pipe(&TypeDefKind::Stream(Some(Type::Id(*id))));
                (namer.describe(Type::Id(*id)), pipe)
            })
            .collect()
    }

    #[test]
    fn names_and_descriptions_never_change() {
        let types = "
            type t1 = u32;
            type t2 = option<list<t1>>;
            type t3 = tuple<u8, string>;
            type t4 = result<own<near>, tuple<own<far>, own<farther>>>;
            record r { a: t1, b: list<far> }
            type t5 = r;
            variant v { a(r), B, c(stream) }
            type t6 = v;
            type t7 = map<string, list<u8, 2>>;
        ";
        let expected = [
            ("u32", "stream-u32"),
            ("option<list<u32>>", "stream-option-list-u32"),
            ("tuple<u8,string>", "stream-tuple-xbad65ca5925285bf"),
            (
                "result<own<near>,tuple<own<other/far>,own<dep:lib/api@2.0.0/farther>>>",
                "stream-result-xb2fb4f7e21f83d5a",
            ),
            (
                "record{a:u32,b:list<own<other/far>>}",
                "stream-record-x85661839c08e471b",
            ),
            (
                "variant{a(record{a:u32,b:list<own<other/far>>}),B,c(stream)}",
                "stream-variant-xeada9f0302c8b10d",
            ),
            (
                "list<tuple<string,tuple<u8,u8>>>",
                "stream-list-x4aa70b4bc808867d",
            ),
        ];
        let expected =
            expected.map(|(description, name)| (description.to_owned(), name.to_owned()));
        assert_eq!(named(types), expected);
    }
}
