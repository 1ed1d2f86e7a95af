//! The syntax tree of a WIT file. Every range is in bytes of the file.

use std::ops::Range;

pub type Place = Range<usize>;

#[derive(Debug, Default)]
pub struct File {
    /// The `package` line at the top.
    pub package: Option<PackageName>,
    pub items: Vec<Item>,
    /// `package a:b { … }`.
    pub nested: Vec<Nested>,
}

#[derive(Debug)]
pub struct Nested {
    pub name: PackageName,
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub struct PackageName {
    pub range: Place,
    pub namespace: Id,
    pub name: Id,
    pub version: Option<Id>,
}

/// A name (without its `%`) or a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    pub text: String,
    pub range: Place,
}

#[derive(Debug)]
pub enum Item {
    /// `use wasi:io/streams@0.2.0 as s;`
    Use(TopUse),
    Interface(Interface),
    World(World),
}

#[derive(Debug)]
pub struct TopUse {
    pub range: Place,
    pub path: Path,
    pub rename: Option<Id>,
}

#[derive(Debug)]
pub struct Interface {
    pub name: Id,
    pub members: Vec<Member>,
}

/// What an interface is made of; a world has such members too.
#[derive(Debug)]
pub enum Member {
    Use(Use),
    Type(TypeDef),
    Func(Func),
}

/// `a:b/c@1.0.0`, or `c` alone.
#[derive(Debug)]
pub struct Path {
    pub range: Place,
    pub package: Option<(Id, Id)>,
    pub name: Id,
    pub version: Option<Id>,
}

#[derive(Debug)]
pub struct Use {
    /// With docs and annotations.
    pub range: Place,
    pub path: Path,
    pub names: Vec<UseName>,
}

#[derive(Debug)]
pub struct UseName {
    pub range: Place,
    pub name: Id,
    pub rename: Option<Id>,
}

impl UseName {
    /// What the name is called in the interface that uses it.
    pub fn local(&self) -> &Id {
        self.rename.as_ref().unwrap_or(&self.name)
    }
}

#[derive(Debug)]
pub struct TypeDef {
    pub range: Place,
    pub name: Id,
    pub kind: TypeDefKind,
}

#[derive(Debug)]
pub enum TypeDefKind {
    Alias(Type),
    Record(Vec<Field>),
    Variant(Vec<Case>),
    /// Enums and flags.
    Names(Vec<Id>),
    Resource(Vec<Func>),
}

#[derive(Debug)]
pub struct Field {
    pub name: Id,
    pub ty: Type,
}

#[derive(Debug)]
pub struct Case {
    pub name: Id,
    pub ty: Option<Type>,
}

#[derive(Debug)]
pub struct Func {
    /// With docs and annotations, up to the semicolon.
    pub range: Place,
    pub name: Id,
    /// The keyword `static`.
    pub is_static: Option<Place>,
    /// The keyword `async`.
    pub is_async: Option<Place>,
    pub is_constructor: bool,
    /// `func`, or `constructor`.
    pub keyword: Place,
    /// With the parentheses.
    pub params_range: Place,
    pub params: Vec<Param>,
    pub result: Option<Type>,
}

#[derive(Debug)]
pub struct Param {
    pub range: Place,
    pub name: Id,
    pub ty: Type,
}

#[derive(Debug)]
pub struct Type {
    pub range: Place,
    pub kind: TypeKind,
}

#[derive(Debug)]
pub enum TypeKind {
    /// A primitive or a name.
    Name(String),
    Own(Box<Type>),
    Borrow(Box<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// `list`, `option`, `tuple`, `stream`, `future`, `map` of these.
    Of(&'static str, Vec<Type>),
}

impl Type {
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            TypeKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Calls `visit` with the type and all types in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Type)) {
        visit(self);
        match &self.kind {
            TypeKind::Name(_) => {}
            TypeKind::Own(ty) | TypeKind::Borrow(ty) => ty.walk(visit),
            TypeKind::Result(ok, err) => ok.iter().chain(err).for_each(|ty| ty.walk(visit)),
            TypeKind::Of(_, types) => types.iter().for_each(|ty| ty.walk(visit)),
        }
    }
}

#[derive(Debug)]
pub struct World {
    pub name: Id,
    pub items: Vec<WorldItem>,
}

#[derive(Debug)]
pub enum WorldItem {
    Import(Extern),
    Export(Extern),
    Include(Include),
    Use(Use),
    Type(TypeDef),
}

#[derive(Debug)]
pub struct Extern {
    /// With docs and annotations.
    pub range: Place,
    pub kind: ExternKind,
}

#[derive(Debug)]
pub enum ExternKind {
    Path(Path),
    Func(Func),
    Interface(Interface),
}

#[derive(Debug)]
pub struct Include {
    pub range: Place,
    pub path: Path,
    /// The names before `as` in `with { … }`.
    pub renamed: Vec<Id>,
}

impl File {
    /// All items, those of nested packages too, each with its package.
    pub fn items(&self) -> impl Iterator<Item = (Option<&PackageName>, &Item)> {
        let top = self.items.iter().map(|item| (self.package.as_ref(), item));
        let nested = self
            .nested
            .iter()
            .flat_map(|nested| nested.items.iter().map(|item| (Some(&nested.name), item)));
        top.chain(nested)
    }

    /// Every place where names are declared and used: interfaces, inline ones too, and worlds.
    pub fn scopes(&self) -> Vec<Scope<'_>> {
        let mut scopes = Vec::new();
        for (_, item) in self.items() {
            match item {
                Item::Use(_) => {}
                Item::Interface(interface) => scopes.push(Scope::of_interface(interface)),
                Item::World(world) => {
                    scopes.push(Scope::of_world(world));
                    for item in &world.items {
                        if let WorldItem::Import(Extern {
                            kind: ExternKind::Interface(interface),
                            ..
                        })
                        | WorldItem::Export(Extern {
                            kind: ExternKind::Interface(interface),
                            ..
                        }) = item
                        {
                            scopes.push(Scope {
                                inline: true,
                                ..Scope::of_interface(interface)
                            });
                        }
                    }
                }
            }
        }
        scopes
    }
}

/// An interface or a world, as a place with `use`s, types and functions.
#[derive(Debug)]
pub struct Scope<'a> {
    pub name: &'a Id,
    pub is_world: bool,
    /// Written inside a world: nobody can `use` from it.
    pub inline: bool,
    pub uses: Vec<&'a Use>,
    pub types: Vec<&'a TypeDef>,
    /// Functions outside of resources.
    pub funcs: Vec<&'a Func>,
}

impl<'a> Scope<'a> {
    fn new(name: &'a Id, is_world: bool) -> Self {
        Self {
            name,
            is_world,
            inline: false,
            uses: Vec::new(),
            types: Vec::new(),
            funcs: Vec::new(),
        }
    }

    fn of_interface(interface: &'a Interface) -> Self {
        let mut scope = Self::new(&interface.name, false);
        for member in &interface.members {
            match member {
                Member::Use(member) => scope.uses.push(member),
                Member::Type(member) => scope.types.push(member),
                Member::Func(member) => scope.funcs.push(member),
            }
        }
        scope
    }

    fn of_world(world: &'a World) -> Self {
        let mut scope = Self::new(&world.name, true);
        for item in &world.items {
            match item {
                WorldItem::Use(item) => scope.uses.push(item),
                WorldItem::Type(item) => scope.types.push(item),
                WorldItem::Import(item) | WorldItem::Export(item) => {
                    if let ExternKind::Func(func) = &item.kind {
                        scope.funcs.push(func);
                    }
                }
                WorldItem::Include(_) => {}
            }
        }
        scope
    }

    /// All functions, those of resources with the resource.
    pub fn all_funcs(&self) -> Vec<(Option<&'a TypeDef>, &'a Func)> {
        let mut funcs: Vec<_> = self.funcs.iter().map(|func| (None, *func)).collect();
        for ty in &self.types {
            if let TypeDefKind::Resource(methods) = &ty.kind {
                funcs.extend(methods.iter().map(|method| (Some(*ty), method)));
            }
        }
        funcs
    }

    /// Every written type, and every type in one, with the signature it stands in, if it does.
    pub fn each_type(&self, visit: &mut dyn FnMut(&'a Type, Option<&'a Func>)) {
        for ty in &self.types {
            match &ty.kind {
                TypeDefKind::Alias(ty) => ty.walk(&mut |ty| visit(ty, None)),
                TypeDefKind::Record(fields) => fields
                    .iter()
                    .for_each(|field| field.ty.walk(&mut |ty| visit(ty, None))),
                TypeDefKind::Variant(cases) => {
                    cases
                        .iter()
                        .filter_map(|case| case.ty.as_ref())
                        .for_each(|ty| ty.walk(&mut |ty| visit(ty, None)));
                }
                TypeDefKind::Names(_) | TypeDefKind::Resource(_) => {}
            }
        }
        for (_, func) in self.all_funcs() {
            let types = func
                .params
                .iter()
                .map(|param| &param.ty)
                .chain(&func.result);
            types.for_each(|ty| ty.walk(&mut |ty| visit(ty, Some(func))));
        }
    }

    /// Where the name is written as a type.
    pub fn references(&self, name: &str) -> Vec<Place> {
        let mut found = Vec::new();
        self.each_type(&mut |ty, _| {
            if ty.name() == Some(name) {
                found.push(ty.range.clone());
            }
        });
        found
    }
}

/// Can it be written as a name without `%`?
pub fn is_name(text: &str) -> bool {
    const KEYWORDS: [&str; 20] = [
        "as",
        "async",
        "borrow",
        "constructor",
        "enum",
        "export",
        "flags",
        "from",
        "func",
        "future",
        "import",
        "include",
        "interface",
        "own",
        "package",
        "record",
        "resource",
        "static",
        "stream",
        "use",
    ];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !KEYWORDS.contains(&text)
        && !["type", "variant", "world", "with", "result", "list"].contains(&text)
}
