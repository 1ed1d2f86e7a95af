//! Generates the imports of the guest: a trait for each interface and each resource in it, and the code that defines them in a
//! linker.

use crate::filter::Flags;
use crate::function::Parts;
use crate::generator::{At, Generator, Side};
use crate::names::{Keys, camel, snake};
use isyswasfa_wit::names::POLL;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::Result;
use wit_parser::{Function, InterfaceId, Type, TypeDefKind, WorldKey};

/// The traits of an import, and the definitions of its functions.
#[derive(Default)]
pub struct Traits {
    /// The methods of the trait of the interface itself.
    methods: Methods,
    /// The methods of the trait of each resource.
    resources: BTreeMap<String, Methods>,
    /// The conversions of the host's own errors into WIT's.
    conversions: BTreeMap<String, (TokenStream, TokenStream)>,
    /// The code that defines them in a linker.
    pub definitions: TokenStream,
}

/// The methods of a trait, and their calls through an `Arc`.
#[derive(Default)]
struct Methods {
    declarations: TokenStream,
    forwards: TokenStream,
}

/// A method of a trait that the host implements, for its definition.
struct Method<'a> {
    parts: &'a Parts,
    /// The path of the method.
    path: TokenStream,
    /// Whether the method is async; the function itself may still be sync.
    is_async: bool,
    /// The conversion of the method's value into the function's result.
    convert: TokenStream,
    span: Option<TokenStream>,
}

impl Generator<'_> {
    /// The module of an imported interface.
    pub fn import(&self, id: InterfaceId) -> Result<TokenStream> {
        let (interface, def) = (&self.imported[&id], &self.resolve.interfaces[id]);
        let at = At {
            side: Side::Import,
            interface: Some(id),
            depth: interface.module.len(),
        };
        let key = Some(&interface.key);
        let types = def.types.iter().map(|(name, id)| (name.as_str(), *id));
        let mut code = self.types(at, key, types)?;
        if !self.is_implemented(id) {
            return Ok(code);
        }

        // (1) The traits.
        let mut traits = Traits::default();
        for (name, id) in &def.types {
            if let TypeDefKind::Resource = self.resolve.types[*id].kind {
                traits.resources.insert(name.clone(), Methods::default());
            }
        }
        for function in def.functions.values() {
            self.implement(at, key, function, &quote!(Host), &mut traits)?;
        }
        code.extend(self.traits(&traits, &format_ident!("Host")));

        // (2) The code that defines them in a linker.
        let (rt, wt) = (self.rt(), self.wasmtime());
        let (native, split) = (&interface.native, &interface.split);
        let mut definitions = TokenStream::new();
        if self.split.poll(id).is_some() {
            definitions.extend(quote!(imports.poll(#POLL)?;));
        }
        for (name, id) in &def.types {
            if let TypeDefKind::Resource = self.resolve.types[*id].kind {
                let ty = camel(name);
                definitions.extend(quote!(imports.resource::<#ty>(#name)?;));
            }
        }
        let pipes = self
            .split
            .pipes
            .values()
            .filter(|pipe| pipe.home == Some(id));
        for name in pipes.map(|pipe| &pipe.name).collect::<BTreeSet<_>>() {
            definitions.extend(quote!(imports.pipe(#name)?;));
        }
        definitions.extend(traits.definitions);
        code.extend(quote! {
            /// Defines the interface for components of both ABIs. `host` gets the implementation from the store's data. Each
            /// call has its own, so calls can be under way at the same time.
            pub fn add_to_linker<T, H>(
                linker: &mut #wt::component::Linker<T>,
                host: impl Fn(&mut T) -> H + Clone + Send + Sync + 'static,
            ) -> #wt::Result<()>
            where
                T: #rt::SplitView,
                H: Host,
            {
                #rt::interface(linker, #native, #split, move |imports: &mut #rt::Imports<'_, T>| {
                    let _ = &host;
                    #definitions
                    ::core::result::Result::Ok(())
                })
            }
        });
        Ok(code)
    }

    /// Whether the program implements an imported interface: the interface is not empty, and not implemented already.
    pub fn is_implemented(&self, id: InterfaceId) -> bool {
        let (interface, def) = (&self.imported[&id], &self.resolve.interfaces[id]);
        let mut types = def.types.values();
        let has_resource =
            types.any(|id| matches!(self.resolve.types[*id].kind, TypeDefKind::Resource));
        interface.replaced.is_none()
            && !interface.is_provided
            && (has_resource || !def.functions.is_empty())
    }

    /// Adds a function that the host implements. `host` is the trait of the interface.
    pub fn implement(
        &self,
        at: At,
        key: Option<&WorldKey>,
        function: &Function,
        host: &TokenStream,
        traits: &mut Traits,
    ) -> Result<()> {
        let wt = self.wasmtime();
        let parts = self.parts(at, function)?;
        let flags = self
            .options
            .imports
            .flags(&Keys::of_item(self.resolve, key, &function.name));
        let ident = match &parts.ident {
            ident if ident == "constructor" => format_ident!("new"),
            ident => ident.clone(),
        };

        // (1) The method's return type, and its conversion into a result.
        let own_error = self
            .error_of(function)
            .and_then(|error| Some((error, self.trappable_error(error)?)));
        let mut returned = parts.value();
        let mut convert = quote!(value);
        if let Some((id, alias)) = own_error {
            let supers = (0..at.depth).map(|_| quote!(super::));
            let (ok, wit) = (self.ok_of(at, function)?, self.ty(at, &Type::Id(id))?);
            let alias = quote!(#(#supers)* #alias);
            let name = self.resolve.types[id].name.as_deref().unwrap_or_default();
            let method = format_ident!("convert_{}", snake(name));
            returned = quote!(::core::result::Result<#ok, #alias>);
            convert = quote! {
                match value {
                    ::core::result::Result::Ok(value) => ::core::result::Result::Ok(value),
                    ::core::result::Result::Err(error) => ::core::result::Result::Err(#host::#method(&host, error)?),
                }
            };
            let docs = format!(
                " What `{name}` guests see for an error of the host's own; an error of this traps."
            );
            let signature = quote!(fn #method(&self, error: #alias) -> #wt::Result<#wit>);
            traits.conversions.entry(name.to_owned()).or_insert((
                quote!(#[doc = #docs] #signature;),
                quote!(#signature { H::#method(self, error) }),
            ));
        } else if flags.has(Flags::TRAPPABLE) {
            returned = quote!(#wt::Result<#returned>);
            convert = quote!(value?);
        }

        // (2) The method.
        let is_async = parts.is_async || flags.has(Flags::ASYNC);
        let output = if is_async {
            quote!(impl ::core::future::Future<Output = #returned> + Send)
        } else {
            returned
        };
        let (docs, names) = (&parts.docs, parts.params.iter().map(|(name, _)| name));
        let params = parts.params.iter().map(|(name, ty)| quote!(#name: #ty));
        let signature = quote!(fn #ident(&self, #(#params),*) -> #output);
        let declaration = quote!(#docs #signature;);
        let forward = quote!(#signature { H::#ident(self, #(#names),*) });
        let resource = parts
            .resource
            .and_then(|id| self.resolve.types[id].name.clone());
        let methods = match &resource {
            Some(name) => traits.resources.entry(name.clone()).or_default(),
            None => &mut traits.methods,
        };
        methods.declarations.extend(declaration);
        methods.forwards.extend(forward);

        // (3) Its definition.
        let of = match &resource {
            Some(name) => format_ident!("Host{}", camel(name)),
            None => Ident::new(&host.to_string(), Span::call_site()),
        };
        let method = Method {
            parts: &parts,
            path: quote!(#of::#ident),
            is_async,
            convert,
            span: self.span(key, &parts.name, flags),
        };
        traits.definitions.extend(self.definition(method));
        Ok(())
    }

    /// The code that defines a function in a linker.
    fn definition(&self, method: Method<'_>) -> TokenStream {
        let Method {
            parts,
            path,
            is_async,
            convert,
            span,
        } = method;
        let (rt, wt) = (self.rt(), self.wasmtime());
        let (name, names, types) = (&parts.name, parts.names(), parts.types());
        let arguments = parts.params.iter().map(|(name, _)| name);
        let call = quote!(#path(&host, #(#arguments),*));
        let results = match parts.result {
            Some(_) => quote!((value,)),
            None => quote!(()),
        };
        let done = quote! {
            let value = #convert;
            ::core::result::Result::<_, #wt::Error>::Ok(#results)
        };
        if !is_async {
            let enter = span.map(|span| quote!(let span = #span; let _entered = span.enter();));
            return quote! {
                imports.func(#name, host.clone(), |host: H, #names: #types| {
                    #enter
                    let value = #call;
                    #done
                })?;
            };
        }
        let call = match span {
            Some(span) => quote!(#rt::tracing::Instrument::instrument(#call, #span)),
            None => call,
        };
        let define = if parts.is_async {
            quote!(async_func)
        } else {
            quote!(blocking_func)
        };
        quote! {
            imports.#define(#name, host.clone(), |host: H, #names: #types| async move {
                let value = #call.await;
                #done
            })?;
        }
    }

    /// A call's span, if tracing is on.
    pub fn span(
        &self,
        key: Option<&WorldKey>,
        function: &str,
        flags: Flags,
    ) -> Option<TokenStream> {
        if !flags.has(Flags::TRACING) {
            return None;
        }
        let rt = self.rt();
        let module = key.map_or_else(
            || self.world.name.clone(),
            |key| self.resolve.name_world_key(key),
        );
        Some(quote! {
            #rt::tracing::span!(
                #rt::tracing::Level::TRACE,
                "wit-bindgen call",
                module = #module,
                function = #function,
            )
        })
    }

    /// The type of a function's success.
    fn ok_of(&self, at: At, function: &Function) -> Result<TokenStream> {
        if let Some(Type::Id(result)) = function.result
            && let TypeDefKind::Result(result) = &self.resolve.types[self.origin(result)].kind
        {
            return self.optional(at, result.ok.as_ref());
        }
        Ok(quote!(()))
    }

    /// The traits; `host` is the name of the interface's trait.
    pub fn traits(&self, traits: &Traits, host: &Ident) -> TokenStream {
        let mut code = TokenStream::new();
        let mut of_resources = Vec::new();
        for (name, methods) in &traits.resources {
            let name = format_ident!("Host{}", camel(name));
            let docs = format!(" What is in the resource `{name}`, as the host implements it.");
            code.extend(self.one_trait(&name, &docs, methods, &[]));
            of_resources.push(name);
        }
        let mut methods = Methods {
            declarations: traits.methods.declarations.clone(),
            forwards: traits.methods.forwards.clone(),
        };
        for (declaration, forward) in traits.conversions.values() {
            methods.declarations.extend(declaration.clone());
            methods.forwards.extend(forward.clone());
        }
        let docs = " What guests import, as the host implements it. Calls run beside each other: what they share belongs behind \
                    `&self` in an `Arc`, a `Mutex` and the like.";
        code.extend(self.one_trait(host, docs, &methods, &of_resources));
        code
    }

    fn one_trait(
        &self,
        name: &Ident,
        docs: &str,
        methods: &Methods,
        supers: &[Ident],
    ) -> TokenStream {
        let Methods {
            declarations,
            forwards,
        } = methods;
        quote! {
            #[doc = #docs]
            pub trait #name: #(#supers +)* Send + Sync + 'static {
                #declarations
            }

            impl<H: #name> #name for ::std::sync::Arc<H> {
                #forwards
            }
        }
    }
}
