//! The names that patterns bind, and their types.

use super::super::lower::segments;
use super::super::resolve::Space;
use super::super::tree::{AdtId, Def};
use super::super::types::Ty;
use super::super::wasi;
use super::{Walker, merged};
use std::sync::Arc;
use syn::{Expr, Member, Pat};

impl<'a> Walker<'a, '_> {
    pub(super) fn bind(&mut self, pat: &'a Pat, ty: &Ty) {
        match pat {
            Pat::Ident(pat) => {
                self.variables.push((pat.ident.to_string(), ty.clone()));
                if let Some((_, inner)) = &pat.subpat {
                    self.bind(inner, ty);
                }
            }
            Pat::Type(pat) => {
                let ty = match ty {
                    Ty::Closure(_) => ty.clone(),
                    ty => merged(self.lower(&pat.ty), ty.clone()),
                };
                self.bind(&pat.pat, &ty);
            }
            Pat::Guard(pat) => self.bind(&pat.pat, ty),
            Pat::Reference(pat) => self.bind(&pat.pat, ty),
            Pat::Paren(pat) => self.bind(&pat.pat, ty),
            Pat::Or(pat) => pat.cases.iter().for_each(|pat| self.bind(pat, ty)),
            Pat::Tuple(pat) => {
                for (index, pat) in pat.elems.iter().enumerate() {
                    let inner = match ty {
                        Ty::Tuple(types) => types.get(index).cloned().unwrap_or(Ty::Unknown),
                        _ => Ty::Unknown,
                    };
                    self.bind(pat, &inner);
                }
            }
            Pat::Slice(pat) => pat
                .elems
                .iter()
                .for_each(|pat| self.bind(pat, &ty.argument(0))),
            Pat::TupleStruct(pat) => self.bind_tuple(pat, ty),
            Pat::Struct(pat) => {
                let path = segments(&pat.path);
                for field in &pat.fields {
                    let inner = self.field_in(&path, ty, &field.member);
                    self.bind(&field.pat, &inner);
                }
            }
            _ => {}
        }
    }

    fn bind_tuple(&mut self, pat: &'a syn::PatTupleStruct, ty: &Ty) {
        let path = segments(&pat.path);
        let last = path.last().map_or("", String::as_str);
        for (index, inner) in pat.elems.iter().enumerate() {
            let found = match (last, ty) {
                ("Some" | "Ok" | "Ready", Ty::Std(..)) => ty.argument(0),
                ("Err", Ty::Std(..)) => ty.argument(1),
                _ => {
                    let member = Member::from(index);
                    self.field_in(&path, ty, &member)
                }
            };
            self.bind(inner, &found);
        }
    }

    /// The type of a field of the struct or variant that a pattern names.
    fn field_in(&self, path: &[String], ty: &Ty, member: &Member) -> Ty {
        let mut holder = ty.clone();
        while let Some(inner) = self
            .methods
            .inner(&holder)
            .filter(|_| !matches!(holder, Ty::Adt(..)))
        {
            holder = inner;
        }
        let arguments = match &holder {
            Ty::Adt(_, arguments) => arguments.clone(),
            _ => Vec::new(),
        };
        let found = match self.resolve(path, Space::Type) {
            Some((Def::Adt(id), used)) if used == path.len() => {
                self.field_of(id, 0, member, &arguments)
            }
            Some((Def::Variant(id, index), _)) => self.field_of(id, index, member, &arguments),
            Some((Def::Wasi(path), _)) => match member {
                Member::Named(name) => wasi::field(&wasi::item(&path), &name.to_string()),
                Member::Unnamed(_) => None,
            },
            _ if path.first().is_some_and(|first| first == "Self") => {
                match (self.own(), path.get(1)) {
                    (Ty::Adt(id, arguments), Some(name)) => {
                        let index = self.program.adts[id]
                            .variants
                            .iter()
                            .position(|(variant, _)| variant == name);
                        index.and_then(|index| self.field_of(id, index, member, &arguments))
                    }
                    (Ty::Adt(id, arguments), None) => self.field_of(id, 0, member, &arguments),
                    _ => None,
                }
            }
            _ => None,
        };
        found.unwrap_or(Ty::Unknown)
    }

    pub(super) fn field_of(
        &self,
        id: AdtId,
        variant: usize,
        member: &Member,
        arguments: &[Ty],
    ) -> Option<Ty> {
        let adt = &self.program.adts[id];
        let fields = adt.variants.get(variant)?.1;
        let field = match member {
            Member::Named(name) => fields
                .iter()
                .find(|field| field.ident.as_ref() == Some(name)),
            Member::Unnamed(index) => fields.iter().nth(index.index as usize),
        }?;
        let mut scope = Default::default();
        self.program
            .parameters(adt.module, adt.generics, &mut scope);
        let ty = self.program.lower(adt.module, &field.ty, &scope);
        let parameters = adt
            .generics
            .type_params()
            .map(|parameter| Arc::from(parameter.ident.to_string()));
        let bound: Vec<_> = parameters.zip(arguments.iter().cloned()).collect();
        Some(ty.with(&bound))
    }

    /// Visits the conditions of an arm.
    pub(super) fn guards(&mut self, pat: &'a Pat) {
        match pat {
            Pat::Guard(pat) => {
                self.expr(&pat.guard);
            }
            Pat::Paren(pat) => self.guards(&pat.pat),
            _ => {}
        }
    }

    /// A variable, or a field of which the type is not known, gets what is assigned to it.
    pub(super) fn assigned(&mut self, left: &'a Expr, ty: Ty) {
        let Expr::Path(path) = left else { return };
        let Some(ident) = path.path.get_ident() else {
            return;
        };
        if let Some((_, known)) = self
            .variables
            .iter_mut()
            .rev()
            .find(|(name, _)| ident == name)
        {
            *known = merged(std::mem::replace(known, Ty::Unknown), ty);
        }
    }
}
