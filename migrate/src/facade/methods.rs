//! The program's methods by type and name.

use super::lower::{Scope, segments};
use super::resolve::Space;
use super::tree::{AdtId, Def, FnId, Owner, Program, TraitId};
use super::types::{Bound, Ty};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The trait that an implementation is of.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    Own(TraitId),
    /// A trait that a guest implements, by its path in WASI: `exports::cli::run::Guest`.
    Wasi(Vec<String>),
    /// Of another crate, by its name.
    Other(String),
}

#[derive(Default)]
pub struct Methods {
    inherent: FxHashMap<(AdtId, String), Vec<FnId>>,
    /// Methods of traits for a type, by the type.
    implemented: FxHashMap<(AdtId, String), Vec<FnId>>,
    /// The same for types that are not the program's own: extension traits.
    extensions: FxHashMap<String, Vec<FnId>>,
    by_trait: FxHashMap<(TraitId, String), FnId>,
    pub by_name: FxHashMap<String, Vec<FnId>>,
    /// `impl Deref`: the type that one sees through to.
    deref: FxHashMap<AdtId, Ty>,
    /// `impl Iterator`: what comes out.
    items: FxHashMap<AdtId, Ty>,
    /// The scope of each function: `Self` and the generic parameters.
    pub scopes: Vec<Scope>,
    /// The trait of each function's `impl`.
    pub of: Vec<Option<Of>>,
    /// Traits, by what they build on.
    supertraits: FxHashMap<TraitId, Vec<TraitId>>,
}

impl Methods {
    pub fn of(program: &Program) -> Self {
        let mut methods = Self::default();
        for found in &program.traits {
            let id = methods.supertraits.len();
            let bounds = program.bounds(found.module, &found.item.supertraits, &Scope::default());
            let supers = bounds.iter().filter_map(|bound| match bound {
                Bound::Trait(id) => Some(*id),
                _ => None,
            });
            methods.supertraits.insert(id, supers.collect());
        }
        for (id, function) in program.functions.iter().enumerate() {
            let mut scope = Scope::default();
            let mut of = None;
            match function.owner {
                Owner::Free => {}
                Owner::Trait(of) => {
                    scope.own = Some(Ty::Bounded("Self".into(), [Bound::Trait(of)].into()));
                    program.parameters(
                        function.module,
                        &program.traits[of].item.generics,
                        &mut scope,
                    );
                    methods.by_trait.insert((of, function.name.clone()), id);
                }
                Owner::Impl(item) => {
                    program.parameters(function.module, &item.generics, &mut scope);
                    let own = program.lower(function.module, &item.self_ty, &scope);
                    scope.own = Some(own);
                    of = item
                        .trait_
                        .as_ref()
                        .map(|(path, _)| trait_of(program, function.module, path));
                }
            }
            program.parameters(function.module, &function.signature.generics, &mut scope);
            if !matches!(function.owner, Owner::Free) {
                methods
                    .by_name
                    .entry(function.name.clone())
                    .or_default()
                    .push(id);
                methods.enter(
                    program,
                    id,
                    &function.name,
                    &scope,
                    of.as_ref(),
                    matches!(function.owner, Owner::Impl(_)),
                );
            }
            methods.scopes.push(scope);
            methods.of.push(of);
        }
        methods.associated(program);
        methods
    }

    fn enter(
        &mut self,
        program: &Program,
        id: FnId,
        name: &str,
        scope: &Scope,
        of: Option<&Of>,
        is_impl: bool,
    ) {
        if !is_impl {
            return;
        }
        match &scope.own {
            Some(Ty::Adt(adt, _)) => {
                let into = if of.is_none() {
                    &mut self.inherent
                } else {
                    &mut self.implemented
                };
                let found = into.entry((*adt, name.to_owned())).or_default();
                let at = if program.functions[id].is_active {
                    0
                } else {
                    found.len()
                };
                found.insert(at, id);
            }
            _ if matches!(of, Some(Of::Own(_))) => {
                self.extensions.entry(name.to_owned()).or_default().push(id)
            }
            _ => {}
        }
    }

    /// The associated types that matter.
    fn associated(&mut self, program: &Program) {
        for (module, item) in &program.impls {
            let Some((path, _)) = &item.trait_ else {
                continue;
            };
            let Some(last) = path.segments.last() else {
                continue;
            };
            let mut scope = Scope::default();
            program.parameters(*module, &item.generics, &mut scope);
            let own = program.lower(*module, &item.self_ty, &scope);
            let Ty::Adt(adt, _) = own else { continue };
            for inner in &item.items {
                let syn::ImplItem::Type(ty) = inner else {
                    continue;
                };
                let lowered = program.lower(*module, &ty.ty, &scope);
                match (
                    last.ident.to_string().as_str(),
                    ty.ident.to_string().as_str(),
                ) {
                    ("Deref", "Target") => drop(self.deref.insert(adt, lowered)),
                    ("Iterator", "Item") => drop(self.items.insert(adt, lowered)),
                    _ => {}
                }
            }
        }
    }

    /// What one sees through to.
    pub fn inner(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Std(name, arguments) if super::standard::TRANSPARENT.contains(&&**name) => {
                arguments.first().cloned()
            }
            Ty::Adt(adt, _) => self.deref.get(adt).cloned(),
            _ => None,
        }
    }

    /// What an iteration over a value gives.
    pub fn item(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Std(name, arguments)
                if ["HashMap", "BTreeMap", "IndexMap", "FxHashMap"].contains(&&**name) =>
            {
                Ty::Tuple(arguments.clone())
            }
            Ty::Std(..) => ty.argument(0),
            Ty::Adt(adt, _) => self.items.get(adt).cloned().unwrap_or(Ty::Unknown),
            Ty::Bounded(_, bounds) => {
                let items = bounds.iter().find_map(|bound| match bound {
                    Bound::Items(ty) => Some(ty.clone()),
                    _ => None,
                });
                items.unwrap_or(Ty::Unknown)
            }
            _ => Ty::Unknown,
        }
    }

    /// The method that a call on such a value means. For a trait's it is the declaration.
    pub fn find(&self, ty: &Ty, name: &str) -> Option<FnId> {
        match ty {
            Ty::Adt(adt, _) => {
                let key = (*adt, name.to_owned());
                let own = self
                    .inherent
                    .get(&key)
                    .or_else(|| self.implemented.get(&key));
                own.and_then(|found| found.first().copied())
                    .or_else(|| self.extension(name))
            }
            Ty::Bounded(_, bounds) => bounds.iter().find_map(|bound| match bound {
                Bound::Trait(id) => self.of_trait(*id, name),
                _ => None,
            }),
            Ty::Wasi(_) | Ty::Std(..) => self
                .extensions
                .get(name)
                .and_then(|found| found.first().copied()),
            _ => None,
        }
    }

    /// A method of a trait's default, or of an implementation for all types.
    fn extension(&self, name: &str) -> Option<FnId> {
        let of = |id: &FnId| matches!(self.of[*id], Some(Of::Own(_)));
        self.extensions
            .get(name)
            .and_then(|found| found.iter().find(|id| of(id)).copied())
            .or_else(|| {
                let declared: Vec<_> = self
                    .by_trait
                    .iter()
                    .filter(|((_, method), _)| method == name)
                    .collect();
                (declared.len() == 1).then(|| *declared[0].1)
            })
    }

    pub fn of_trait(&self, id: TraitId, name: &str) -> Option<FnId> {
        let own = self.by_trait.get(&(id, name.to_owned())).copied();
        own.or_else(|| {
            self.supertraits
                .get(&id)?
                .iter()
                .find_map(|id| self.of_trait(*id, name))
        })
    }

    /// The declarations that implementations belong to.
    pub fn declaration(&self, program: &Program, id: FnId) -> Option<FnId> {
        match self.of.get(id)? {
            Some(Of::Own(of)) => self
                .by_trait
                .get(&(*of, program.functions[id].name.clone()))
                .copied(),
            _ => None,
        }
    }

    /// What a function returns if it is called with such arguments.
    pub fn result(
        &self,
        program: &Program,
        id: FnId,
        receiver: Option<&Ty>,
        arguments: &[Ty],
    ) -> Ty {
        let function = &program.functions[id];
        let scope = &self.scopes[id];
        let result = program.result(function.module, &function.signature.output, scope);
        let mut bound: Vec<(Arc<str>, Ty)> = Vec::new();
        if let (Some(own), Some(receiver)) = (&scope.own, receiver) {
            own.unify(receiver, &mut bound);
        }
        let typed = function
            .signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                syn::FnArg::Typed(input) => Some(&*input.ty),
                syn::FnArg::Receiver(_) => None,
            });
        let skipped = usize::from(receiver.is_none() && function.signature.receiver().is_some());
        for (ty, actual) in typed.zip(arguments.iter().skip(skipped)) {
            let declared = program.lower(function.module, ty, scope);
            declared.unify(actual, &mut bound);
        }
        result.with(&bound)
    }
}

pub fn trait_of(program: &Program, module: usize, path: &syn::Path) -> Of {
    match program.resolve(module, &segments(path), Space::Type) {
        Some((Def::Trait(id), _)) => Of::Own(id),
        Some((Def::Wasi(path), _)) => Of::Wasi(path),
        _ => Of::Other(
            path.segments
                .last()
                .map(|last| last.ident.to_string())
                .unwrap_or_default(),
        ),
    }
}
