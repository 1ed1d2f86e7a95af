//! Patches exported asynchronous functions: one function becomes the bodies of two exports.

use super::Patch;
use super::foreign::{import_module, link_name};
use crate::flat::{Flat, Value};
use crate::target::{Item as WorldItem, ROOT, Scope};
use crate::wasm_type;
use isyswasfa_wit::SplitKind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprAwait, ForeignItem, Item, ItemFn, Stmt};
use wit_parser::Type;
use wit_parser::abi::AbiVariant;

impl Patch<'_> {
    /// Replaces the function, if it is the body of an export that becomes two halves. `scope` has the module's exports.
    pub fn exported_function(&mut self, mut function: ItemFn, scope: Option<&Scope>) -> Vec<Item> {
        let name = function.sig.ident.to_string();
        if name.starts_with("__callback_") {
            return Vec::new();
        }
        if !(name.starts_with("_export_") && name.ends_with("_cabi")) {
            return vec![Item::Fn(function)];
        }
        // In the world's own module, nothing else exempts it from lints for hand-written code.
        function
            .attrs
            .push(syn::parse_quote!(#[allow(clippy::all)]));
        let mut find = super::async_import::Find::default();
        find.visit_item_fn(&function);
        let Some((scope, item)) = find.0.and_then(|found| self.task_return(&found)) else {
            return self.sync_halves(function, scope);
        };
        self.refuse_borrows(scope, &item);

        let target = self.target;
        let support = &target.support;
        let result = item.function.result.as_ref();
        let (payload, area) = target.at_once(result);

        // The function, as the core knows it.
        let known = format_ident!("__ISYSWASFA_{name}");
        let in_wit = match &*scope.name {
            ROOT => item.function.name.clone(),
            interface => format!("{interface}#{}", item.function.name),
        };
        let known_as: Item = syn::parse_quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            static #known: #support::Function = #support::Function::new(#in_wit);
        };

        // (1) The start half: the task, with an area for its result.
        let start = format_ident!("{}", half(&name, "start"));
        function.sig.ident = start;
        function.sig.output = syn::parse_quote!(-> *mut u8);
        let mut params = item.function.params.iter();
        let borrows = params.any(|param| target.has_borrows(&param.ty));
        Task {
            target,
            result,
            at_once: borrows,
        }
        .visit_block_mut(&mut function.block);
        let start_task = if borrows {
            quote!(#support::start_task_at_once)
        } else {
            quote!(#support::start_task)
        };
        StartTask {
            start_task,
            arguments: quote!(&#known, __AREA.ptr(), #payload),
        }
        .visit_block_mut(&mut function.block);
        function.block.stmts.insert(
            0,
            syn::parse_quote!(static __AREA: #support::Area<#area> = #support::Area::new();),
        );

        // (2) The result half. It needs no type of the user's, since the task exists.
        let end = second_half(
            self,
            &name,
            result,
            |area| quote!(#support::finish_task(&#known, ready as u32, #area)),
        );
        vec![known_as, Item::Fn(function), end]
    }
}

impl<'a> Patch<'a> {
    /// The exported function whose `task.return` the declaration imports.
    fn task_return(&self, item: &syn::ItemForeignMod) -> Option<(&'a Scope, WorldItem<'a>)> {
        let [ForeignItem::Fn(function)] = &item.items[..] else {
            return None;
        };
        let name = link_name(function);
        let name = name.strip_prefix("[task-return]")?;
        let module = import_module(item)?;
        let scope = self.target.scope(&module)?;
        Some((scope, self.target.item(scope, name)?))
    }
}

/// The result half of an export. `answer` is given the address of an area, and returns it filled with the result.
pub fn second_half(
    patch: &Patch<'_>,
    name: &str,
    result: Option<&Type>,
    answer: impl FnOnce(TokenStream) -> TokenStream,
) -> Item {
    let target = patch.target;
    let support = &target.support;
    let (size, _) = target.layout(result);
    let name = format_ident!("{}", half(name, "result"));
    let answer = answer(quote!(__AREA.ptr()));
    let flat = result.map(|ty| (ty, Flat::types(target.resolve(), ty)));
    let (ret, value) = match flat {
        None => (quote!(), quote!(#answer;)),
        // One value is returned as it is, more are returned in memory.
        Some((ty, Some(types))) if types.len() <= 1 => {
            let (load, values) = target.flat().load(ty, &format_ident!("area"), 0);
            let types = types.iter().map(|ty| wasm_type(*ty));
            let values = values.iter().map(|value| &value.expr);
            (
                quote!(#(-> #types)*),
                quote!(let area = #answer; #load #(#values)*),
            )
        }
        Some(_) => (quote!(-> *mut u8), answer),
    };
    syn::parse_quote! {
        #[doc(hidden)]
        #[allow(non_snake_case, unused_unsafe, clippy::all)]
        pub unsafe fn #name(ready: i32) #ret {
            static __AREA: #support::Area<#size> = #support::Area::new();
            unsafe { #value }
        }
    }
}

/// `_export_foo_start_cabi`, from `_export_foo_cabi` and `start`.
pub fn half(name: &str, half: &str) -> String {
    let stem = name.strip_suffix("_cabi").unwrap_or(name);
    format!("{stem}_{half}_cabi")
}

/// Replaces `start_task(..)` by a call of the runtime.
struct StartTask {
    start_task: TokenStream,
    /// All arguments but the last, which is the future.
    arguments: TokenStream,
}

impl VisitMut for StartTask {
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let StartTask {
            start_task,
            arguments,
        } = self;
        match &*call.func {
            Expr::Path(path)
                if path
                    .path
                    .segments
                    .last()
                    .is_some_and(|s| s.ident == "start_task") =>
            {
                let future = call.args.first();
                *call = syn::parse_quote!(#start_task(#arguments, #future));
            }
            _ => visit_mut::visit_expr_call_mut(self, call),
        }
    }
}

/// In the future of a task, awaits the caller after the user's function, and stores the result instead of returning it.
struct Task<'a> {
    target: &'a crate::target::Target,
    result: Option<&'a Type>,
    /// Whether it begins in the start half, since it is lent something.
    at_once: bool,
}

impl VisitMut for Task<'_> {
    fn visit_expr_await_mut(&mut self, expr: &mut ExprAwait) {
        let (support, base) = (&self.target.support, &expr.base);
        *expr = match &**base {
            // The arguments are lifted before anything is awaited. From then on they are dropped with the task.
            Expr::Call(call) if !self.at_once => {
                let (function, values) = (&call.func, call.args.iter());
                let args: Vec<_> = (0..call.args.len())
                    .map(|i| format_ident!("__isyswasfa_arg{i}"))
                    .collect();
                syn::parse_quote! {
                    {
                        let (#(#args,)*) = (#(#values,)*);
                        #support::begin(move || #function(#(#args),*))
                    }.await
                }
            }
            _ => syn::parse_quote!(#support::deliver(#base).await),
        };
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let declared = block.stmts.iter().find_map(|stmt| match stmt {
            Stmt::Item(Item::ForeignMod(item)) => match &item.items[..] {
                [ForeignItem::Fn(function)] if link_name(function).starts_with("[task-return]") => {
                    Some(function.sig.ident.clone())
                }
                _ => None,
            },
            _ => None,
        });
        let Some(name) = declared else { return };
        block.stmts.retain(|stmt| match stmt {
            Stmt::Item(Item::ForeignMod(_)) => false,
            Stmt::Item(Item::Fn(stub)) => stub.sig.ident != name,
            _ => true,
        });
        let store = self.store(&name);
        block.stmts.insert(0, Stmt::Item(syn::parse_quote!(#store)));
        let lists = self.result.is_some_and(|ty| self.target.has_lists(ty));
        if lists {
            let support = &self.target.support;
            // The stored result points into memory that this block owns.
            block
                .stmts
                .push(syn::parse_quote!(#support::until_copied().await;));
        }
    }
}

impl Task<'_> {
    /// A function with the parameters of `task.return`, which stores them.
    fn store(&self, name: &syn::Ident) -> TokenStream {
        let (target, support) = (self.target, &self.target.support);
        let Some(ty) = self.result else {
            return quote!(unsafe fn #name() {});
        };
        let Some(types) = Flat::types(target.resolve(), ty) else {
            let (size, _) = target.layout(Some(ty));
            return quote! {
                unsafe fn #name(value: *mut u8) {
                    unsafe { ::core::ptr::copy_nonoverlapping(value, #support::result_ptr(), #size) }
                }
            };
        };
        let args: Vec<_> = (0..types.len()).map(|i| format_ident!("arg{i}")).collect();
        let mut values = types.iter().zip(&args).map(|(ty, arg)| Value {
            expr: quote!(#arg),
            ty: *ty,
        });
        let store = target
            .flat()
            .store(ty, &mut values, &format_ident!("result"), 0);
        let params = types.iter().map(|ty| wasm_type(*ty));
        quote! {
            #[allow(clippy::too_many_arguments)]
            unsafe fn #name(#(#args: #params),*) {
                let result = #support::result_ptr();
                unsafe { #store }
            }
        }
    }
}

impl Patch<'_> {
    /// A borrow is valid during the start half only. Resources of this component can be kept alive, others can't.
    fn refuse_borrows(&mut self, scope: &Scope, item: &WorldItem<'_>) {
        let mut errors = Vec::new();
        for param in &item.function.params {
            if let Some(resource) = self.target.foreign_borrow(scope, &param.ty) {
                errors.push(format!(
                    "cannot export the async function `{}` of `{}`: its parameter `{}` borrows `{resource}`, which another \
                     component implements: on the split ABI such a borrow ends when the call has begun\n\
                     help: take an owned `{resource}`, or implement the interface of `{resource}` in this component",
                    item.function.name, scope.name, param.name,
                ));
            }
        }
        for error in errors {
            self.fail(syn::Error::new(proc_macro2::Span::call_site(), error));
        }
    }

    /// Adds the halves, if the function is asynchronous but was bound synchronously by the option `sync`.
    fn sync_halves(&mut self, function: ItemFn, scope: Option<&Scope>) -> Vec<Item> {
        let (target, support) = (self.target, &self.target.support);
        let name = function.sig.ident.to_string();
        let items = scope.into_iter().flat_map(|scope| target.items(scope));
        let found = items
            .filter(|item| matches!(item.kind, Some(SplitKind::Async { .. })))
            .find(|item| {
                name == format!("_export_{}_cabi", super::export_macro::stem(item.function))
            });
        let Some(item) = found else {
            return vec![Item::Fn(function)];
        };
        self.sync.insert(item.function.name.clone());
        let result = item.function.result.as_ref();
        let (payload, area) = target.at_once(result);
        let (size, _) = target.layout(result);
        let signature = target.signature(item.function, AbiVariant::GuestExport);

        let mut start = function.clone();
        let body = &function.sig.ident;
        start.sig.ident = format_ident!("{}", half(&name, "start"));
        start.sig.output = syn::parse_quote!(-> *mut u8);
        let args: Vec<_> = (0..signature.params.len())
            .map(|i| format_ident!("arg{i}"))
            .collect();
        let store = match (result, signature.retptr) {
            (None, _) => quote!(),
            (Some(_), true) => quote!(::core::ptr::copy_nonoverlapping(value, result, #size);),
            (Some(ty), false) => {
                let mut values = signature.results.iter().map(|ty| Value {
                    expr: quote!(value),
                    ty: *ty,
                });
                target
                    .flat()
                    .store(ty, &mut values, &format_ident!("result"), 0)
            }
        };
        start
            .attrs
            .push(syn::parse_quote!(#[allow(unused_variables)]));
        *start.block = syn::parse_quote! {{
            static __AREA: #support::Area<#area> = #support::Area::new();
            unsafe {
                let value = #body::<T_>(#(#args),*);
                let result = __AREA.ptr().add(#payload);
                #store
                __AREA.ptr().write(0);
            }
            __AREA.ptr()
        }};
        let end = second_half(
            self,
            &name,
            result,
            |area| quote!(#support::no_task(ready as u32, #area)),
        );
        vec![Item::Fn(function), Item::Fn(start), end]
    }
}
