//! Patches the names under which a core module imports: those of moved interfaces, and of functions whose names changed.

use super::Patch;
use crate::target::{Item, Scope};
use isyswasfa_wit::SplitKind;
use proc_macro2::Span;
use syn::{
    Attribute, Expr, ExprLit, ForeignItem, ForeignItemFn, ItemForeignMod, Lit, LitStr, Meta,
};

impl Patch<'_> {
    /// Renames the function that `item` imports, and its interface.
    pub fn rename(&mut self, item: &mut ItemForeignMod) {
        let Some(module) = import_module(item) else {
            return;
        };
        let Some(scope) = self.target.scope(&module) else {
            return;
        };
        let prefix = if scope.exported { "[export]" } else { "" };
        set_import_module(item, &format!("{prefix}{}", scope.split_name));
        for function in &mut item.items {
            let ForeignItem::Fn(function) = function else {
                continue;
            };
            let name = link_name(function);
            if let Some(SplitKind::Renamed { name }) =
                self.target.item(scope, &name).and_then(|item| item.kind)
            {
                set_link_name(function, name);
            }
        }
    }
}

/// One imported function. wit-bindgen declares each in a block of its own.
pub struct Import<'a> {
    pub scope: &'a Scope,
    pub item: Item<'a>,
    /// Whether it is imported for asynchronous calls.
    pub is_async: bool,
}

impl<'a> Patch<'a> {
    /// The function that `item` imports, if it is one of the world's, and not one of the ABI's own.
    pub fn import(&self, item: &ItemForeignMod) -> Option<Import<'a>> {
        let [ForeignItem::Fn(function)] = &item.items[..] else {
            return None;
        };
        let scope = self.target.scope(&import_module(item)?)?;
        let name = link_name(function);
        let (is_async, name) = match name.strip_prefix("[async-lower]") {
            Some(name) => (true, name.to_owned()),
            None => (false, name),
        };
        Some(Import {
            scope,
            item: self.target.item(scope, &name)?,
            is_async,
        })
    }
}

/// `M` of `#[link(wasm_import_module = "M")]`.
pub fn import_module(item: &ItemForeignMod) -> Option<String> {
    let link = item.attrs.iter().find(|a| a.path().is_ident("link"))?;
    let mut module = None;
    link.parse_nested_meta(|meta| {
        if meta.path.is_ident("wasm_import_module") {
            module = Some(meta.value()?.parse::<LitStr>()?.value());
        }
        Ok(())
    })
    .ok()?;
    module
}

fn set_import_module(item: &mut ItemForeignMod, module: &str) {
    for attr in &mut item.attrs {
        if attr.path().is_ident("link") {
            *attr = syn::parse_quote!(#[link(wasm_import_module = #module)]);
        }
    }
}

/// The name under which the core module imports the function.
pub fn link_name(function: &ForeignItemFn) -> String {
    let name = function.attrs.iter().find_map(link_name_of);
    name.unwrap_or_else(|| function.sig.ident.to_string())
}

fn link_name_of(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(name),
            ..
        }) if meta.path.is_ident("link_name") => Some(name.value()),
        _ => None,
    }
}

fn set_link_name(function: &mut ForeignItemFn, name: &str) {
    function.attrs.retain(|attr| link_name_of(attr).is_none());
    let name = LitStr::new(name, Span::call_site());
    function.attrs.push(syn::parse_quote!(#[link_name = #name]));
}
