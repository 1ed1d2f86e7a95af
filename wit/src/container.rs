//! An interface, or the split world, while it is being filled.

use crate::pipe_name::Namer;
use crate::place::Place;
use crate::refused::{Reason, Refused};
use std::collections::{HashMap, HashSet};
use wit_parser::{
    Docs, Function, IndexMap, Resolve, Stability, Type, TypeDef, TypeDefKind, TypeId, TypeOwner,
};

/// The two resources of a pipe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub reader: TypeId,
    pub writer: TypeId,
}

/// The types and functions of an interface, or the types of the world, under construction.
pub(crate) struct Container<'a> {
    /// The original. None for the interface of a pipe.
    pub place: Option<Place>,
    /// Who owns the types.
    pub owner: TypeOwner,
    pub types: IndexMap<String, TypeId>,
    pub functions: IndexMap<String, Function>,
    /// The type that each named type of `place` has become.
    pub named: HashMap<TypeId, TypeId>,
    /// The type that each anonymous type has become.
    pub anonymous: HashMap<TypeId, Type>,
    /// The pipes that are defined here, by name.
    pub hosted: IndexMap<String, Ends>,
    /// The records, variants, enums and flags that are named here, by their description.
    pub described: HashMap<String, TypeId>,
    pub namer: Namer<'a>,
    pub names: Names,
    /// Whether other interfaces use what is here.
    pub shared: bool,
    aliases: HashMap<TypeId, TypeId>,
    owns: HashMap<TypeId, TypeId>,
}

/// The names that are in use in one namespace.
pub(crate) struct Names {
    path: String,
    taken: HashSet<String>,
}

impl Names {
    /// The names of the namespace that messages call `path`. `kept` are in use from the start.
    pub fn new<'n>(path: String, kept: impl Iterator<Item = &'n str>) -> Self {
        Names {
            path,
            taken: kept.map(plain).collect(),
        }
    }

    /// Reserves `name`, as in [`Function::name`], for an item that must have it.
    pub fn claim(&mut self, name: &str) -> Result<(), Refused> {
        if self.taken.insert(plain(name)) {
            Ok(())
        } else {
            Err(Refused {
                item: self.path.clone(),
                reason: Reason::NameTaken {
                    name: name.to_owned(),
                },
            })
        }
    }

    /// Reserves `wanted` or, if that is in use, a name that starts with it.
    fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut count = 1;
        while !self.taken.insert(plain(&name)) {
            count += 1;
            // No hyphen: wasmtime 31, among others, requires a letter after each.
            name = format!("{wanted}{count}");
        }
        name
    }

    /// Adds the functions that the one called `name` has become.
    pub fn replace(
        &mut self,
        name: &str,
        by: Vec<Function>,
        functions: &mut IndexMap<String, Function>,
    ) -> Result<(), Refused> {
        for function in by {
            if function.name != name {
                self.claim(&function.name)?;
            }
            functions.insert(function.name.clone(), function);
        }
        Ok(())
    }
}

/// The key by which names are compared. Two names of a component do not differ by case, by hyphens, or by whether a
/// function of a resource is static.
fn plain(name: &str) -> String {
    let name = name
        .strip_prefix("[method]")
        .or(name.strip_prefix("[static]"))
        .unwrap_or(name);
    name.replace('-', "").to_ascii_lowercase()
}

impl<'a> Container<'a> {
    pub fn new(place: Option<Place>, owner: TypeOwner, names: Names, namer: Namer<'a>) -> Self {
        Container {
            place,
            owner,
            types: IndexMap::default(),
            functions: IndexMap::default(),
            named: HashMap::new(),
            anonymous: HashMap::new(),
            hosted: IndexMap::default(),
            described: HashMap::new(),
            namer,
            names,
            shared: true,
            aliases: HashMap::new(),
            owns: HashMap::new(),
        }
    }

    /// The `use` of `target`, a type of another interface, under `wanted` or, if that is taken, a name that starts with it.
    pub fn alias(&mut self, to: &mut Resolve, target: TypeId, wanted: &str) -> TypeId {
        if let Some(alias) = self.aliases.get(&target) {
            return *alias;
        }
        let name = self.names.free(wanted);
        let alias = self.define(to, &name, TypeDefKind::Type(Type::Id(target)), None);
        self.aliases.insert(target, alias);
        alias
    }

    /// A new named type here, whose name has been claimed.
    pub fn define(
        &mut self,
        to: &mut Resolve,
        name: &str,
        kind: TypeDefKind,
        docs: Option<&str>,
    ) -> TypeId {
        let id = self.make(to, name, kind, docs);
        self.types.insert(name.to_owned(), id);
        id
    }

    /// The same, not yet placed among the types.
    pub fn make(
        &self,
        to: &mut Resolve,
        name: &str,
        kind: TypeDefKind,
        docs: Option<&str>,
    ) -> TypeId {
        to.types.alloc(TypeDef {
            name: Some(name.to_owned()),
            kind,
            owner: self.owner,
            docs: Docs {
                contents: docs.map(str::to_owned),
            },
            stability: Stability::Unknown,
            span: Default::default(),
            external_id: None,
        })
    }

    /// Gives the ends of a hosted pipe their place among the types, if they have none yet: before the first type that
    /// mentions them.
    pub fn place_ends(&mut self, to: &Resolve, ends: Ends) {
        for id in [ends.reader, ends.writer] {
            let name = to.types[id].name.clone().unwrap_or_default();
            self.types.entry(name).or_insert(id);
        }
    }

    /// `own<resource>`.
    pub fn own(&mut self, to: &mut Resolve, resource: TypeId) -> Type {
        let make = || anonymous(to, TypeDefKind::Handle(wit_parser::Handle::Own(resource)));
        Type::Id(*self.owns.entry(resource).or_insert_with(make))
    }

    /// Adds a function, whose name nothing else may have.
    pub fn add(&mut self, function: Function) -> Result<(), Refused> {
        self.names.claim(&function.name)?;
        self.functions.insert(function.name.clone(), function);
        Ok(())
    }
}

/// A new type without a name.
pub(crate) fn anonymous(to: &mut Resolve, kind: TypeDefKind) -> TypeId {
    to.types.alloc(TypeDef {
        name: None,
        kind,
        owner: TypeOwner::None,
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Default::default(),
        external_id: None,
    })
}
