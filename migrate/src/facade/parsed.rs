//! A file of the program: its syntax, where its tokens are, and the arguments of its macros.

use super::tree::address;
use crate::rust::{self, Places};
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::path::PathBuf;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Token};

pub struct Parsed {
    pub path: PathBuf,
    pub text: String,
    pub tree: syn::File,
    pub places: Places,
    pub is_generated: bool,
    arguments: Arguments,
}

impl Parsed {
    pub fn new(path: PathBuf, text: &str) -> syn::Result<Self> {
        let tree = syn::parse_file(text)?;
        let mut arguments = Arguments::default();
        arguments.visit_file(&tree);
        Ok(Self {
            path,
            text: text.to_owned(),
            tree,
            places: Places::of(text),
            is_generated: rust::is_generated(text),
            arguments,
        })
    }

    pub fn range(&self, of: &impl Spanned) -> Range<usize> {
        let span = of.span();
        self.places.of_ends((span, span))
    }

    pub fn expr(&self, expr: &Expr) -> Range<usize> {
        self.places.of_ends(rust::extent_of_expr(expr))
    }

    /// The expressions in a macro's arguments. `None` if they are something else.
    pub fn arguments(&self, of: &syn::Macro) -> Option<&[Expr]> {
        self.arguments.0.get(&address(of)).map(Vec::as_slice)
    }
}

#[derive(Default)]
struct Arguments(FxHashMap<usize, Vec<Expr>>);

impl<'ast> Visit<'ast> for Arguments {
    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let name = found
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default();
        let Some(arguments) = parsed(&name, found) else {
            return;
        };
        arguments
            .iter()
            .for_each(|argument| self.visit_expr(argument));
        self.0.insert(address(found), arguments);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.ident.is_none() {
            visit::visit_item_macro(self, item);
        }
    }
}

fn parsed(name: &str, found: &syn::Macro) -> Option<Vec<Expr>> {
    if [
        "quote",
        "quote_spanned",
        "generate",
        "export",
        "macro_rules",
        "stringify",
    ]
    .contains(&name)
    {
        return None;
    }
    let list = Punctuated::<Expr, Token![,]>::parse_terminated;
    if let Ok(arguments) = found.parse_body_with(list) {
        return Some(arguments.into_iter().collect());
    }
    // `vec![0; 10]`
    let repeated = |input: ParseStream| {
        let (item, _, count) = (
            input.parse::<Expr>()?,
            input.parse::<Token![;]>()?,
            input.parse::<Expr>()?,
        );
        Ok(vec![item, count])
    };
    if let Ok(arguments) = repeated.parse2(found.tokens.clone()) {
        return Some(arguments);
    }
    // `matches!(value, pattern)`
    let first = |input: ParseStream| {
        let first = input.parse::<Expr>()?;
        input.parse::<Token![,]>()?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(vec![first])
    };
    (name == "matches" || name == "assert_matches")
        .then(|| first.parse2(found.tokens.clone()).ok())?
}
