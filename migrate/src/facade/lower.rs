//! Types of the syntax, as types of the program.

use super::resolve::Space;
use super::tree::{Def, ModId, Program};
use super::types::{Bound, Ty};
use super::wasi;
use std::sync::Arc;
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, GenericParam, Generics, PathArguments, ReturnType, Type, TypeParamBound,
    WherePredicate,
};

/// What names of types mean besides the module's: `Self`, and generic parameters.
#[derive(Clone, Default)]
pub struct Scope {
    pub own: Option<Ty>,
    pub parameters: Vec<(String, Ty)>,
}

pub fn segments(path: &syn::Path) -> Vec<String> {
    let names = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    path.leading_colon
        .iter()
        .map(|_| String::new())
        .chain(names)
        .collect()
}

/// How many aliases may lead to each other.
const MOST_ALIASES: usize = 16;

impl<'a> Program<'a> {
    /// The parameters of generics, with their bounds.
    pub fn parameters(&self, module: ModId, generics: &Generics, scope: &mut Scope) {
        for parameter in &generics.params {
            if let GenericParam::Type(parameter) = parameter {
                let name: Arc<str> = parameter.ident.to_string().into();
                scope
                    .parameters
                    .push((name.to_string(), Ty::Bounded(name, [].into())));
            }
        }
        let mut found: Vec<(String, Vec<Bound>)> = Vec::new();
        for parameter in &generics.params {
            if let GenericParam::Type(parameter) = parameter {
                found.push((
                    parameter.ident.to_string(),
                    self.bounds(module, &parameter.bounds, scope),
                ));
            }
        }
        for predicate in generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
        {
            if let WherePredicate::Type(predicate) = predicate
                && let Type::Path(path) = &predicate.bounded_ty
                && let Some(ident) = path.path.get_ident()
            {
                found.push((
                    ident.to_string(),
                    self.bounds(module, &predicate.bounds, scope),
                ));
            }
        }
        for (name, bounds) in found {
            if let Some((_, Ty::Bounded(_, known))) = scope
                .parameters
                .iter_mut()
                .rev()
                .find(|(other, _)| *other == name)
            {
                *known = known.iter().cloned().chain(bounds).collect();
            }
        }
    }

    pub fn bounds(
        &self,
        module: ModId,
        bounds: &Punctuated<TypeParamBound, syn::Token![+]>,
        scope: &Scope,
    ) -> Vec<Bound> {
        let mut found = Vec::new();
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else {
                continue;
            };
            let Some(last) = bound.path.segments.last() else {
                continue;
            };
            match &last.arguments {
                PathArguments::Parenthesized(call) => {
                    let inputs = call
                        .inputs
                        .iter()
                        .map(|ty| self.lower(module, &ty.ty, scope))
                        .collect();
                    found.push(Bound::Call(
                        inputs,
                        self.result(module, &call.output, scope),
                    ));
                }
                arguments => {
                    if let PathArguments::AngleBracketed(list) = arguments {
                        for argument in &list.args {
                            if let GenericArgument::AssocType(of) = argument
                                && of.ident == "Item"
                            {
                                found.push(Bound::Items(self.lower(module, &of.ty, scope)));
                            }
                        }
                    }
                    if let Some((Def::Trait(id), _)) =
                        self.resolve(module, &segments(&bound.path), Space::Type)
                    {
                        found.push(Bound::Trait(id));
                    }
                }
            }
        }
        found
    }

    pub fn result(&self, module: ModId, output: &ReturnType, scope: &Scope) -> Ty {
        match output {
            ReturnType::Default => Ty::unit(),
            ReturnType::Type(_, ty) => self.lower(module, ty, scope),
        }
    }

    pub fn lower(&self, module: ModId, ty: &Type, scope: &Scope) -> Ty {
        self.lower_in(module, ty, scope, 0)
    }

    fn lower_in(&self, module: ModId, ty: &Type, scope: &Scope, steps: usize) -> Ty {
        let inner = |ty: &Type| self.lower_in(module, ty, scope, steps);
        match ty {
            Type::Reference(ty) => inner(&ty.elem),
            Type::Paren(ty) => inner(&ty.elem),
            Type::Group(ty) => inner(&ty.elem),
            Type::Tuple(ty) => Ty::Tuple(ty.elems.iter().map(inner).collect()),
            Type::Slice(ty) => Ty::std("Vec", vec![inner(&ty.elem)]),
            Type::Array(ty) => Ty::std("Vec", vec![inner(&ty.elem)]),
            Type::ImplTrait(ty) => {
                Ty::Bounded("impl".into(), self.bounds(module, &ty.bounds, scope).into())
            }
            Type::TraitObject(ty) => {
                Ty::Bounded("dyn".into(), self.bounds(module, &ty.bounds, scope).into())
            }
            Type::FnPtr(ty) => {
                let inputs = ty.inputs.iter().map(|input| inner(&input.ty)).collect();
                let result = match &ty.output {
                    ReturnType::Default => Ty::unit(),
                    ReturnType::Type(_, ty) => inner(ty),
                };
                Ty::Bounded("fn".into(), [Bound::Call(inputs, result)].into())
            }
            Type::Path(ty) if ty.qself.is_none() => self.lower_path(module, &ty.path, scope, steps),
            _ => Ty::Unknown,
        }
    }

    fn lower_path(&self, module: ModId, path: &syn::Path, scope: &Scope, steps: usize) -> Ty {
        if let Some(ident) = path.get_ident() {
            if ident == "Self" {
                return scope.own.clone().unwrap_or(Ty::Unknown);
            }
            if let Some((_, ty)) = scope
                .parameters
                .iter()
                .rev()
                .find(|(name, _)| ident == name)
            {
                return ty.clone();
            }
        }
        let names = segments(path);
        let arguments = || match path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(list)) => {
                let types = list.args.iter().filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(self.lower_in(module, ty, scope, steps)),
                    _ => None,
                });
                types.collect()
            }
            _ => Vec::new(),
        };
        match self.resolve(module, &names, Space::Type) {
            Some((Def::Adt(id), used)) if used == names.len() => Ty::Adt(id, arguments()),
            Some((Def::Alias(inner, item), used))
                if used == names.len() && steps < MOST_ALIASES =>
            {
                let ty = self.lower_in(inner, &item.ty, &Scope::default(), steps + 1);
                let mut bound = Vec::new();
                let parameters = item.generics.type_params();
                for (parameter, argument) in parameters.zip(arguments()) {
                    bound.push((Arc::from(parameter.ident.to_string()), argument));
                }
                substituted(module_alias(self, inner, item, steps).unwrap_or(ty), &bound)
            }
            Some((Def::Wasi(path), _)) => Ty::Wasi(wasi::item(&path).into()),
            Some((Def::Other(path), _)) => {
                Ty::Std(path.last().map_or("", String::as_str).into(), arguments())
            }
            Some(_) => Ty::Unknown,
            None => Ty::Std(names.last().map_or("", String::as_str).into(), arguments()),
        }
    }
}

/// An alias with parameters, lowered with them in scope.
fn module_alias<'a>(
    program: &Program<'a>,
    module: ModId,
    item: &syn::ItemType,
    steps: usize,
) -> Option<Ty> {
    if item.generics.params.is_empty() {
        return None;
    }
    let mut scope = Scope::default();
    program.parameters(module, &item.generics, &mut scope);
    Some(program.lower_in(module, &item.ty, &scope, steps + 1))
}

fn substituted(ty: Ty, bound: &[(Arc<str>, Ty)]) -> Ty {
    if bound.is_empty() { ty } else { ty.with(bound) }
}
