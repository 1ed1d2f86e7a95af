//! Generates the exports of the guest: a struct for each interface, with a method for each function.

use crate::error;
use crate::function::Parts;
use crate::generator::{At, Generator, Side};
use crate::names::{Keys, camel};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::BTreeMap;
use syn::Result;
use wit_parser::{Function, Handle, InterfaceId, Type, TypeDefKind, WorldKey};

/// The fields of a struct of exported functions.
#[derive(Default)]
pub struct Exports {
    pub fields: Vec<TokenStream>,
    /// The code that looks them up.
    pub look_ups: Vec<TokenStream>,
    /// The methods for functions outside of resources.
    pub calls: TokenStream,
    /// The methods for functions of each resource.
    resources: BTreeMap<String, TokenStream>,
}

impl Generator<'_> {
    /// The module of an exported interface.
    pub fn export(&self, id: InterfaceId) -> Result<TokenStream> {
        let (interface, def) = (&self.exported[&id], &self.resolve.interfaces[id]);
        let at = At {
            side: Side::Export,
            interface: Some(id),
            depth: interface.module.len(),
        };
        let types = def.types.iter().map(|(name, id)| (name.as_str(), *id));
        let mut code = self.types(at, Some(&interface.key), types)?;
        if def.functions.is_empty() {
            return Ok(code);
        }
        let mut exports = Exports::default();
        for function in def.functions.values() {
            let names = (interface.native.as_str(), interface.split.as_str());
            self.call(at, Some((&interface.key, names)), function, &mut exports)?;
        }
        let (rt, wt) = (self.rt(), self.wasmtime());
        let Exports {
            fields,
            look_ups,
            calls,
            resources,
        } = exports;
        let idents = (0..fields.len()).map(field);
        let mut accessors = TokenStream::new();
        for (name, calls) in resources {
            let (method, guest) = (
                crate::names::snake(&name),
                format_ident!("Guest{}", camel(&name)),
            );
            let docs = format!(" What is in the resource `{name}`, as the guest implements it.");
            accessors.extend(quote! {
                #[doc = #docs]
                pub fn #method(&self) -> #guest<'_, T> {
                    #guest(self)
                }
            });
            code.extend(quote! {
                #[doc = #docs]
                pub struct #guest<'a, T: 'static>(&'a Guest<T>);

                impl<T: #rt::SplitView> #guest<'_, T> {
                    #calls
                }
            });
        }
        code.extend(quote! {
            /// The guest's exports. Any number of calls can be under way at the same time.
            pub struct Guest<T: 'static> {
                #(#fields)*
            }

            impl<T: #rt::SplitView> Guest<T> {
                #[doc(hidden)]
                pub fn __look_up(exports: &mut #rt::Lookup<'_, T>) -> #wt::Result<Self> {
                    ::core::result::Result::Ok(Guest { #(#idents: exports.#look_ups?,)* })
                }

                #accessors
                #calls
            }
        });
        Ok(code)
    }

    /// Adds an exported function: of an interface (its key, its native and its split name), or of the world.
    pub fn call(
        &self,
        at: At,
        interface: Option<(&WorldKey, (&str, &str))>,
        function: &Function,
        exports: &mut Exports,
    ) -> Result<()> {
        let (rt, krate) = (self.rt(), &self.krate);
        let parts = self.parts(at, function)?;
        let key = interface.map(|(key, _)| key);
        let flags = self
            .options
            .exports
            .flags(&Keys::of_item(self.resolve, key, &function.name));

        let (field, name) = (field(exports.fields.len()), &parts.name);
        let (types, results) = (parts.types(), parts.results());
        exports
            .fields
            .push(quote!(#field: #rt::Export<T, #types, #results>,));
        let names = match interface {
            Some((_, (native, split))) => quote!(::core::option::Option::Some((#native, #split))),
            None => quote!(::core::option::Option::None),
        };
        exports.look_ups.push(if parts.is_async {
            quote!(async_export(#names, #name))
        } else {
            quote!(export(#names, #name))
        });

        let of = match parts.resource {
            Some(_) => quote!(self.0),
            None => quote!(self),
        };
        let (params, arguments, lent) = self.arguments(at, function, &parts)?;
        let call = quote!(#of.#field.call((#(#arguments,)*), (#(#lent,)*)));
        let call = match self.span(key, name, flags) {
            Some(span) => quote!(#rt::tracing::Instrument::instrument(#call, #span)),
            None => call,
        };
        let (method, value) = (format_ident!("call_{}", parts.ident), parts.value());
        let docs = &parts.docs;
        let fetch = match parts.result {
            Some(_) => quote! {
                let (value,) = #call.await?;
                ::core::result::Result::Ok(value)
            },
            None => quote!(#call.await),
        };
        let code = quote! {
            #docs
            pub async fn #method(&self, #(#params),*) -> ::core::result::Result<#value, #krate::embed::Died> {
                #fetch
            }
        };
        match parts
            .resource
            .and_then(|id| self.resolve.types[id].name.clone())
        {
            Some(name) => exports.resources.entry(name).or_default().extend(code),
            None => exports.calls.extend(code),
        }
        Ok(())
    }

    /// The parameters of the method, the arguments of the call, and the resources that they lend.
    #[allow(clippy::type_complexity, reason = "three lists of the same kind")]
    fn arguments(
        &self,
        at: At,
        function: &Function,
        parts: &Parts,
    ) -> Result<(Vec<TokenStream>, Vec<TokenStream>, Vec<TokenStream>)> {
        let (mut params, mut arguments, mut lent) = (Vec::new(), Vec::new(), Vec::new());
        for (param, (name, ty)) in function.params.iter().zip(&parts.params) {
            if let Some(id) = self.borrowed(&param.ty) {
                if self.resource_side(at, id) == Side::Import {
                    return Err(refused(
                        function,
                        "the host's own resources are lent to guests by calls of theirs only",
                    ));
                }
                params.push(quote!(#name: &#ty));
                arguments.push(quote!(#name.lend()));
                lent.push(quote!(#name.lend()));
                continue;
            }
            if self.any(&param.ty, &mut |kind| {
                matches!(kind, TypeDefKind::Handle(Handle::Borrow(_)))
            }) {
                return Err(refused(
                    function,
                    "a borrow inside another type can't be bound",
                ));
            }
            params.push(quote!(#name: #ty));
            arguments.push(quote!(#name));
        }
        Ok((params, arguments, lent))
    }

    /// The resource that a type is a `borrow` of.
    fn borrowed(&self, ty: &Type) -> Option<wit_parser::TypeId> {
        let Type::Id(id) = ty else {
            return None;
        };
        match &self.resolve.types[self.origin(*id)].kind {
            TypeDefKind::Handle(Handle::Borrow(id)) => Some(*id),
            _ => None,
        }
    }
}

fn refused(function: &Function, reason: &str) -> syn::Error {
    error(format!(
        "the exported function `{}` borrows what it can't: {reason}\nhelp: pass it as `own`",
        function.name
    ))
}

/// The field of an exported function.
pub fn field(n: usize) -> Ident {
    format_ident!("function_{n}")
}
