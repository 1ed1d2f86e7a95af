//! Patches exported resources, so that tasks keep resources alive that were lent to them.

use super::Patch;
use quote::format_ident;
use syn::{ImplItem, ItemImpl, Type};

impl Patch<'_> {
    /// Patches `impl Thing` and `impl ThingBorrow<'_>` of a resource that this component implements.
    pub fn exported_resource(&mut self, item: &mut ItemImpl) {
        if item.trait_.is_some() || !matches!(&*item.self_ty, Type::Path(_)) {
            return;
        }
        let support = &self.target.support;
        let mut later = None;
        for item in &mut item.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            match &*function.sig.ident.to_string() {
                // A borrow comes in.
                "lift" => function
                    .block
                    .stmts
                    .insert(0, syn::parse_quote!(#support::lent(rep);)),
                // The owner drops the resource now, or when the last task that borrows it is gone.
                "dtor" => {
                    let mut dtor = function.clone();
                    dtor.sig.ident = format_ident!("__isyswasfa_dtor");
                    later = Some(dtor);
                    function.block = syn::parse_quote! {{
                        unsafe { #support::drop_resource(handle, Self::__isyswasfa_dtor::<T>) }
                    }};
                }
                // Moving the value out would take it from tasks that borrow it.
                "into_inner" => function.block.stmts.insert(
                    1,
                    syn::parse_quote! {
                        ::core::assert!(
                            !#support::is_held(ptr.cast_const().cast()),
                            "a task still borrows this resource"
                        );
                    },
                ),
                _ => {}
            }
        }
        item.items.extend(later.map(ImplItem::Fn));
    }
}
