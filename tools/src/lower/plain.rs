//! The plain form of a split interface: as before the split, with async functions as ordinary ones.

use anyhow::{Context, Result, anyhow, bail};
use isyswasfa_wit::names::{
    InterfaceName, NAMESPACE, POLL, RESULT, START, TASKS, original_package,
};
use std::collections::HashMap;
use wit_parser::{
    Function, FunctionKind, Handle, Interface, InterfaceId, Package, PackageName, Resolve, Type,
    TypeDef, TypeDefKind, TypeId, TypeOwner,
};

/// An interface without the split.
pub struct Plain {
    /// Its full name.
    pub name: String,
    pub functions: Vec<PlainFunction>,
}

/// A function of a plain interface, and the functions that it was split into.
pub struct PlainFunction {
    pub plain: Function,
    pub split: SplitFunction,
}

#[expect(
    clippy::large_enum_variant,
    reason = "there are few of them, each looked at once"
)]
pub enum SplitFunction {
    /// The function is unchanged.
    Sync,
    Async {
        start: Function,
        /// A component that never waits for the result does not import this.
        result: Option<Function>,
    },
}

impl SplitFunction {
    /// The split form of the function `name` in the interface `split`.
    fn of(split: &Interface, name: &str) -> SplitFunction {
        let half = |half: &str| split.functions.get(&format!("{name}{half}")).cloned();
        match half(START) {
            None => SplitFunction::Sync,
            Some(start) => SplitFunction::Async {
                start,
                result: half(RESULT),
            },
        }
    }
}

/// Makes the plain form of the interface `split`, in `package` (`None`: its own package before the split).
///
/// # Errors
/// If something in it cannot be in a function of WASI 0.2: the error names it.
pub fn plain(
    resolve: &mut Resolve,
    split: InterfaceId,
    package: Option<PackageName>,
) -> Result<Plain> {
    let from = resolve.interfaces[split].clone();
    let short = from.name.clone().context("it has no name")?;
    let package = match package {
        Some(package) => package,
        None => {
            let package = from.package.context("it is of no package")?;
            original_package(&resolve.packages[package].name)
        }
    };
    let name = package.interface_id(&short);
    let made = resolve.package_names.get(&package);
    let made = made.and_then(|id| resolve.packages[*id].interfaces.get(&short).copied());
    if let Some(id) = made {
        // The interface is both imported and exported.
        let functions = resolve.interfaces[id].functions.values().cloned();
        let functions = functions.map(|plain| {
            let split = SplitFunction::of(&from, &plain.name);
            PlainFunction { plain, split }
        });
        let functions = functions.collect();
        return Ok(Plain { name, functions });
    }
    let to = resolve.interfaces.alloc(Interface {
        types: Default::default(),
        functions: Default::default(),
        package: None,
        clone_of: None,
        ..from.clone()
    });
    let mut copier = Copier {
        resolve,
        from: split,
        to,
        copies: HashMap::new(),
    };
    for id in from.types.values() {
        // Types that a function needs are copied again later, and refused there.
        let _ = copier.copy_id(*id);
    }
    let mut functions = Vec::new();
    for (name, function) in &from.functions {
        if name == POLL || name.ends_with(RESULT) {
            continue;
        }
        let plain_name = name.strip_suffix(START).unwrap_or(name).to_owned();
        let split = SplitFunction::of(&from, &plain_name);
        if function.kind != FunctionKind::Freestanding {
            bail!(
                "`{plain_name}` is of a resource, which only free functions can be lowered beside"
            );
        }
        let plain = copier.function(plain_name.clone(), function, &split);
        let plain = plain.with_context(|| format!("`{plain_name}`"))?;
        functions.push(PlainFunction { plain, split });
    }
    let of = functions.iter().map(|function| {
        let plain = function.plain.clone();
        (plain.name.clone(), plain)
    });
    resolve.interfaces[to].functions = of.collect();
    let id = match resolve.package_names.get(&package) {
        Some(id) => *id,
        None => {
            let id = resolve.packages.alloc(Package {
                name: package.clone(),
                docs: Default::default(),
                interfaces: Default::default(),
                worlds: Default::default(),
            });
            resolve.package_names.insert(package, id);
            id
        }
    };
    resolve.interfaces[to].package = Some(id);
    resolve.packages[id].interfaces.insert(short, to);
    Ok(Plain { name, functions })
}

struct Copier<'a> {
    resolve: &'a mut Resolve,
    from: InterfaceId,
    to: InterfaceId,
    copies: HashMap<TypeId, TypeId>,
}

impl Copier<'_> {
    fn function(
        &mut self,
        name: String,
        from: &Function,
        split: &SplitFunction,
    ) -> Result<Function> {
        let mut plain = Function {
            name,
            ..from.clone()
        };
        for param in &mut plain.params {
            param.ty = self.copy(param.ty)?;
        }
        plain.result = match split {
            SplitFunction::Sync => from.result,
            SplitFunction::Async { .. } => self.value(from)?,
        };
        plain.result = plain.result.map(|ty| self.copy(ty)).transpose()?;
        Ok(plain)
    }

    /// The `T` of the `result<T, pending>` that a start half returns.
    fn value(&self, start: &Function) -> Result<Option<Type>> {
        if let Some(Type::Id(id)) = start.result
            && let TypeDefKind::Result(result) = &self.resolve.types[id].kind
        {
            return Ok(result.ok);
        }
        Err(anyhow!("has not the type that the split gives it"))
    }

    fn copy(&mut self, ty: Type) -> Result<Type> {
        match ty {
            Type::Id(id) => self.copy_id(id).map(Type::Id),
            primitive => Ok(primitive),
        }
    }

    fn copy_id(&mut self, id: TypeId) -> Result<TypeId> {
        if let Some(copy) = self.copies.get(&id) {
            return Ok(*copy);
        }
        let def = self.resolve.types[id].clone();
        let is_own = def.owner == TypeOwner::Interface(self.from);
        let kind = match def.kind.clone() {
            TypeDefKind::Type(Type::Id(of)) if self.is_foreign(of) => self.foreign(of)?,
            kind => self.kind(kind)?,
        };
        let copy = self.resolve.types.alloc(TypeDef {
            kind,
            owner: if is_own {
                TypeOwner::Interface(self.to)
            } else {
                TypeOwner::None
            },
            name: def.name.clone().filter(|_| is_own),
            ..def
        });
        if let Some(name) = &self.resolve.types[copy].name {
            let name = name.clone();
            self.resolve.interfaces[self.to].types.insert(name, copy);
        }
        self.copies.insert(id, copy);
        Ok(copy)
    }

    /// Whether a type belongs to another interface.
    fn is_foreign(&self, id: TypeId) -> bool {
        matches!(self.resolve.types[id].owner, TypeOwner::Interface(owner) if owner != self.from)
    }

    /// A type that is used from another interface: used from there if the split has not moved that interface, otherwise copied.
    fn foreign(&mut self, id: TypeId) -> Result<TypeDefKind> {
        let TypeOwner::Interface(owner) = self.resolve.types[id].owner else {
            return self.kind(self.resolve.types[id].kind.clone());
        };
        let interface = self.resolve.id_of(owner).unwrap_or_default();
        let is_ours = interface.starts_with(NAMESPACE);
        if is_ours && interface != TASKS {
            bail!(
                "has a stream or a future in its signature, which only functions between guests can have"
            );
        }
        if !is_ours && !is_moved(&interface) {
            return Ok(TypeDefKind::Type(Type::Id(id)));
        }
        match self.resolve.types[id].kind.clone() {
            TypeDefKind::Resource => {
                let name = self.resolve.types[id].name.as_deref().unwrap_or_default();
                bail!(
                    "has the resource `{name}` of `{interface}` in its signature, which no host of WASI 0.2 has"
                )
            }
            TypeDefKind::Type(Type::Id(of)) if self.is_foreign(of) => self.foreign(of),
            kind => self.kind(kind),
        }
    }

    fn kind(&mut self, kind: TypeDefKind) -> Result<TypeDefKind> {
        let mut kind = kind;
        match &mut kind {
            TypeDefKind::Record(record) => {
                for field in &mut record.fields {
                    field.ty = self.copy(field.ty)?;
                }
            }
            TypeDefKind::Tuple(tuple) => {
                for ty in &mut tuple.types {
                    *ty = self.copy(*ty)?;
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &mut variant.cases {
                    case.ty = case.ty.map(|ty| self.copy(ty)).transpose()?;
                }
            }
            TypeDefKind::Result(result) => {
                result.ok = result.ok.map(|ty| self.copy(ty)).transpose()?;
                result.err = result.err.map(|ty| self.copy(ty)).transpose()?;
            }
            TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => {
                *ty = self.copy(*ty)?;
            }
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                *resource = self.copy_id(*resource)?;
            }
            TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => {}
            TypeDefKind::Resource => bail!(
                "has a resource of its own interface in its signature, which a function that was lowered cannot have"
            ),
            other => bail!(
                "has an unexpected kind of type in its signature, {}",
                other.as_str()
            ),
        }
        Ok(kind)
    }
}

/// Whether the split has moved an interface.
pub fn is_moved(interface: &str) -> bool {
    InterfaceName::parse(interface).is_some_and(|name| name.is_split())
}
