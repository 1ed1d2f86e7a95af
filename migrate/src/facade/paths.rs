//! The paths into the bindings of WASI 0.2, which become paths into the facade.

use super::changes::Changes;
use super::parsed::Parsed;
use proc_macro2::{TokenStream, TokenTree};
use rustc_hash::FxHashSet;
use std::str::FromStr;
use syn::UseTree;
use syn::visit::{self, Visit};

pub const FACADE: &str = "compat_api::p2";

/// Changes the paths of a file. Returns how many there are.
pub fn change(changes: &mut Changes, parsed: &Parsed, names: &[String]) -> usize {
    let Ok(tokens) = TokenStream::from_str(&body(&parsed.text)) else {
        return 0;
    };
    let mut found = Vec::new();
    let mut alone = Alone {
        names,
        parsed,
        found: Vec::new(),
    };
    alone.visit_file(&parsed.tree);
    let own = Declared::of(parsed, names);
    walk(tokens, names, &mut found);
    let mut count = alone.found.len();
    let taken: FxHashSet<usize> = alone.found.iter().map(|(range, _)| range.start).collect();
    for (range, text) in alone.found {
        changes.replace(range, &text);
    }
    let places = crate::rust::Places::of(&parsed.text);
    for (span, after_colons, name) in found {
        if own.contains(&name) && !after_colons {
            continue;
        }
        let range = places.of_ends((span, span));
        if !taken.contains(&range.start) {
            count += 1;
            changes.replace(range, FACADE);
        }
    }
    count
}

/// The text as the parser of files takes it: a first line `#!…` is not Rust.
fn body(text: &str) -> String {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            let end = text.find('\n').unwrap_or(text.len());
            " ".repeat(end) + &text[end..]
        }
        _ => text.to_owned(),
    }
}

/// The names with `::` behind them, that no path leads to.
fn walk(tokens: TokenStream, names: &[String], found: &mut Vec<(proc_macro2::Span, bool, String)>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let punct = |index: Option<usize>, c: char| matches!(index.and_then(|index| trees.get(index)), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => walk(group.stream(), names, found),
            TokenTree::Ident(ident) if names.iter().any(|name| ident == name) => {
                let leads_on = punct(Some(index + 1), ':') && punct(Some(index + 2), ':');
                let colons = punct(index.checked_sub(1), ':') && punct(index.checked_sub(2), ':');
                let is_inner = colons
                    && matches!(index.checked_sub(3).and_then(|index| trees.get(index)), Some(TokenTree::Ident(before)) if !is_keyword(&before.to_string()));
                let is_generic = colons && punct(index.checked_sub(3), '>');
                // `export!(Guest with_types_in wasip2)`
                let is_types = matches!(index.checked_sub(1).and_then(|index| trees.get(index)), Some(TokenTree::Ident(before)) if before == "with_types_in");
                if is_types || (leads_on && !is_inner && !is_generic) {
                    found.push((ident.span(), colons, ident.to_string()));
                }
            }
            _ => {}
        }
    }
}

/// Words that may stand before a path with leading colons.
fn is_keyword(word: &str) -> bool {
    [
        "use", "impl", "for", "as", "in", "return", "match", "if", "dyn", "mut", "where", "while",
        "let", "else", "unsafe", "move", "pub", "ref", "break", "await",
    ]
    .contains(&word)
}

/// `use wasip2;`, `use wasip2 as w;`, `use {wasip2, …}`, `extern crate wasip2;`
struct Alone<'a> {
    names: &'a [String],
    parsed: &'a Parsed,
    found: Vec<(std::ops::Range<usize>, String)>,
}

impl Alone<'_> {
    fn tree(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Name(tree) if self.names.iter().any(|name| tree.ident == name) => {
                let range = self.parsed.range(&tree.ident);
                self.found
                    .push((range, format!("{FACADE} as {}", tree.ident)));
            }
            UseTree::Rename(tree) if self.names.iter().any(|name| tree.ident == name) => {
                self.found
                    .push((self.parsed.range(&tree.ident), FACADE.to_owned()));
            }
            UseTree::Group(tree) => tree.items.iter().for_each(|tree| self.tree(tree)),
            // `use wasip2::{self, …}` binds the crate's own name.
            UseTree::Path(tree) if self.names.iter().any(|name| tree.ident == name) => {
                if let UseTree::Group(group) = &*tree.tree {
                    for inner in &group.items {
                        if let UseTree::Name(inner) = inner
                            && inner.ident == "self"
                        {
                            let range = self.parsed.range(&inner.ident);
                            self.found.push((range, format!("self as {}", tree.ident)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Alone<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        if self.names.iter().any(|name| item.ident == name) {
            let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
            let first = self.parsed.range(&item.extern_token).start;
            let last = self.parsed.range(&item.semi_token).end;
            self.found
                .push((first..last, format!("use {FACADE} as {name};")));
        }
        visit::visit_item_extern_crate(self, item);
    }
}

/// The names of crates that mean something else in this file: `mod wasi`.
struct Declared;

impl Declared {
    fn of(parsed: &Parsed, names: &[String]) -> FxHashSet<String> {
        let mut found = Items {
            names,
            found: FxHashSet::default(),
        };
        found.visit_file(&parsed.tree);
        found.found
    }
}

struct Items<'a> {
    names: &'a [String],
    found: FxHashSet<String>,
}

impl<'ast> Visit<'ast> for Items<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if self.names.iter().any(|name| item.ident == name) {
            self.found.insert(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
    }

    // `use wasip2 as wasi;`: the name goes on meaning what the `use` brings in.
    fn visit_use_rename(&mut self, tree: &'ast syn::UseRename) {
        if self.names.iter().any(|name| tree.rename == name) {
            self.found.insert(tree.rename.to_string());
        }
    }

    fn visit_use_name(&mut self, tree: &'ast syn::UseName) {
        if self.names.iter().any(|name| tree.ident == name) {
            self.found.insert(tree.ident.to_string());
        }
    }
}
