//! Patches imports that are called asynchronously: the implementations of `Subtask`.

use super::Patch;
use super::sync_import::finish;
use crate::flat::Value;
use crate::wasm_type;
use isyswasfa_wit::SplitKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit::{self, Visit};
use syn::{ImplItem, ItemForeignMod, ItemImpl};
use wit_parser::abi::AbiVariant;

/// Whether this is `impl _Subtask for _MySubtask`.
pub fn is_subtask(item: &ItemImpl) -> bool {
    matches!(&item.trait_, Some((path, _)) if path.is_ident("_Subtask"))
}

impl Patch<'_> {
    /// Replaces the items of wit-bindgen's trait by those of the runtime's.
    pub fn subtask(&mut self, item: &mut ItemImpl) {
        let mut find = Find::default();
        find.visit_item_impl(item);
        let import = find.0.as_ref().and_then(|found| self.import(found));
        let Some((import, SplitKind::Async { start, result })) = import
            .and_then(|import| Some((import.item.kind?, import)))
            .map(|(k, i)| (i, k))
        else {
            unreachable!("a `Subtask` imports an asynchronous function");
        };
        debug_assert!(import.is_async);
        let link = self.wanted_link(import.scope, &import.item);
        let target = self.target;
        let function = import.item.function;

        // (1) The parameters are flat, or in memory at the start of the area; the split function takes up to 16 flat.
        let lowered = target.signature(function, AbiVariant::GuestImportAsync);
        let wanted = target.signature(function, AbiVariant::GuestImport);
        let types = || function.params.iter().map(|param| &param.ty);
        let params_size = if lowered.indirect_params {
            target.sizes.record(types()).size.size_wasm32()
        } else {
            0
        };
        let mut param_types = wanted.params.clone();
        if wanted.retptr {
            param_types.pop();
        }
        let (load, args) = if lowered.indirect_params && !wanted.indirect_params {
            let ptr = format_ident!("params_ptr");
            let (mut load, mut values) = (quote!(let #ptr = _params.0;), Vec::<Value>::new());
            let mut flat = target.flat();
            for (at, ty) in target.sizes.field_offsets(types()) {
                let (code, value) = flat.load(ty, &ptr, at.size_wasm32());
                load.extend(code);
                values.extend(value);
            }
            (load, values.into_iter().map(|value| value.expr).collect())
        } else {
            let args = (0..param_types.len()).map(|i| {
                let i = syn::Index::from(i);
                quote!(_params.#i)
            });
            (TokenStream::new(), args.collect::<Vec<_>>())
        };

        // (2) The result follows them.
        let result_at = params_size.next_multiple_of(8);
        let (payload, answer) = target.at_once(function.result.as_ref());
        let area = result_at + answer;

        let mut raw_params: Vec<_> = param_types.iter().map(|ty| wasm_type(*ty)).collect();
        raw_params.push(quote!(*mut u8));
        let raw_start = target.import(
            &import.scope.split_name,
            start,
            &format_ident!("raw_start"),
            &raw_params,
            None,
        );
        let finish = finish(target, &import, result);
        let ensure = link.iter();

        item.items.retain(|item| match item {
            ImplItem::Fn(function) => matches!(
                &*function.sig.ident.to_string(),
                "params_lower" | "params_dealloc_lists" | "results_lift"
            ),
            _ => true,
        });
        item.items.extend::<[ImplItem; 5]>([
            syn::parse_quote!(type Area = [u8; #area];),
            syn::parse_quote!(const RESULT: usize = #result_at;),
            syn::parse_quote!(const PAYLOAD: usize = #payload;),
            syn::parse_quote! {
                unsafe fn start(&mut self, _params: Self::ParamsLower, ret: *mut u8) {
                    #raw_start
                    #(#ensure.ensure();)*
                    unsafe {
                        #load
                        raw_start(#(#args,)* ret)
                    }
                }
            },
            syn::parse_quote! {
                unsafe fn finish(&mut self, ready: u32, ret: *mut u8) {
                    #finish
                    unsafe { finish(ready, ret) }
                }
            },
        ]);
    }
}

/// The first declaration of an import in something.
#[derive(Default)]
pub struct Find(pub Option<ItemForeignMod>);

impl<'ast> Visit<'ast> for Find {
    fn visit_item_foreign_mod(&mut self, item: &'ast ItemForeignMod) {
        self.0.get_or_insert_with(|| item.clone());
        visit::visit_item_foreign_mod(self, item);
    }
}
