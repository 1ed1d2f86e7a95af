//! Generates references to types.

use crate::error;
use crate::generator::{At, Generator, Side};
use crate::names::camel;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Result;
use wit_parser::{Handle, Type, TypeDefKind, TypeId};

impl Generator<'_> {
    /// A type as it is written at `at`.
    pub fn ty(&self, at: At, ty: &Type) -> Result<TokenStream> {
        let krate = &self.krate;
        Ok(match ty {
            Type::Bool => quote!(bool),
            Type::U8 => quote!(u8),
            Type::U16 => quote!(u16),
            Type::U32 => quote!(u32),
            Type::U64 => quote!(u64),
            Type::S8 => quote!(i8),
            Type::S16 => quote!(i16),
            Type::S32 => quote!(i32),
            Type::S64 => quote!(i64),
            Type::F32 => quote!(f32),
            Type::F64 => quote!(f64),
            Type::Char => quote!(char),
            Type::String => quote!(::std::string::String),
            Type::ErrorContext => return Err(unsupported("error-context")),
            Type::Id(id) if self.resolve.types[*id].name.is_some() => self.named(at, *id)?,
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                    let resource = self.named(at, *id)?;
                    match self.resource_side(at, *id) {
                        Side::Import => quote!(#krate::embed::HostResource<#resource>),
                        Side::Export => resource,
                    }
                }
                kind => self.anonymous(at, kind)?,
            },
        })
    }

    /// A type, or `()` if there is none.
    pub fn optional(&self, at: At, ty: Option<&Type>) -> Result<TokenStream> {
        ty.map_or(Ok(quote!(())), |ty| self.ty(at, ty))
    }

    /// A type by its structure.
    pub fn anonymous(&self, at: At, kind: &TypeDefKind) -> Result<TokenStream> {
        let krate = &self.krate;
        Ok(match kind {
            TypeDefKind::Type(ty) => self.ty(at, ty)?,
            TypeDefKind::List(ty) => {
                let ty = self.ty(at, ty)?;
                quote!(::std::vec::Vec<#ty>)
            }
            TypeDefKind::Option(ty) => {
                let ty = self.ty(at, ty)?;
                quote!(::core::option::Option<#ty>)
            }
            TypeDefKind::Result(result) => {
                let ok = self.optional(at, result.ok.as_ref())?;
                let err = self.optional(at, result.err.as_ref())?;
                quote!(::core::result::Result<#ok, #err>)
            }
            TypeDefKind::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.ty(at, ty));
                let types = types.collect::<Result<Vec<_>>>()?;
                quote!((#(#types,)*))
            }
            TypeDefKind::Stream(payload) => {
                self.check_payload(at, payload.as_ref())?;
                let payload = self.optional(at, payload.as_ref())?;
                quote!(#krate::embed::StreamReader<#payload>)
            }
            TypeDefKind::Future(payload) => {
                self.check_payload(at, payload.as_ref())?;
                let payload = self.optional(at, payload.as_ref())?;
                quote!(#krate::embed::FutureReader<#payload>)
            }
            other => return Err(unsupported(other.as_str())),
        })
    }

    /// The path of a type that has a name.
    pub fn named(&self, at: At, id: TypeId) -> Result<TokenStream> {
        let def = &self.resolve.types[id];
        let name = camel(def.name.as_deref().unwrap_or_default());
        let up = match at.depth {
            0 => quote!(self::),
            depth => {
                let supers = (0..depth).map(|_| quote!(super::));
                quote!(#(#supers)*)
            }
        };
        let Some(owner) = self.owner(id) else {
            return Ok(quote!(#up #name));
        };
        let side = self.side_of(at.side, owner);
        let interface = self.interface(side, owner);
        if let Some(replaced) = &interface.replaced {
            return Ok(quote!(#up #replaced::#name));
        }
        if interface.is_provided && self.mentions_resource(&Type::Id(id)) {
            return Err(error(format!(
                "`{}.{}` is, or has in it, a resource of WASI, which the host implements itself: it can't be bound here\n\
                 help: keep it out of interfaces of your own, or name a module that has it: `with: {{ \"{}\": .. }}`",
                interface.native,
                def.name.as_deref().unwrap_or_default(),
                interface.native,
            )));
        }
        if (at.side, at.interface) == (side, Some(owner)) {
            return Ok(quote!(#name));
        }
        let module = &interface.module;
        Ok(quote!(#up #(#module::)* #name))
    }

    /// The side that implements a resource.
    pub fn resource_side(&self, at: At, id: TypeId) -> Side {
        match self.owner(self.origin(id)) {
            Some(owner) => self.side_of(at.side, owner),
            None => at.side,
        }
    }

    /// Whether a type contains a resource.
    pub fn mentions_resource(&self, ty: &Type) -> bool {
        self.any(ty, &mut |kind| matches!(kind, TypeDefKind::Resource))
    }

    /// Whether a type contains a resource, a stream or a future.
    pub fn has_handles(&self, ty: &Type) -> bool {
        self.any(ty, &mut |kind| {
            matches!(
                kind,
                TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_)
            )
        })
    }

    /// Whether `is` holds for a type or a part of it.
    pub fn any(&self, ty: &Type, is: &mut impl FnMut(&TypeDefKind) -> bool) -> bool {
        let Type::Id(id) = ty else {
            return false;
        };
        let kind = &self.resolve.types[*id].kind;
        if is(kind) {
            return true;
        }
        match kind {
            TypeDefKind::Type(ty) | TypeDefKind::List(ty) | TypeDefKind::Option(ty) => {
                self.any(ty, is)
            }
            TypeDefKind::Record(record) => record.fields.iter().any(|f| self.any(&f.ty, is)),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| self.any(ty, is)),
            TypeDefKind::Variant(variant) => {
                let mut payloads = variant.cases.iter().filter_map(|case| case.ty.as_ref());
                payloads.any(|ty| self.any(ty, is))
            }
            TypeDefKind::Result(result) => {
                let mut sides = result.ok.iter().chain(&result.err);
                sides.any(|ty| self.any(ty, is))
            }
            TypeDefKind::Stream(payload) | TypeDefKind::Future(payload) => {
                payload.as_ref().is_some_and(|ty| self.any(ty, is))
            }
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                self.any(&Type::Id(*id), is)
            }
            TypeDefKind::Map(key, value) => self.any(key, is) || self.any(value, is),
            TypeDefKind::FixedLengthList(ty, _) => self.any(ty, is),
            _ => false,
        }
    }

    /// # Errors
    /// If the payload has a resource that the guest implements: the pipe would be the guest's as well.
    fn check_payload(&self, at: At, payload: Option<&Type>) -> Result<()> {
        let Some(payload) = payload else {
            return Ok(());
        };
        let mut exported = None;
        self.any(payload, &mut |kind| {
            if let TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) = kind
                && self.resource_side(at, *id) == Side::Export
            {
                exported = self.resolve.types[*id].name.clone();
            }
            false
        });
        match exported {
            None => Ok(()),
            Some(name) => Err(error(format!(
                "a stream or future of `{name}`, a resource that the guest implements, can't be bound\n\
                 help: pass such resources in arguments and results (a `list<{name}>`)"
            ))),
        }
    }
}

fn unsupported(what: &str) -> syn::Error {
    error(format!(
        "`{what}` can't be bound: the types of Rust for it differ between the ABIs, or wasmtime has none"
    ))
}
