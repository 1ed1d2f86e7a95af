//! Generates the items of the world itself: its struct, the trait of its own imports, and the code that links and instantiates
//! it.

use crate::exports::{Exports, field};
use crate::generator::{At, Generator, Side};
use crate::imports::Traits;
use crate::names::camel;
use heck::ToSnakeCase;
use isyswasfa_wit::names::poll_name;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Result;
use wit_parser::{TypeId, WorldItem, WorldKey};

impl Generator<'_> {
    /// The code at the place of the macro call, without modules.
    pub fn world(&self) -> Result<TokenStream> {
        let at = |side| At {
            side,
            interface: None,
            depth: 0,
        };
        let (rt, wt, krate) = (self.rt(), self.wasmtime(), &self.krate);
        let name = camel(&self.world.name);
        let (pre, imports_trait) = (format_ident!("{name}Pre"), format_ident!("{name}Imports"));

        // (1) Types and functions that the world itself imports.
        let mut code = self.types(at(Side::Import), None, self.world_types())?;
        let (mut traits, mut has_functions) = (Traits::default(), false);
        for (_, item) in &self.world.imports {
            if let WorldItem::Function(function) = item {
                let host = quote!(#imports_trait);
                self.implement(at(Side::Import), None, function, &host, &mut traits)?;
                if self
                    .split
                    .functions
                    .contains_key(&(None, function.name.clone()))
                {
                    let poll = poll_name(&function.name);
                    traits.definitions.extend(quote!(imports.poll(#poll)?;));
                }
                has_functions = true;
            }
        }
        let mut hosts = Vec::new();
        let mut links = TokenStream::new();
        if has_functions {
            code.extend(self.traits(&traits, &imports_trait));
            hosts.push(quote!(#imports_trait));
            let definitions = &traits.definitions;
            links.extend(quote! {
                {
                    let host = host.clone();
                    #rt::world(linker, move |imports: &mut #rt::Imports<'_, T>| {
                        #definitions
                        ::core::result::Result::Ok(())
                    })?;
                }
            });
        }
        for (id, interface) in &self.imported {
            if self.is_implemented(*id) {
                let module = &interface.module;
                hosts.push(quote!(self::#(#module::)* Host));
                links.extend(quote!(self::#(#module::)* add_to_linker(linker, host.clone())?;));
            }
        }

        // (2) Functions that the world itself exports, and exported interfaces.
        let mut exports = Exports::default();
        for (_, item) in &self.world.exports {
            if let WorldItem::Function(function) = item {
                self.call(at(Side::Export), None, function, &mut exports)?;
            }
        }
        let Exports {
            fields,
            look_ups,
            calls,
            ..
        } = exports;
        let functions: Vec<_> = (0..fields.len()).map(field).collect();
        let (mut interfaces, mut types, mut accessors) =
            (Vec::new(), Vec::new(), TokenStream::new());
        for (id, interface) in &self.exported {
            if self.resolve.interfaces[*id].functions.is_empty() {
                continue;
            }
            let module = &interface.module;
            let accessor = self.accessor(&interface.key);
            let docs = format!(" The exported interface `{}`.", interface.native);
            accessors.extend(quote! {
                #[doc = #docs]
                pub fn #accessor(&self) -> &self::#(#module::)* Guest<T> {
                    &self.#accessor
                }
            });
            interfaces.push(accessor);
            types.push(quote!(self::#(#module::)* Guest));
        }

        let docs = format!(
            " An instance of a component of the world `{}`, of either ABI, and what it exports.",
            self.world.name
        );
        code.extend(quote! {
            #[doc = #docs]
            ///
            /// The instance ends when this, and all clones of [`instance`](Self::instance), are dropped.
            #[allow(private_interfaces, private_bounds)]
            pub struct #name<T: 'static> {
                instance: #krate::embed::Instance<T>,
                #(#interfaces: #types<T>,)*
                #(#fields)*
            }

            #[allow(missing_docs, private_interfaces, private_bounds, clippy::all)]
            impl<T: #rt::SplitView> #name<T> {
                /// Defines all interfaces that the host implements for components of this world, of both ABIs, but not WASI.
                /// `host` gets the implementation from the store's data. Each call has its own.
                pub fn add_to_linker<H>(
                    linker: &mut #wt::component::Linker<T>,
                    host: impl Fn(&mut T) -> H + Clone + Send + Sync + 'static,
                ) -> #wt::Result<()>
                where
                    H: #(#hosts +)* Send + Sync + 'static,
                {
                    let _ = (&linker, &host);
                    #links
                    ::core::result::Result::Ok(())
                }

                /// Instantiates a component in a store of its own, which is driven by a task of tokio's from then on.
                pub async fn instantiate_async(
                    store: #wt::Store<T>,
                    component: &#wt::component::Component,
                    linker: &#wt::component::Linker<T>,
                ) -> #wt::Result<Self> {
                    #pre::new(linker, component)?.instantiate_async(store).await
                }

                /// Looks up this world's exports in an instance.
                pub async fn new(instance: #krate::embed::Instance<T>) -> #wt::Result<Self> {
                    let found = instance.look_up(|exports| ::core::result::Result::Ok(#name {
                        instance: exports.instance(),
                        #(#interfaces: #types::__look_up(exports)?,)*
                        #(#functions: exports.#look_ups?,)*
                    }));
                    found.await
                }

                /// The instance itself.
                pub fn instance(&self) -> &#krate::embed::Instance<T> {
                    &self.instance
                }

                #accessors
                #calls
            }

            /// A component of this world that is ready to be instantiated, many times.
            pub struct #pre<T: 'static>(#krate::embed::Pre<T>);

            impl<T: #rt::SplitView> #pre<T> {
                /// Prepares a component whose imports `linker` has.
                pub fn new(
                    linker: &#wt::component::Linker<T>,
                    component: &#wt::component::Component,
                ) -> #wt::Result<Self> {
                    ::core::result::Result::Ok(#pre(#krate::embed::Pre::new(linker, component)?))
                }

                /// Instantiates the component in a store of its own, which is driven by a task of tokio's from then on.
                pub async fn instantiate_async(&self, store: #wt::Store<T>) -> #wt::Result<#name<T>> {
                    #name::new(self.0.instantiate(store).await?).await
                }
            }
        });
        Ok(code)
    }

    fn world_types(&self) -> impl Iterator<Item = (&str, TypeId)> {
        self.world
            .imports
            .iter()
            .filter_map(|(key, item)| match (key, item) {
                (WorldKey::Name(name), WorldItem::Type { id, .. }) => Some((name.as_str(), *id)),
                _ => None,
            })
    }

    /// `a_b_c` of `a:b/c`.
    fn accessor(&self, key: &WorldKey) -> proc_macro2::Ident {
        let name = match key {
            WorldKey::Name(name) => name.clone(),
            WorldKey::Interface(id) => {
                let interface = &self.resolve.interfaces[*id];
                let package = interface.package.map(|id| &self.resolve.packages[id].name);
                let package = package.map(|name| format!("{}_{}", name.namespace, name.name));
                let name = interface.name.clone().unwrap_or_default();
                format!("{}_{name}", package.unwrap_or_default())
            }
        };
        crate::names::snake(&name.to_snake_case())
    }
}
