//! Pipes that this component implements though none of its functions mentions them: pipes of its resources that only a type
//! alias, or another interface of the package, mentions.
//!
//! wit-bindgen has no vtable for these. The code that drops an item, and that frees its lists, is generated here from the canonical
//! layout.

use super::Patch;
use super::payload::Payload;
use crate::flat::{Shape, int};
use crate::target::{Scope, Target};
use isyswasfa_wit::Pipe;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use syn::Ident;
use wit_parser::{Handle, Type, TypeDefKind, TypeId, TypeOwner};

/// The pipes of the exports of `scope` that no payload has, and the module that implements each.
pub fn pipes<'a>(
    target: &'a Target,
    scope: &Scope,
    payloads: &[Payload<'_>],
) -> Vec<(&'a Pipe, Ident)> {
    if !scope.exported || scope.interface.is_none() {
        return Vec::new();
    }
    let has_payload = |pipe: &Pipe| {
        let mut own = payloads.iter().filter(|it| it.is_implemented_in(scope));
        own.any(|it| it.pipe.name == pipe.name)
    };
    let mut seen = BTreeSet::new();
    let pipes = target.split.pipes.values();
    pipes
        .filter(|pipe| pipe.home == scope.interface && !has_payload(pipe))
        .filter(|pipe| seen.insert(&*pipe.name))
        .enumerate()
        .map(|(number, pipe)| (pipe, format_ident!("__isyswasfa_pipe_{number}")))
        .collect()
}

impl Patch<'_> {
    /// The modules that implement the pipes of `scope` that no payload has.
    pub fn unmentioned_pipes(&self, scope: &Scope) -> Vec<syn::Item> {
        let pipes = pipes(self.target, scope, self.payloads).into_iter();
        pipes
            .map(|(pipe, module)| {
                let mut glue = Glue {
                    target: self.target,
                    scope,
                    drops: BTreeMap::new(),
                    names: 0,
                };
                let item = pipe.split_payload.as_ref();
                let item = item.expect("a pipe of resources has a payload");
                let at = format_ident!("item");
                let dropped = glue.walk(item, &at, 0, true);
                let freed = glue.walk(item, &at, 0, false);
                let imports = glue.drops.iter().map(|((module, name), ident)| {
                    self.target
                        .import(module, name, ident, &[quote!(u32)], None)
                });
                let pipe = self.implemented(pipe, scope);
                syn::parse_quote! {
                    #[doc(hidden)]
                    #[allow(dead_code, unused_unsafe, unused_variables, clippy::all)]
                    pub mod #module {
                        /// An item that was taken out, to be dropped.
                        struct Taken(*mut u8);
                        impl ::core::ops::Drop for Taken {
                            fn drop(&mut self) {
                                let item = self.0;
                                unsafe { #dropped }
                            }
                        }
                        unsafe fn lift(item: *mut u8) -> Taken {
                            Taken(item)
                        }
                        unsafe fn dealloc_lists(item: *mut u8) {
                            unsafe { #freed }
                        }
                        #(#imports)*
                        #pipe
                    }
                }
            })
            .collect()
    }
}

/// The generator of code that frees the contents of a value in memory.
struct Glue<'a> {
    target: &'a Target,
    scope: &'a Scope,
    /// The functions that drop handles, by their modules and names in the core module.
    drops: BTreeMap<(String, String), Ident>,
    names: usize,
}

impl Glue<'_> {
    /// Frees the lists of the value of type `ty` at `at` + `offset` and, if `handles`, drops its handles.
    fn walk(&mut self, ty: &Type, at: &Ident, offset: usize, handles: bool) -> TokenStream {
        if !(self.target.has_lists(ty) || handles && self.target.has_handles(ty)) {
            return TokenStream::new();
        }
        let id = match ty {
            Type::String => return self.list(None, at, offset, handles),
            Type::Id(id) => *id,
            _ => unreachable!("of all primitives, only strings own memory"),
        };
        match &self.target.resolve().types[id].kind {
            TypeDefKind::Type(ty) => self.walk(&ty.clone(), at, offset, handles),
            TypeDefKind::List(item) => self.list(Some(*item), at, offset, handles),
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let drop = self.drop_of(*resource);
                let offset = Literal::usize_unsuffixed(offset);
                quote!(#drop(#at.add(#offset).cast::<u32>().read());)
            }
            _ => match self.target.flat().shape(id) {
                Shape::Fields(fields) => {
                    let fields = fields.iter();
                    fields
                        .map(|(field, ty)| self.walk(ty, at, offset + field, handles))
                        .collect()
                }
                Shape::Cases {
                    tag,
                    payload,
                    cases,
                } => {
                    let tag = int(tag);
                    let arms = cases.iter().enumerate().filter_map(|(number, case)| {
                        let code = self.walk(case.as_ref()?, at, offset + payload, handles);
                        let number = Literal::usize_unsuffixed(number);
                        Some(quote!(#number => { #code }))
                    });
                    let arms: Vec<_> = arms.collect();
                    let offset = Literal::usize_unsuffixed(offset);
                    quote! {
                        match #at.add(#offset).cast::<#tag>().read() { #(#arms)* _ => {} }
                    }
                }
            },
        }
    }

    /// A list, or a string without `item`.
    fn list(
        &mut self,
        item: Option<Type>,
        at: &Ident,
        offset: usize,
        handles: bool,
    ) -> TokenStream {
        self.names += 1;
        let (ptr, len, each) = (
            format_ident!("ptr{}", self.names),
            format_ident!("len{}", self.names),
            format_ident!("each{}", self.names),
        );
        let (size, align) = item.map_or((1, 1), |item| self.target.layout(Some(&item)));
        let items = item.map(|item| self.walk(&item, &each, 0, handles));
        let items = items.filter(|code| !code.is_empty()).map(|code| {
            quote! {
                for i in 0..#len {
                    let #each = #ptr.add(i * #size);
                    #code
                }
            }
        });
        let support = &self.target.support;
        let (ptr_at, len_at) = (
            Literal::usize_unsuffixed(offset),
            Literal::usize_unsuffixed(offset + 4),
        );
        quote! {
            let #ptr = #at.add(#ptr_at).cast::<*mut u8>().read();
            let #len = #at.add(#len_at).cast::<usize>().read();
            #items
            #support::free_list(#ptr, #len * #size, #align);
        }
    }

    /// The function that drops a handle of `resource`.
    fn drop_of(&mut self, mut resource: TypeId) -> Ident {
        let resolve = self.target.resolve();
        while let TypeDefKind::Type(Type::Id(of)) = resolve.types[resource].kind {
            resource = of;
        }
        let def = &resolve.types[resource];
        let interface = match def.owner {
            TypeOwner::Interface(id) => resolve.id_of(id),
            _ => None,
        };
        // An interface without a name is that of the pipe itself: no other could be used there.
        let interface = interface.unwrap_or_else(|| self.scope.split_name.clone());
        let is_exported = self
            .target
            .exported()
            .any(|scope| scope.split_name == interface);
        let module = if is_exported {
            format!("[export]{interface}")
        } else {
            interface
        };
        let name = format!("[resource-drop]{}", def.name.as_deref().unwrap_or_default());
        let number = self.drops.len();
        let ident = self.drops.entry((module, name));
        ident
            .or_insert_with(|| format_ident!("drop_{number}"))
            .clone()
    }
}
