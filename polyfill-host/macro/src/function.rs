//! The common parts of imported and exported functions.

use crate::error;
use crate::generator::{At, Generator};
use crate::names::snake;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Result;
use wit_parser::{Function, FunctionKind, Type, TypeId};

/// A function's parts.
pub struct Parts {
    /// Its name in Rust, without the prefix for exported functions.
    pub ident: Ident,
    /// Its name in the component.
    pub name: String,
    /// The resource that it is in.
    pub resource: Option<TypeId>,
    pub is_async: bool,
    pub params: Vec<(Ident, TokenStream)>,
    pub result: Option<TokenStream>,
    pub docs: TokenStream,
}

impl Generator<'_> {
    /// Takes a function apart.
    pub fn parts(&self, at: At, function: &Function) -> Result<Parts> {
        let (resource, is_async) = match function.kind {
            FunctionKind::Freestanding => (None, false),
            FunctionKind::AsyncFreestanding => (None, true),
            FunctionKind::Method(id) | FunctionKind::Static(id) | FunctionKind::Constructor(id) => {
                (Some(id), false)
            }
            FunctionKind::AsyncMethod(id) | FunctionKind::AsyncStatic(id) => (Some(id), true),
            _ => {
                return Err(error(format!(
                    "`{}` is a getter or setter, which wasmtime does not know yet",
                    function.name
                )));
            }
        };
        let params = function.params.iter().map(|param| {
            let ty = self.ty(at, &param.ty)?;
            Ok((self.param(&param.name), ty))
        });
        Ok(Parts {
            ident: snake(function.item_name()),
            name: function.name.clone(),
            resource,
            is_async,
            params: params.collect::<Result<_>>()?,
            result: match &function.result {
                Some(ty) => Some(self.ty(at, ty)?),
                None => None,
            },
            docs: crate::definition::docs(&function.docs),
        })
    }

    /// The name of a parameter, which must differ from other names in generated code.
    fn param(&self, name: &str) -> Ident {
        match name {
            "host" | "span" => format_ident!("{name}_"),
            name => snake(name),
        }
    }

    /// The error of a function's result, if it has one with a name.
    pub fn error_of(&self, function: &Function) -> Option<TypeId> {
        let Some(Type::Id(result)) = function.result else {
            return None;
        };
        match &self.resolve.types[self.origin(result)].kind {
            wit_parser::TypeDefKind::Result(result) => match result.err {
                Some(Type::Id(error)) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Parts {
    /// `(a, b,)`
    pub fn names(&self) -> TokenStream {
        let names = self.params.iter().map(|(name, _)| name);
        quote!((#(#names,)*))
    }

    /// `(A, B,)`
    pub fn types(&self) -> TokenStream {
        let types = self.params.iter().map(|(_, ty)| ty);
        quote!((#(#types,)*))
    }

    /// `(R,)` or `()`
    pub fn results(&self) -> TokenStream {
        match &self.result {
            Some(ty) => quote!((#ty,)),
            None => quote!(()),
        }
    }

    /// `R` or `()`
    pub fn value(&self) -> TokenStream {
        match &self.result {
            Some(ty) => ty.clone(),
            None => quote!(()),
        }
    }
}
