//! Links: on its first call, each function of a moved import tells the core which component provides it.

use super::Patch;
use crate::target::{Item, Scope};
use proc_macro2::Span;
use quote::quote;
use syn::Ident;

/// A static of the type `Link` that a function refers to.
pub struct Wanted {
    pub module: String,
    pub poll: String,
}

impl Patch<'_> {
    /// The name of the static that a call of `item` has to `ensure()`. None: its interface did not change.
    pub fn wanted_link(&mut self, scope: &Scope, item: &Item<'_>) -> Option<Ident> {
        let poll = self.target.poll(scope, item.function)?;
        let name = match scope.interface {
            // One static for the interface's module.
            Some(_) => "__ISYSWASFA_LINK".to_owned(),
            // One static for each function of the world, since they share a module.
            None => {
                let poll = poll.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                format!("__ISYSWASFA_LINK_{}", poll.to_uppercase())
            }
        };
        let ident = Ident::new(&name, Span::call_site());
        let module = scope.split_name.clone();
        self.links.entry(name).or_insert(Wanted { module, poll });
        Some(ident)
    }

    /// The static.
    pub fn link(&self, name: &str, wanted: &Wanted) -> syn::Item {
        let Wanted { module, poll } = wanted;
        let (name, support) = (Ident::new(name, Span::call_site()), &self.target.support);
        let raw = Ident::new("raw_poll", Span::call_site());
        let import = self
            .target
            .import(module, poll, &raw, &[], Some(quote!(i32)));
        syn::parse_quote! {
            #[doc(hidden)]
            #[allow(clippy::all)]
            static #name: #support::Link = {
                #import
                // A wrapper: the address of an import cannot be used in a shared library.
                unsafe extern "C" fn poll() -> u32 {
                    unsafe { raw_poll() as u32 }
                }
                #support::Link::new(poll)
            };
        }
    }
}
