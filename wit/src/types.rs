//! Rewrites types: those that WASI 0.2 does not know become types that it knows, and all others are copied around them.

use crate::builder::Builder;
use crate::container::{Container, anonymous};
use crate::names::READER;
use crate::place::{Place, is_pipe};
use crate::plan::Home;
use wit_parser::{Handle, Stability, Tuple, Type, TypeDef, TypeDefKind, TypeId};

impl<'a> Builder<'a> {
    /// The type in `c` for a mention of `ty` in the place of `c`.
    pub(crate) fn ty(&mut self, c: &mut Container<'a>, ty: Type) -> Type {
        let Type::Id(id) = ty else { return ty };
        if let Some(done) = c.anonymous.get(&id) {
            return *done;
        }
        let from = self.from;
        let def = &from.types[id];
        let new = match (&def.name, &def.kind) {
            // An alias of a stream becomes an alias of a resource, so a value of it becomes a handle.
            (Some(_), _) if is_pipe(from, id) => {
                let resource = self.named(c, id);
                c.own(&mut self.to, resource)
            }
            (Some(_), _) => return Type::Id(self.named(c, id)),
            (None, TypeDefKind::Stream(_) | TypeDefKind::Future(_)) => {
                let reader = self.reader(c, id);
                c.own(&mut self.to, reader)
            }
            (None, TypeDefKind::Type(ty)) => self.ty(c, *ty),
            (None, kind) => {
                let kind = self.kind(c, kind);
                Type::Id(anonymous(&mut self.to, kind))
            }
        };
        c.anonymous.insert(id, new);
        new
    }

    /// The type in `c` for the named type `id`.
    pub(crate) fn named(&mut self, c: &mut Container<'a>, id: TypeId) -> TypeId {
        if let Some(done) = c.named.get(&id) {
            return *done;
        }
        let from = self.from;
        let def = &from.types[id];
        if self.plan.places.owner(from, id) != c.place {
            // Another interface's: it has been built, or it does not move.
            return self.types.get(&id).copied().unwrap_or(id);
        }
        let kind = match (id, &def.kind) {
            (id, TypeDefKind::Stream(_) | TypeDefKind::Future(_)) => {
                TypeDefKind::Type(Type::Id(self.reader(c, id)))
            }
            (_, TypeDefKind::Type(Type::Id(of))) => TypeDefKind::Type(Type::Id(self.named(c, *of))),
            (_, kind) => self.kind(c, kind),
        };
        let new = self.to.types.alloc(TypeDef {
            name: def.name.clone(),
            kind,
            owner: c.owner,
            docs: def.docs.clone(),
            stability: self.stability(&def.stability, c),
            span: def.span,
            external_id: None,
        });
        c.named.insert(id, new);
        new
    }

    /// The definition that `kind` becomes.
    fn kind(&mut self, c: &mut Container<'a>, kind: &TypeDefKind) -> TypeDefKind {
        match kind {
            TypeDefKind::Record(record) => {
                let mut record = record.clone();
                for field in &mut record.fields {
                    field.ty = self.ty(c, field.ty);
                }
                TypeDefKind::Record(record)
            }
            TypeDefKind::Variant(variant) => {
                let mut variant = variant.clone();
                for case in &mut variant.cases {
                    case.ty = case.ty.map(|ty| self.ty(c, ty));
                }
                TypeDefKind::Variant(variant)
            }
            TypeDefKind::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.ty(c, *ty)).collect();
                TypeDefKind::Tuple(Tuple { types })
            }
            TypeDefKind::Result(result) => TypeDefKind::Result(wit_parser::Result_ {
                ok: result.ok.map(|ty| self.ty(c, ty)),
                err: result.err.map(|ty| self.ty(c, ty)),
            }),
            TypeDefKind::Map(key, value) => {
                let types = vec![self.ty(c, *key), self.ty(c, *value)];
                TypeDefKind::List(Type::Id(anonymous(
                    &mut self.to,
                    TypeDefKind::Tuple(Tuple { types }),
                )))
            }
            TypeDefKind::FixedLengthList(ty, length) => {
                let ty = self.ty(c, *ty);
                TypeDefKind::Tuple(Tuple {
                    types: vec![ty; *length as usize],
                })
            }
            TypeDefKind::Option(ty) => TypeDefKind::Option(self.ty(c, *ty)),
            TypeDefKind::List(ty) => TypeDefKind::List(self.ty(c, *ty)),
            TypeDefKind::Type(ty) => TypeDefKind::Type(self.ty(c, *ty)),
            TypeDefKind::Handle(Handle::Own(id)) => {
                TypeDefKind::Handle(Handle::Own(self.named(c, *id)))
            }
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                TypeDefKind::Handle(Handle::Borrow(self.named(c, *id)))
            }
            TypeDefKind::Resource | TypeDefKind::Flags(_) | TypeDefKind::Enum(_) => kind.clone(),
            TypeDefKind::Stream(_) | TypeDefKind::Future(_) | TypeDefKind::Unknown => {
                unreachable!("streams and futures have become resources")
            }
        }
    }

    /// The resource that a handle to the reading end of the pipe `id`, a stream or future, names in `c`.
    pub(crate) fn reader(&mut self, c: &mut Container<'a>, id: TypeId) -> TypeId {
        let pipe = &self.plan.pipes[&id];
        let target = match pipe.home {
            Home::Bytes => self.core.reader,
            Home::Pipes => self.pipes[&pipe.name].ends.reader,
            Home::Place(place) if c.place == Some(place) => {
                let ends = c.hosted[&pipe.name];
                c.place_ends(&self.to, ends);
                return ends.reader;
            }
            Home::Place(Place::Interface(home)) => {
                self.hosted[&(Place::Interface(home), pipe.name.clone())]
                    .ends
                    .reader
            }
            Home::Place(Place::World) => {
                unreachable!("nothing but the world mentions what the world defines")
            }
        };
        c.alias(&mut self.to, target, &format!("{}-{READER}", pipe.name))
    }

    /// The annotation in a package of a moved version. `@since` of the very version that moves becomes the moved version, since a
    /// pre-release is earlier.
    pub(crate) fn stability(&self, stability: &Stability, c: &Container<'a>) -> Stability {
        self.stability_in(stability, c.place)
    }
}
