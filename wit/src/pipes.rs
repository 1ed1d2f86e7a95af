//! Builds pipes: interfaces and resources in the shape of `isyswasfa:core/bytes`, around any payload.

use crate::builder::{Builder, BuiltPipe};
use crate::container::{Container, Ends, anonymous};
use crate::names::{READER, STATUS_ALIAS, WRITER, function_name};
use crate::place::origin;
use crate::plan::{Home, PlannedPipe};
use crate::refused::Refused;
use std::collections::{HashMap, HashSet};
use wit_parser::{
    Docs, Function, FunctionKind, Handle, Resolve, Result_, Tuple, Type, TypeDefKind, TypeId,
};

/// The part of a container's names that belongs to one pipe.
struct Scope {
    /// The prefix of its names: empty in an interface that is nothing but the pipe, else `stream-own-x…-`.
    prefix: String,
    /// The types made for this pipe, by their description. The pipe's contents depend on nothing else.
    made: HashMap<String, TypeId>,
    done: HashMap<TypeId, Type>,
    resources: HashMap<TypeId, TypeId>,
}

impl<'a> Builder<'a> {
    /// Defines the resources of the pipes that `c` hosts. Their functions follow with [`Builder::host_pipes`], when the
    /// types that they mention are there.
    pub(crate) fn claim_pipes(&mut self, c: &mut Container<'a>) -> Result<(), Refused> {
        let Some(place) = c.place else { return Ok(()) };
        for pipe in self.plan.pipes.values() {
            if pipe.home == Home::Place(place) && !c.hosted.contains_key(&pipe.name) {
                let ends = self.define_ends(c, &format!("{}-", pipe.name), pipe)?;
                c.hosted.insert(pipe.name.clone(), ends);
            }
        }
        Ok(())
    }

    /// Adds the functions of the pipes that `c` hosts.
    pub(crate) fn host_pipes(&mut self, c: &mut Container<'a>) -> Result<(), Refused> {
        let Some(place) = c.place else { return Ok(()) };
        if c.hosted.is_empty() {
            return Ok(());
        }
        for ends in c.hosted.values().copied().collect::<Vec<_>>() {
            c.place_ends(&self.to, ends);
        }
        let (types, _) = crate::survey::definitions(self.from, &self.plan.places, place);
        for (_, id) in types {
            if is_nominal(&self.from.types[origin(self.from, id)].kind) {
                let description = c.namer.describe(Type::Id(id));
                let id = self.named(c, id);
                c.described.entry(description).or_insert(id);
            }
        }
        let mut filled = HashSet::new();
        for pipe in self.plan.pipes.values() {
            if pipe.home != Home::Place(place) || !filled.insert(&pipe.name) {
                continue;
            }
            let ends = c.hosted[&pipe.name];
            let built = self.fill(c, format!("{}-", pipe.name), ends, pipe)?;
            if c.shared {
                self.hosted.insert((place, pipe.name.clone()), built);
            }
        }
        Ok(())
    }

    /// Fills `c`, which is the interface of `pipe` alone.
    pub(crate) fn fill_pipe(
        &mut self,
        c: &mut Container<'a>,
        pipe: &PlannedPipe,
    ) -> Result<BuiltPipe, Refused> {
        let ends = self.define_ends(c, "", pipe)?;
        c.place_ends(&self.to, ends);
        self.fill(c, String::new(), ends, pipe)
    }

    fn define_ends(
        &mut self,
        c: &mut Container<'a>,
        prefix: &str,
        pipe: &PlannedPipe,
    ) -> Result<Ends, Refused> {
        let kind = if pipe.is_stream { "stream" } else { "future" };
        let mut end = |what: &str, c: &mut Container<'a>| {
            let name = format!("{prefix}{what}");
            c.names.claim(&name)?;
            let docs = format!("The {what} of a {kind}, in the shape of `isyswasfa:core/bytes`.");
            Ok(c.make(&mut self.to, &name, TypeDefKind::Resource, Some(&docs)))
        };
        Ok(Ends {
            reader: end(READER, c)?,
            writer: end(WRITER, c)?,
        })
    }

    fn fill(
        &mut self,
        c: &mut Container<'a>,
        prefix: String,
        ends: Ends,
        pipe: &PlannedPipe,
    ) -> Result<BuiltPipe, Refused> {
        let mut scope = Scope {
            prefix,
            made: HashMap::new(),
            done: HashMap::new(),
            resources: HashMap::new(),
        };
        let payload = pipe
            .payload
            .map(|ty| self.payload(c, &mut scope, ty))
            .transpose()?;
        let items = match payload {
            Some(ty) => Type::Id(anonymous(&mut self.to, TypeDefKind::List(ty))),
            None => Type::U32,
        };
        let status = match scope.prefix.as_str() {
            "" => "status",
            _ => STATUS_ALIAS,
        };
        let status = c.alias(&mut self.to, self.core.status, status);
        let model: Vec<Function> = self.to.interfaces[self.core.bytes]
            .functions
            .values()
            // Only byte streams can take back what was read.
            .filter(|function| function.item_name() != "unread")
            .cloned()
            .collect();
        let mut shape = Shape {
            core: self.core,
            ends,
            status,
            items,
            done: HashMap::new(),
        };
        for function in model {
            let item = function.item_name().to_owned();
            let mut new = Function {
                docs: Docs::default(),
                ..function
            };
            let resource = match new.kind.resource_mut() {
                Some(id) => {
                    let what = if *id == self.core.reader {
                        READER
                    } else {
                        WRITER
                    };
                    *id = shape.end(*id);
                    Some(format!("{}{what}", scope.prefix))
                }
                None => None,
            };
            let item = match new.kind {
                FunctionKind::Freestanding => format!("{}{item}", scope.prefix),
                _ => item,
            };
            new.name = function_name(&new.kind, resource.as_deref(), &item);
            for param in &mut new.params {
                param.ty = shape.ty(&mut self.to, param.ty);
            }
            new.result = new.result.map(|ty| shape.ty(&mut self.to, ty));
            c.add(new)?;
        }
        Ok(BuiltPipe { ends, payload })
    }

    /// The payload `ty`, with the same structure wherever it is mentioned. A type that `c` names is that type in `c`. Every other
    /// record, variant, enum or flags gets a name of its own.
    fn payload(
        &mut self,
        c: &mut Container<'a>,
        scope: &mut Scope,
        ty: Type,
    ) -> Result<Type, Refused> {
        let id = match ty {
            Type::Id(id) => origin(self.from, id),
            primitive => return Ok(primitive),
        };
        if let Some(done) = scope.done.get(&id) {
            return Ok(*done);
        }
        let from = self.from;
        let kind = match &from.types[id].kind {
            TypeDefKind::Type(ty) => return self.payload(c, scope, *ty),
            TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                let reader = self.reader(c, id);
                return Ok(c.own(&mut self.to, reader));
            }
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let resource = self.payload_resource(c, scope, origin(from, *resource))?;
                return Ok(c.own(&mut self.to, resource));
            }
            kind if is_nominal(kind) => {
                let description = c.namer.describe(Type::Id(id));
                if let Some(named) = c
                    .described
                    .get(&description)
                    .or_else(|| scope.made.get(&description))
                {
                    return Ok(Type::Id(*named));
                }
                let new = match kind.clone() {
                    TypeDefKind::Record(mut record) => {
                        for field in &mut record.fields {
                            field.ty = self.payload(c, scope, field.ty)?;
                            field.docs = Docs::default();
                        }
                        TypeDefKind::Record(record)
                    }
                    TypeDefKind::Variant(mut variant) => {
                        for case in &mut variant.cases {
                            case.ty = case.ty.map(|ty| self.payload(c, scope, ty)).transpose()?;
                            case.docs = Docs::default();
                        }
                        TypeDefKind::Variant(variant)
                    }
                    TypeDefKind::Enum(mut cases) => {
                        cases
                            .cases
                            .iter_mut()
                            .for_each(|case| case.docs = Docs::default());
                        TypeDefKind::Enum(cases)
                    }
                    TypeDefKind::Flags(mut flags) => {
                        flags
                            .flags
                            .iter_mut()
                            .for_each(|flag| flag.docs = Docs::default());
                        TypeDefKind::Flags(flags)
                    }
                    _ => unreachable!("all others need no name"),
                };
                // No hyphen: wasmtime 31, among others, requires a letter after each.
                let name = format!("{}{}{}", scope.prefix, kind.as_str(), scope.made.len() + 1);
                c.names.claim(&name)?;
                let named = c.define(&mut self.to, &name, new, None);
                scope.made.insert(description, named);
                return Ok(Type::Id(named));
            }
            TypeDefKind::Tuple(tuple) => {
                let types = tuple
                    .types
                    .iter()
                    .map(|ty| self.payload(c, scope, *ty))
                    .collect::<Result<_, _>>()?;
                TypeDefKind::Tuple(Tuple { types })
            }
            TypeDefKind::FixedLengthList(ty, length) => {
                let ty = self.payload(c, scope, *ty)?;
                TypeDefKind::Tuple(Tuple {
                    types: vec![ty; *length as usize],
                })
            }
            TypeDefKind::Map(key, value) => {
                let types = vec![
                    self.payload(c, scope, *key)?,
                    self.payload(c, scope, *value)?,
                ];
                TypeDefKind::List(Type::Id(anonymous(
                    &mut self.to,
                    TypeDefKind::Tuple(Tuple { types }),
                )))
            }
            TypeDefKind::List(ty) => TypeDefKind::List(self.payload(c, scope, *ty)?),
            TypeDefKind::Option(ty) => TypeDefKind::Option(self.payload(c, scope, *ty)?),
            TypeDefKind::Result(result) => TypeDefKind::Result(Result_ {
                ok: result.ok.map(|ty| self.payload(c, scope, ty)).transpose()?,
                err: result
                    .err
                    .map(|ty| self.payload(c, scope, ty))
                    .transpose()?,
            }),
            _ => unreachable!("borrows are refused, and no value has the type of a bare resource"),
        };
        let new = Type::Id(anonymous(&mut self.to, kind));
        scope.done.insert(id, new);
        Ok(new)
    }

    /// The type in `c` of a payload's resource, which is given by its definition.
    fn payload_resource(
        &mut self,
        c: &mut Container<'a>,
        scope: &mut Scope,
        resource: TypeId,
    ) -> Result<TypeId, Refused> {
        if let Some(done) = scope.resources.get(&resource) {
            return Ok(*done);
        }
        let place = c
            .place
            .expect("a pipe with resources is in the place of one of them");
        let (types, _) = crate::survey::definitions(self.from, &self.plan.places, place);
        let here = types
            .into_iter()
            .find(|(_, id)| origin(self.from, *id) == resource);
        let found = match here {
            Some((_, id)) => self.named(c, id),
            None => {
                let target = self.types.get(&resource).copied().unwrap_or(resource);
                let name = format!("{}resource{}", scope.prefix, scope.resources.len() + 1);
                c.names.claim(&name)?;
                c.define(
                    &mut self.to,
                    &name,
                    TypeDefKind::Type(Type::Id(target)),
                    None,
                )
            }
        };
        scope.resources.insert(resource, found);
        Ok(found)
    }
}

/// Whether values of `kind` must have a named type.
fn is_nominal(kind: &TypeDefKind) -> bool {
    use TypeDefKind::{Enum, Flags, Record, Variant};
    matches!(kind, Record(_) | Variant(_) | Enum(_) | Flags(_))
}

/// Turns the types of `isyswasfa:core/bytes` into those of another pipe.
struct Shape {
    core: crate::core::Core,
    ends: Ends,
    status: TypeId,
    /// The type in the place of `list<u8>`.
    items: Type,
    done: HashMap<TypeId, TypeId>,
}

impl Shape {
    fn end(&self, id: TypeId) -> TypeId {
        match id {
            _ if id == self.core.reader => self.ends.reader,
            _ if id == self.core.writer => self.ends.writer,
            _ if id == self.core.status => self.status,
            _ => unreachable!("`isyswasfa:core/bytes` has three types"),
        }
    }

    fn ty(&mut self, to: &mut Resolve, ty: Type) -> Type {
        let Type::Id(id) = ty else { return ty };
        if let Some(done) = self.done.get(&id) {
            return Type::Id(*done);
        }
        if to.types[id].name.is_some() {
            return Type::Id(self.end(id));
        }
        let kind = match to.types[id].kind.clone() {
            TypeDefKind::List(Type::U8) => return self.items,
            TypeDefKind::Handle(Handle::Own(id)) => TypeDefKind::Handle(Handle::Own(self.end(id))),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                TypeDefKind::Handle(Handle::Borrow(self.end(id)))
            }
            TypeDefKind::Result(result) => TypeDefKind::Result(Result_ {
                ok: result.ok.map(|ty| self.ty(to, ty)),
                err: result.err.map(|ty| self.ty(to, ty)),
            }),
            TypeDefKind::Tuple(tuple) => TypeDefKind::Tuple(Tuple {
                types: tuple.types.iter().map(|ty| self.ty(to, *ty)).collect(),
            }),
            TypeDefKind::Option(ty) => TypeDefKind::Option(self.ty(to, ty)),
            TypeDefKind::List(ty) => TypeDefKind::List(self.ty(to, ty)),
            kind => unreachable!("`isyswasfa:core/bytes` has no {}", kind.as_str()),
        };
        let new = anonymous(to, kind);
        self.done.insert(id, new);
        Type::Id(new)
    }
}
