//! Patches the macros that `export!` is made of. They declare the exported functions, so the functions' names and number change.

use super::payload::{Names, Payload, alias};
use super::{Patch, section, unmentioned};
use crate::target::{Item, Scope, Target};
use crate::wasm_type;
use heck::ToSnakeCase;
use heck::ToUpperCamelCase;
use isyswasfa_wit::{Pipe, SplitKind};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::{Ident, ItemMacro};
use wit_bindgen_core::abi;
use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{Function, TypeDefKind};

impl Patch<'_> {
    /// The exported scope whose macro is among `items`, and which has these functions.
    pub fn exported_scope(&self, items: &[syn::Item]) -> Option<Scope> {
        items.iter().find_map(|item| match item {
            syn::Item::Macro(item) => self.scope_of(item).cloned(),
            _ => None,
        })
    }

    fn scope_of(&self, item: &ItemMacro) -> Option<&Scope> {
        let name = item.ident.as_ref()?.to_string();
        let stem = name.strip_prefix("__export_")?.strip_suffix("_cabi")?;
        self.target
            .exported()
            .find(|scope| stem == macro_stem(self.target, scope))
    }

    /// Rewrites a `macro_rules!` of generated code.
    pub fn export_macro(&mut self, item: &mut ItemMacro) {
        let Some(scope) = self.scope_of(item).cloned() else {
            let tokens = std::mem::take(&mut item.mac.tokens);
            item.mac.tokens = section::replace_in_tokens(tokens, &self.sections.export);
            return;
        };
        if !self.target.changes(&scope) {
            return;
        }
        let exports = Exports {
            target: self.target,
            scope: &scope,
            skip: self.skip,
            sync: &self.sync,
        };
        let body = exports.all(self.payloads);
        item.mac.tokens = replace_body(std::mem::take(&mut item.mac.tokens), body);
    }

    /// The functions and aliases that the exports of this module refer to.
    pub fn export_helpers(&self, scope: &Scope, depth: usize) -> Vec<syn::Item> {
        if !self.target.changes(scope) {
            return Vec::new();
        }
        let support = &self.target.support;
        let mut items: Vec<syn::Item> = vec![syn::parse_quote! {
            #[doc(hidden)]
            pub fn __isyswasfa_poll() -> u32 {
                #support::poll()
            }
        }];
        items.push(syn::parse_quote! {
            #[doc(hidden)]
            pub fn __isyswasfa_post_return() {
                #support::post_return()
            }
        });
        for payload in implemented_in(self.payloads, scope) {
            let (alias, kind, module) = (
                alias(payload),
                format_ident!("{}", payload.kind),
                format_ident!("{}", payload.module),
            );
            let up = (0..depth).map(|_| quote!(super::));
            items.push(syn::parse_quote! {
                #[doc(hidden)]
                pub use #(#up)* #kind::#module as #alias;
            });
        }
        items.extend(self.unmentioned_pipes(scope));
        items
    }
}

impl Payload<'_> {
    /// Whether the exports of `scope` have the pipe.
    pub fn is_implemented_in(&self, scope: &Scope) -> bool {
        self.scope
            .is_some_and(|own| own.exported && own.interface == scope.interface)
    }
}

/// The payloads whose pipes the exports of `scope` have, one for each pipe: payloads of equal structure share it.
fn implemented_in<'p, 'a>(payloads: &'p [Payload<'a>], scope: &Scope) -> Vec<&'p Payload<'a>> {
    let mut seen = BTreeSet::new();
    let payloads = payloads.iter().filter(|it| it.is_implemented_in(scope));
    payloads.filter(|it| seen.insert(&*it.pipe.name)).collect()
}

/// What wit-bindgen calls the macro of a scope, between `__export_` and `_cabi`.
fn macro_stem(target: &Target, scope: &Scope) -> String {
    match scope.interface {
        Some(_) => {
            let name = scope.name.to_snake_case();
            name.replace(|c: char| !c.is_alphanumeric(), "_")
        }
        None => {
            let world = &target.resolve().worlds[target.original];
            format!("world_{}", world.name.to_snake_case())
        }
    }
}

/// Replaces `..` in `(pattern) => (const _: () = { .. };);`.
fn replace_body(tokens: TokenStream, body: TokenStream) -> TokenStream {
    let mut arrow = false;
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Punct(p) if p.as_char() == '>' => {
            arrow = true;
            TokenTree::Punct(p)
        }
        TokenTree::Group(_) if arrow => {
            let body = quote!(const _: () = { #body };);
            TokenTree::Group(Group::new(Delimiter::Brace, body))
        }
        token => token,
    });
    replaced.collect()
}

/// Declares the exports of one scope, in tokens of a macro that has `$ty` and `$path_to_types`.
struct Exports<'a> {
    target: &'a Target,
    scope: &'a Scope,
    skip: &'a [String],
    sync: &'a BTreeSet<String>,
}

impl Exports<'_> {
    fn all(&self, payloads: &[Payload<'_>]) -> TokenStream {
        let mut all = TokenStream::new();
        let mut polls = BTreeSet::new();
        for item in self.target.items(self.scope) {
            if self.skip.contains(&item.function.name) {
                continue;
            }
            polls.extend(self.target.poll(self.scope, item.function));
            all.extend(match item.kind {
                Some(SplitKind::Async { start, result }) => self.halves(&item, start, result),
                Some(SplitKind::Renamed { name }) => self.plain(&item, name),
                _ => self.plain(&item, &item.function.name),
            });
        }
        for (i, poll) in polls.iter().enumerate() {
            let (name, ident) = (self.export_name(poll), format_ident!("poll_{i}"));
            all.extend(quote! {
                #[unsafe(export_name = #name)]
                unsafe extern "C" fn #ident() -> i32 {
                    $($path_to_types)*::__isyswasfa_poll() as i32
                }
            });
        }
        all.extend(self.destructors());
        for payload in implemented_in(payloads, self.scope) {
            all.extend(self.pipe(payload.pipe, &alias(payload)));
        }
        for (pipe, module) in unmentioned::pipes(self.target, self.scope, payloads) {
            all.extend(self.pipe(pipe, &module));
        }
        all
    }

    /// The name that the core module exports `function` under.
    fn export_name(&self, function: &str) -> String {
        let prefix = &self.target.export_prefix;
        match self.scope.interface {
            Some(_) => format!("{prefix}{}#{function}", self.scope.split_name),
            None => format!("{prefix}{function}"),
        }
    }

    fn post_return_name(&self, function: &str) -> String {
        let prefix = &self.target.export_prefix;
        match self.scope.interface {
            Some(_) => format!("{prefix}cabi_post_{}#{function}", self.scope.split_name),
            None => format!("{prefix}cabi_post_{function}"),
        }
    }

    /// The user's type that implements `function`.
    fn implementor(&self, function: &Function) -> TokenStream {
        match function.kind.resource() {
            None => quote!($ty),
            Some(id) => {
                let name = self.target.resolve().types[id].name.as_deref();
                let name = format_ident!("{}", name.unwrap_or_default().to_upper_camel_case());
                quote!(<$ty as $($path_to_types)*::Guest>::#name)
            }
        }
    }

    /// A function that stays one function.
    fn plain(&self, item: &Item<'_>, name: &str) -> TokenStream {
        let function = item.function;
        let stem = stem(function);
        let signature = self.target.signature(function, AbiVariant::GuestExport);
        let (params, args) = params(&signature);
        let ret = signature.results.iter().map(|ty| wasm_type(*ty));
        let (export_name, ident, body) = (
            self.export_name(name),
            format_ident!("export_{stem}"),
            format_ident!("_export_{stem}_cabi"),
        );
        let implementor = self.implementor(function);
        let export = quote! {
            #[unsafe(export_name = #export_name)]
            unsafe extern "C" fn #ident(#(#args: #params),*) #(-> #ret)* {
                unsafe { $($path_to_types)*::#body::<#implementor>(#(#args),*) }
            }
        };
        if !abi::guest_export_needs_post_return(self.target.resolve(), function) {
            return export;
        }
        let (export_name, ident, body) = (
            self.post_return_name(name),
            format_ident!("_post_return_{stem}"),
            format_ident!("__post_return_{stem}"),
        );
        let ret = signature.results.iter().map(|ty| wasm_type(*ty));
        quote! {
            #export
            #[unsafe(export_name = #export_name)]
            unsafe extern "C" fn #ident(#(arg0: #ret)*) {
                unsafe { $($path_to_types)*::#body::<#implementor>(arg0) }
            }
        }
    }

    /// An asynchronous function.
    fn halves(&self, item: &Item<'_>, start: &str, result: &str) -> TokenStream {
        let function = item.function;
        let stem = stem(function);
        let signature = self.target.signature(function, AbiVariant::GuestExport);
        let (params, args) = params(&signature);
        let implementor = self.implementor(function);
        let name = |half: &str| {
            (
                format_ident!("export_{stem}_{half}"),
                format_ident!("_export_{stem}_{half}_cabi"),
            )
        };
        let (start_ident, start_body) = name("start");
        let (result_ident, result_body) = name("result");
        let (start_name, result_name) = (self.export_name(start), self.export_name(result));
        let ret: Vec<_> = signature.results.iter().map(|ty| wasm_type(*ty)).collect();
        let halves = quote! {
            #[unsafe(export_name = #start_name)]
            unsafe extern "C" fn #start_ident(#(#args: #params),*) -> *mut u8 {
                unsafe { $($path_to_types)*::#start_body::<#implementor>(#(#args),*) }
            }
            #[unsafe(export_name = #result_name)]
            unsafe extern "C" fn #result_ident(ready: i32) #(-> #ret)* {
                unsafe { $($path_to_types)*::#result_body(ready) }
            }
        };
        let lists = function.result.as_ref();
        if !lists.is_some_and(|ty| self.target.has_lists(ty)) {
            return halves;
        }
        let (start_name, result_name) =
            (self.post_return_name(start), self.post_return_name(result));
        let (start_ident, result_ident) = (
            format_ident!("_post_return_{stem}_start"),
            format_ident!("_post_return_{stem}_result"),
        );
        // A function that was bound synchronously has stored its result as synchronous functions do.
        let start_post = if self.sync.contains(&function.name) {
            let (payload, _) = self.target.at_once(function.result.as_ref());
            let body = format_ident!("__post_return_{stem}");
            quote!(unsafe { $($path_to_types)*::#body::<#implementor>(area.add(#payload)) })
        } else {
            quote!($($path_to_types)*::__isyswasfa_post_return())
        };
        quote! {
            #halves
            #[unsafe(export_name = #start_name)]
            unsafe extern "C" fn #start_ident(area: *mut u8) {
                let _ = area;
                #start_post
            }
            #[unsafe(export_name = #result_name)]
            unsafe extern "C" fn #result_ident(_area: *mut u8) {
                $($path_to_types)*::__isyswasfa_post_return()
            }
        }
    }

    /// The destructors of the scope's resources.
    fn destructors(&self) -> TokenStream {
        let resolve = self.target.resolve();
        let Some(interface) = self.scope.interface else {
            return TokenStream::new();
        };
        let types = resolve.interfaces[interface].types.iter();
        let resources =
            types.filter(|(_, id)| matches!(resolve.types[**id].kind, TypeDefKind::Resource));
        let dtors = resources.map(|(name, _)| {
            let export_name = self.export_name(&format!("[dtor]{name}"));
            let camel = format_ident!("{}", name.to_upper_camel_case());
            quote! {
                const _: () = {
                    #[unsafe(export_name = #export_name)]
                    unsafe extern "C" fn dtor(rep: *mut u8) {
                        unsafe {
                            $($path_to_types)*::#camel::dtor::<<$ty as $($path_to_types)*::Guest>::#camel>(rep)
                        }
                    }
                };
            }
        });
        dtors.collect()
    }

    /// A pipe that this component implements.
    fn pipe(&self, pipe: &Pipe, alias: &Ident) -> TokenStream {
        let names = Names::of(pipe);
        let (reader, writer) = (&pipe.reader, &pipe.writer);
        let name = |function: &str| self.export_name(function);
        let (new, read, cancel_read, write, written, cancel_write, take_back) = (
            name(&names.new),
            name(&names.read),
            name(&names.cancel_read),
            name(&names.write),
            name(&names.written),
            name(&names.cancel_write),
            name(&names.take_back),
        );
        let (drop_reader, drop_writer) = (
            name(&format!("[dtor]{reader}")),
            name(&format!("[dtor]{writer}")),
        );
        let (post_read, post_cancel_read, post_take_back) = (
            self.post_return_name(&names.read),
            self.post_return_name(&names.cancel_read),
            self.post_return_name(&names.take_back),
        );
        let export =
            |export_name: &str, function: &str, params: &[TokenStream], ret: TokenStream| {
                let args: Vec<_> = (0..params.len()).map(|i| format_ident!("arg{i}")).collect();
                let function = format_ident!("{function}");
                quote! {
                    #[unsafe(export_name = #export_name)]
                    unsafe extern "C" fn #function(#(#args: #params),*) #ret {
                        unsafe { $($path_to_types)*::#alias::exports::#function(#(#args),*) }
                    }
                }
            };
        let ptr = || quote!(*mut u8);
        let (key, token, len) = (|| quote!(u64), || quote!(u32), || quote!(usize));
        let (answer, nothing) = (|| quote!(-> *mut u8), || quote!());
        let exports = [
            export(&new, "new", &[], answer()),
            export(&read, "read", &[ptr(), key(), token(), token()], answer()),
            export(&cancel_read, "cancel_read", &[ptr()], answer()),
            export(
                &write,
                "write",
                &[ptr(), key(), token(), ptr(), len()],
                answer(),
            ),
            export(&written, "written", &[ptr(), key(), token()], answer()),
            export(&cancel_write, "cancel_write", &[ptr()], quote!(-> u32)),
            export(&take_back, "take_back", &[ptr()], answer()),
            export(&drop_reader, "drop_reader", &[ptr()], nothing()),
            export(&drop_writer, "drop_writer", &[ptr()], nothing()),
            export(&post_read, "post_read", &[ptr()], nothing()),
            export(&post_cancel_read, "post_cancel_read", &[ptr()], nothing()),
            export(&post_take_back, "post_take_back", &[ptr()], nothing()),
        ];
        quote!(const _: () = { #(#exports)* };)
    }
}

/// A function's name as wit-bindgen writes it in Rust.
pub fn stem(function: &Function) -> String {
    function.name.to_snake_case().replace('.', "_")
}

fn params(signature: &WasmSignature) -> (Vec<TokenStream>, Vec<syn::Ident>) {
    let types = signature.params.iter().map(|ty| wasm_type(*ty)).collect();
    let names = (0..signature.params.len()).map(|i| format_ident!("arg{i}"));
    (types, names.collect())
}
