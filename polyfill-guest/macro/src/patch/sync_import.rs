//! Patches imports that are called synchronously: ordinary ones, and asynchronous ones for which the option `sync` was given.

use super::Patch;
use super::foreign::Import;
use crate::target::Target;
use crate::wasm_type;
use isyswasfa_wit::SplitKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Block, ForeignItem, Item, Stmt};
use wit_parser::abi::AbiVariant;

impl Patch<'_> {
    /// Looks for declarations of imports among the statements of `block`.
    pub fn imports_in(&mut self, block: &mut Block) {
        let mut stmts = Vec::new();
        let mut replaced = None;
        for stmt in std::mem::take(&mut block.stmts) {
            match &stmt {
                Stmt::Item(Item::ForeignMod(item)) => {
                    let Some(import) = self.import(item).filter(|import| !import.scope.exported)
                    else {
                        stmts.push(stmt);
                        continue;
                    };
                    let link = self.wanted_link(import.scope, &import.item);
                    if let Some(SplitKind::Async { start, result }) = import.item.kind {
                        let [ForeignItem::Fn(function)] = &item.items[..] else {
                            unreachable!("an import is one function");
                        };
                        let name = &function.sig.ident;
                        let ensure = link.iter();
                        let ensure = quote!(#(#ensure.ensure();)*);
                        let blocking = blocking(self.target, &import, start, result, name, ensure);
                        stmts.push(Stmt::Item(syn::parse_quote!(#blocking)));
                        replaced = Some(name.clone());
                    } else {
                        stmts.push(stmt);
                        if let Some(link) = link {
                            stmts.push(syn::parse_quote!(#link.ensure();));
                        }
                    }
                }
                // The stand-in for the import on other machines.
                Stmt::Item(Item::Fn(stub)) if Some(&stub.sig.ident) == replaced.as_ref() => {}
                _ => stmts.push(stmt),
            }
        }
        block.stmts = stmts;
    }
}

/// A function with the signature of a synchronous import, which blocks until the task is done.
fn blocking(
    target: &Target,
    import: &Import<'_>,
    start: &str,
    result: &str,
    name: &syn::Ident,
    ensure: TokenStream,
) -> TokenStream {
    let function = import.item.function;
    let module = &import.scope.split_name;
    let support = &target.support;
    let signature = target.signature(function, AbiVariant::GuestImport);
    let mut params: Vec<_> = signature.params.iter().map(|ty| wasm_type(*ty)).collect();
    if signature.retptr {
        params.pop();
    }
    let args: Vec<_> = (0..params.len()).map(|i| format_ident!("arg{i}")).collect();

    let ty = function.result.as_ref();
    let (payload, area) = target.at_once(ty);
    let (size, _) = target.layout(ty);
    let mut start_params = params.clone();
    start_params.push(quote!(*mut u8));
    let raw_start = target.import(
        module,
        start,
        &format_ident!("raw_start"),
        &start_params,
        None,
    );
    let finish = finish(target, import, result);

    let mut own_params: Vec<_> = args
        .iter()
        .zip(&params)
        .map(|(arg, ty)| quote!(#arg: #ty))
        .collect();
    own_params.extend(signature.retptr.then(|| quote!(result: *mut u8)));
    let flat = signature.results.first().map(|ty| wasm_type(*ty));
    let ret = flat.iter();
    let take = match (ty, signature.retptr) {
        (None, _) => quote!(let _ = payload;),
        (Some(_), true) => quote!(::core::ptr::copy_nonoverlapping(payload, result, #size);),
        (Some(ty), false) => {
            let ptr = format_ident!("payload");
            let (load, values) = target.flat().load(ty, &ptr, 0);
            let value = values.first().map(|value| &value.expr);
            quote!(#load #value)
        }
    };
    quote! {
        unsafe fn #name(#(#own_params),*) #(-> #ret)* {
            #raw_start
            #finish
            #ensure
            unsafe {
                let area = #support::Area::<#area>::new();
                raw_start(#(#args,)* area.ptr());
                let payload = #support::wait_for_result(area.ptr(), #payload, finish);
                #take
            }
        }
    }
}

/// `unsafe fn finish(ready: u32, ret: *mut u8)`: calls the result half and stores the result at `ret`.
pub fn finish(target: &Target, import: &Import<'_>, result: &str) -> TokenStream {
    let ty = import.item.function.result.as_ref();
    let flat = ty.map(|ty| {
        // One value is returned as it is, several are returned in memory.
        let types = crate::flat::Flat::types(target.resolve(), ty);
        types.filter(|types| types.len() <= 1)
    });
    let raw = format_ident!("raw_result");
    let module = &import.scope.split_name;
    let declare = |params: &[TokenStream], ret| target.import(module, result, &raw, params, ret);
    let (import, call) = match (ty, flat.flatten()) {
        (None, _) => (
            declare(&[quote!(i32)], None),
            quote!(let _ = ret; raw_result(ready as i32);),
        ),
        (Some(ty), Some(types)) => {
            let value = types.first().copied();
            let mut values = value.into_iter().map(|ty| crate::flat::Value {
                expr: quote!(value),
                ty,
            });
            let store = target
                .flat()
                .store(ty, &mut values, &format_ident!("ret"), 0);
            (
                declare(&[quote!(i32)], value.map(wasm_type)),
                quote! {
                    let value = raw_result(ready as i32);
                    #store
                },
            )
        }
        (Some(_), None) => (
            declare(&[quote!(i32), quote!(*mut u8)], None),
            quote!(raw_result(ready as i32, ret);),
        ),
    };
    quote! {
        unsafe fn finish(ready: u32, ret: *mut u8) {
            #import
            unsafe { #call }
        }
    }
}
