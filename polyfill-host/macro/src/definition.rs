//! Generates the definitions of types.

use crate::error;
use crate::generator::{At, Generator, Side};
use crate::names::{camel, snake};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Result;
use wit_parser::{Docs, Type, TypeDefKind, TypeId, WorldKey};

impl Generator<'_> {
    /// The types of an interface, or of the world.
    pub fn types<'t>(
        &self,
        at: At,
        key: Option<&WorldKey>,
        types: impl Iterator<Item = (&'t str, TypeId)>,
    ) -> Result<TokenStream> {
        let mut code = TokenStream::new();
        for (name, id) in types {
            code.extend(self.define(at, key, name, id)?);
        }
        Ok(code)
    }

    fn define(&self, at: At, key: Option<&WorldKey>, wit: &str, id: TypeId) -> Result<TokenStream> {
        let def = &self.resolve.types[id];
        let is_provided = at.side == Side::Import
            && at
                .interface
                .is_some_and(|id| self.imported[&id].is_provided);
        if is_provided && self.mentions_resource(&Type::Id(id)) {
            return Ok(TokenStream::new());
        }
        let (name, docs) = (camel(wit), docs(&def.docs));
        if at.side == Side::Import
            && let Some(alias) = self.replaced_type(key, wit)
        {
            let supers = (0..at.depth).map(|_| quote!(super::));
            return Ok(quote!(#docs pub type #name = #(#supers)* #alias;));
        }
        let body = match &def.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| {
                    let (docs, ty) = (self::docs(&field.docs), self.ty(at, &field.ty)?);
                    Ok((docs, field.name.as_str(), ty))
                });
                self.record(id, &name, &fields.collect::<Result<Vec<_>>>()?)
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| {
                    let ty = case.ty.as_ref().map(|ty| self.ty(at, ty)).transpose()?;
                    Ok((self::docs(&case.docs), case.name.as_str(), ty))
                });
                self.variant(id, &name, &cases.collect::<Result<Vec<_>>>()?)
            }
            TypeDefKind::Enum(enum_) => {
                let cases = enum_.cases.iter();
                let cases = cases.map(|case| (self::docs(&case.docs), case.name.as_str()));
                self.enum_(id, &name, &cases.collect::<Vec<_>>())
            }
            TypeDefKind::Flags(flags) => {
                let flags = flags.flags.iter().map(|flag| flag.name.as_str());
                self.flags(&name, &flags.collect::<Vec<_>>())
            }
            TypeDefKind::Resource => return self.resource(at, key, wit, &docs),
            kind => {
                let ty = self.anonymous(at, kind)?;
                quote!(pub type #name = #ty;)
            }
        };
        Ok(quote!(#docs #body))
    }

    fn resource(
        &self,
        at: At,
        key: Option<&WorldKey>,
        wit: &str,
        docs: &TokenStream,
    ) -> Result<TokenStream> {
        let name = camel(wit);
        let Some(key) = key else {
            return Err(error(format!(
                "the resource `{wit}` belongs to the world itself, which can't be bound\nhelp: define it in an interface"
            )));
        };
        if at.side == Side::Import {
            let interface = self.resolve.name_world_key(key);
            return Err(error(format!(
                "the host implements the resource `{wit}` of `{interface}`: as what?\n\
                 help: name a type of Rust: `with: {{ \"{interface}.{wit}\": {name} }}`"
            )));
        }
        let (krate, kind) = (&self.krate, format_ident!("__{name}"));
        Ok(quote! {
            #[doc(hidden)]
            pub enum #kind {}
            #docs
            pub type #name = #krate::embed::GuestResource<#kind>;
        })
    }

    fn record(
        &self,
        id: TypeId,
        name: &Ident,
        fields: &[(TokenStream, &str, TokenStream)],
    ) -> TokenStream {
        let (rt, wt) = (self.rt(), self.wasmtime());
        let derives = self.derives(&["Clone", "Debug"], id);
        let value = self.value_trait();
        let mut definitions = Vec::new();
        for (docs, wit, ty) in fields {
            let field = snake(wit);
            definitions.push(quote!(#docs #[component(name = #wit)] pub #field: #ty));
        }
        let wits: Vec<_> = fields.iter().map(|(_, wit, _)| wit).collect();
        let idents: Vec<_> = wits.iter().map(|wit| snake(wit)).collect();
        let types = fields.iter().map(|(_, _, ty)| ty);
        let points = types.clone();
        let error = self.error_impl(id, name);
        let crossing = self.crossing(quote! { #(#value::METHOD(&mut self.#idents, store)?;)* });
        quote! {
            #derives
            #[component(record)]
            #[component(wasmtime_crate = #wt)]
            pub struct #name { #(#definitions),* }

            impl #value for #name {
                const HANDLES: bool = false #(|| <#types as #value>::HANDLES)*;
                const POINTS: bool = false #(|| <#points as #value>::POINTS)*;
                #crossing

                fn weight(&self) -> usize {
                    0 #(+ #value::weight(&self.#idents))*
                }

                fn into_val<H: #rt::Handles>(self, handles: &mut H) -> #wt::Result<#wt::component::Val> {
                    ::core::result::Result::Ok(#wt::component::Val::Record(::std::vec![
                        #((#wits.into(), #value::into_val(self.#idents, handles)?)),*
                    ]))
                }

                fn from_val<H: #rt::Handles>(val: #wt::component::Val, handles: &mut H) -> #wt::Result<Self> {
                    let mut fields = #rt::fields(val)?;
                    ::core::result::Result::Ok(#name { #(#idents: #rt::field(&mut fields, #wits, handles)?),* })
                }
            }
            #error
        }
    }

    fn variant(
        &self,
        id: TypeId,
        name: &Ident,
        cases: &[(TokenStream, &str, Option<TokenStream>)],
    ) -> TokenStream {
        let (rt, wt, value) = (self.rt(), self.wasmtime(), self.value_trait());
        let derives = self.derives(&["Clone", "Debug"], id);
        let (mut definitions, mut cross, mut into, mut from) = (vec![], vec![], vec![], vec![]);
        let mut weigh = vec![];
        for (docs, wit, ty) in cases {
            let case = camel(wit);
            definitions.push(match ty {
                Some(ty) => quote!(#docs #[component(name = #wit)] #case(#ty)),
                None => quote!(#docs #[component(name = #wit)] #case),
            });
            if ty.is_some() {
                weigh.push(quote!(Self::#case(payload) => #value::weight(payload),));
                cross.push(quote!(Self::#case(payload) => #value::METHOD(payload, store),));
                into.push(quote!(Self::#case(payload) =>
                    (#wit, ::core::option::Option::Some(::std::boxed::Box::new(#value::into_val(payload, handles)?))),));
                from.push(quote!((#wit, ::core::option::Option::Some(payload)) => Self::#case(#value::from_val(*payload, handles)?),));
            } else {
                weigh.push(quote!(Self::#case => 0,));
                cross.push(quote!(Self::#case => ::core::result::Result::Ok(()),));
                into.push(quote!(Self::#case => (#wit, ::core::option::Option::None),));
                from.push(quote!((#wit, ::core::option::Option::None) => Self::#case,));
            }
        }
        let types = cases.iter().filter_map(|(_, _, ty)| ty.as_ref());
        let points = types.clone();
        let error = self.error_impl(id, name);
        let crossing = self.crossing(quote! { match self { #(#cross)* }?; });
        quote! {
            #derives
            #[component(variant)]
            #[component(wasmtime_crate = #wt)]
            pub enum #name { #(#definitions),* }

            impl #value for #name {
                const HANDLES: bool = false #(|| <#types as #value>::HANDLES)*;
                const POINTS: bool = false #(|| <#points as #value>::POINTS)*;
                #crossing

                fn weight(&self) -> usize {
                    match self { #(#weigh)* }
                }

                fn into_val<H: #rt::Handles>(self, handles: &mut H) -> #wt::Result<#wt::component::Val> {
                    let _ = &handles;
                    let (case, payload) = match self { #(#into)* };
                    ::core::result::Result::Ok(#wt::component::Val::Variant(case.into(), payload))
                }

                fn from_val<H: #rt::Handles>(val: #wt::component::Val, handles: &mut H) -> #wt::Result<Self> {
                    let _ = &handles;
                    let (case, payload) = #rt::case(val)?;
                    ::core::result::Result::Ok(match (case.as_str(), payload) {
                        #(#from)*
                        _ => return #rt::unexpected(),
                    })
                }
            }
            #error
        }
    }

    fn enum_(&self, id: TypeId, name: &Ident, cases: &[(TokenStream, &str)]) -> TokenStream {
        let (rt, wt, value) = (self.rt(), self.wasmtime(), self.value_trait());
        let derives = self.derives(&["Clone", "Copy", "Debug", "Eq", "PartialEq"], id);
        let repr = match cases.len() {
            0..=0x100 => quote!(u8),
            0x101..=0x1_0000 => quote!(u16),
            _ => quote!(u32),
        };
        let wits: Vec<_> = cases.iter().map(|(_, wit)| wit).collect();
        let idents: Vec<_> = wits.iter().map(|wit| camel(wit)).collect();
        let docs = cases.iter().map(|(docs, _)| docs);
        let error = self.error_impl(id, name);
        quote! {
            #derives
            #[component(enum)]
            #[component(wasmtime_crate = #wt)]
            #[repr(#repr)]
            pub enum #name { #(#docs #[component(name = #wits)] #idents),* }

            impl #value for #name {
                fn into_val<H: #rt::Handles>(self, _: &mut H) -> #wt::Result<#wt::component::Val> {
                    let case = match self { #(Self::#idents => #wits,)* };
                    ::core::result::Result::Ok(#wt::component::Val::Enum(case.into()))
                }

                fn from_val<H: #rt::Handles>(val: #wt::component::Val, _: &mut H) -> #wt::Result<Self> {
                    match val {
                        #(#wt::component::Val::Enum(case) if case == #wits => ::core::result::Result::Ok(Self::#idents),)*
                        _ => #rt::unexpected(),
                    }
                }
            }
            #error
        }
    }

    /// wasmtime's macro for flags needs the crate wasmtime under its own name in the user's crate.
    fn flags(&self, name: &Ident, flags: &[&str]) -> TokenStream {
        let (rt, wt, value) = (self.rt(), self.wasmtime(), self.value_trait());
        let idents: Vec<_> = flags
            .iter()
            .map(|flag| format_ident!("{}", heck::ToShoutySnakeCase::to_shouty_snake_case(*flag)))
            .collect();
        quote! {
            #wt::component::flags! {
                #name { #(#[component(name = #flags)] const #idents;)* }
            }

            impl #value for #name {
                fn into_val<H: #rt::Handles>(self, _: &mut H) -> #wt::Result<#wt::component::Val> {
                    let mut names = ::std::vec::Vec::new();
                    #(if self.contains(Self::#idents) { names.push(#flags.into()); })*
                    ::core::result::Result::Ok(#wt::component::Val::Flags(names))
                }

                fn from_val<H: #rt::Handles>(val: #wt::component::Val, _: &mut H) -> #wt::Result<Self> {
                    let #wt::component::Val::Flags(names) = val else {
                        return #rt::unexpected();
                    };
                    let mut flags = Self::empty();
                    for name in names {
                        flags |= match name.as_str() {
                            #(#flags => Self::#idents,)*
                            _ => return #rt::unexpected(),
                        };
                    }
                    ::core::result::Result::Ok(flags)
                }
            }
        }
    }

    fn value_trait(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::embed::Value)
    }

    /// `arrive` and `leave`, whose bodies differ in one name, `METHOD`.
    fn crossing(&self, body: TokenStream) -> TokenStream {
        let (rt, wt) = (self.rt(), self.wasmtime());
        ["arrive", "leave"]
            .into_iter()
            .map(|method| {
                let method = format_ident!("{method}");
                let body = replaced(body.clone(), &method);
                quote! {
                    fn #method<S: #rt::SplitView>(
                        &mut self,
                        store: &mut #wt::StoreContextMut<'_, S>,
                    ) -> #wt::Result<()> {
                        let _ = &store;
                        #body
                        ::core::result::Result::Ok(())
                    }
                }
            })
            .collect()
    }

    /// wasmtime's own derives, the usual ones, and those of the option `additional_derives`.
    fn derives(&self, usual: &[&str], id: TypeId) -> TokenStream {
        let wt = self.wasmtime();
        let has_handles = self.has_handles(&Type::Id(id));
        let usual = usual
            .iter()
            .filter(|name| !(has_handles && **name == "Clone"));
        let usual: Vec<_> = usual.map(|name| format_ident!("{name}")).collect();
        // Few traits can be derived for a type that contains a stream, a future or a resource.
        let more = self.options.additional_derives.iter().filter(|path| {
            let last = path.segments.last();
            !has_handles && last.is_some_and(|last| !usual.contains(&last.ident))
        });
        quote! {
            #[derive(#wt::component::ComponentType, #wt::component::Lift, #wt::component::Lower)]
            #[derive(#(#usual,)* #(#more),*)]
        }
    }

    /// Implements `Error` for types that functions return as errors.
    fn error_impl(&self, id: TypeId, name: &Ident) -> TokenStream {
        if !self.errors.contains(&id) {
            return TokenStream::new();
        }
        quote! {
            impl ::core::fmt::Display for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::write!(f, "{self:?}")
                }
            }

            impl ::core::error::Error for #name {}
        }
    }
}

/// The tokens with `METHOD` replaced.
fn replaced(tokens: TokenStream, method: &Ident) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "METHOD" => TokenTree::Ident(method.clone()),
        TokenTree::Group(group) => TokenTree::Group(Group::new(
            group.delimiter(),
            replaced(group.stream(), method),
        )),
        token => token,
    };
    tokens.into_iter().map(replace).collect()
}

/// WIT documentation as Rust documentation.
pub fn docs(docs: &Docs) -> TokenStream {
    let lines = docs.contents.iter().flat_map(|text| text.trim().lines());
    let lines = lines.map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}
