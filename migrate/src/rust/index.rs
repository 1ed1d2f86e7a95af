//! The index of a file: all expressions, statements, functions and paths in the order of the text, found in one walk.

use super::extent::{self, Side};
use super::places::Places;
use super::text::with_text;
use super::{Macros, address};
use proc_macro2::Span;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat, Path, Signature, Stmt};

/// Part of the syntax, and its place.
pub struct Node<'a, T> {
    pub node: &'a T,
    pub range: Range<usize>,
    /// The node that it is in: an expression's expression, a statement's block, a block's statement, a function's function.
    outer: Option<usize>,
    /// The innermost async block or closure that an expression is in.
    deferred: Option<usize>,
}

pub struct Let<'a> {
    pub name: String,
    pub value: &'a Expr,
    statement: usize,
}

pub struct Function<'a> {
    pub signature: &'a Signature,
    pub body: &'a Block,
    pub range: Range<usize>,
}

#[derive(Default)]
pub struct Index<'a> {
    exprs: Vec<Node<'a, Expr>>,
    by_address: FxHashMap<usize, usize>,
    statements: Vec<Node<'a, Stmt>>,
    blocks: Vec<Node<'a, Block>>,
    lets: Vec<Let<'a>>,
    functions: Vec<Function<'a>>,
    paths: Vec<&'a Path>,
    macros: Vec<&'a syn::Macro>,
    /// The paths that are patterns, by address.
    patterns: FxHashSet<usize>,
    names: FxHashMap<String, Named>,
}

#[derive(Default)]
struct Named {
    /// Where the name stands alone, as variables do.
    alone: Vec<Range<usize>>,
    /// How many paths begin with it.
    beginnings: usize,
}

impl<'a> Index<'a> {
    pub fn of(file: &'a syn::File, macros: &'a Macros, places: &'a Places, size: usize) -> Self {
        let mut walk = Walk {
            index: Self {
                exprs: Vec::with_capacity(size),
                by_address: FxHashMap::with_capacity_and_hasher(size, FxBuildHasher),
                ..Self::default()
            },
            macros,
            places,
            expr: None,
            deferred: None,
            statement: None,
            block: None,
            in_pattern: false,
        };
        walk.visit_file(file);
        walk.index
    }

    pub fn exprs(&self) -> impl Iterator<Item = &Node<'a, Expr>> {
        self.exprs.iter()
    }

    /// The expressions that are completely within these bytes.
    pub fn exprs_in(&self, place: &Range<usize>) -> impl Iterator<Item = &Node<'a, Expr>> {
        let start = self
            .exprs
            .partition_point(|expr| expr.range.start < place.start);
        let end = self
            .exprs
            .partition_point(|expr| expr.range.start < place.end.max(place.start + 1));
        let limit = place.end;
        self.exprs[start..end.max(start)]
            .iter()
            .filter(move |expr| expr.range.end <= limit)
    }

    /// The place of an expression of the file.
    pub fn place(&self, expr: &Expr) -> Option<&Range<usize>> {
        let index = self.by_address.get(&address(expr))?;
        Some(&self.exprs[*index].range)
    }

    /// The expression that this one is part of.
    pub fn around(&self, expr: &Expr) -> Option<&'a Expr> {
        let index = self.by_address.get(&address(expr))?;
        let outer = self.exprs[*index].outer?;
        Some(self.exprs[outer].node)
    }

    /// The innermost async block or closure that an expression is in: it runs when that does.
    pub fn deferred(&self, expr: &Expr) -> Option<&'a Expr> {
        let index = self.by_address.get(&address(expr))?;
        let deferred = self.exprs[*index].deferred?;
        Some(self.exprs[deferred].node)
    }

    /// What a `let` in a condition, of which `value` is the value, is the condition of, or part of it.
    pub fn around_let(&self, found: &syn::ExprLet, value: &Expr) -> Option<&'a Expr> {
        if !std::ptr::eq(&*found.expr, value) {
            return None;
        }
        self.around(self.around(value)?)
    }

    pub fn blocks(&self) -> impl Iterator<Item = &Node<'a, Block>> {
        self.blocks.iter()
    }

    /// The innermost statement that these bytes are part of, and its block.
    pub fn statement(&self, place: &Range<usize>) -> Option<(&Node<'a, Stmt>, &Node<'a, Block>)> {
        let begun = self
            .statements
            .partition_point(|statement| statement.range.start <= place.start);
        // Statements lie in each other or side by side: what holds the place holds the last one begun.
        let mut index = begun.checked_sub(1);
        while let Some(found) = index.map(|index| &self.statements[index]) {
            let block = &self.blocks[found.outer?];
            if place.end <= found.range.end {
                return Some((found, block));
            }
            index = block.outer;
        }
        None
    }

    pub fn lets(&self) -> impl Iterator<Item = (&Node<'a, Stmt>, &Let<'a>)> {
        self.lets
            .iter()
            .map(|found| (&self.statements[found.statement], found))
    }

    /// The innermost function whose body these bytes are in.
    pub fn function(&self, place: &Range<usize>) -> Option<&Function<'a>> {
        self.functions
            .iter()
            .rfind(|found| found.range.start <= place.start && place.end <= found.range.end)
    }

    /// The functions whose bodies begin there or later.
    pub fn functions_after(&self, at: usize) -> &[Function<'a>] {
        let first = self
            .functions
            .partition_point(|found| found.range.start < at);
        &self.functions[first..]
    }

    pub fn functions(&self) -> impl Iterator<Item = &Function<'a>> {
        self.functions.iter()
    }

    pub fn paths(&self) -> impl Iterator<Item = &'a Path> {
        self.paths.iter().copied()
    }

    pub fn is_pattern(&self, path: &Path) -> bool {
        self.patterns.contains(&address(path))
    }

    pub fn macros(&self) -> impl Iterator<Item = &'a syn::Macro> {
        self.macros.iter().copied()
    }

    pub fn alone(&self, name: &str) -> &[Range<usize>] {
        self.names.get(name).map_or(&[], |named| &named.alone)
    }

    pub fn beginnings(&self, name: &str) -> usize {
        self.names.get(name).map_or(0, |named| named.beginnings)
    }
}

struct Walk<'a> {
    index: Index<'a>,
    macros: &'a Macros,
    places: &'a Places,
    expr: Option<usize>,
    deferred: Option<usize>,
    statement: Option<usize>,
    block: Option<usize>,
    in_pattern: bool,
}

impl<'a> Walk<'a> {
    fn place(&self, ends: (Span, Span)) -> Range<usize> {
        self.places.of_ends(ends)
    }

    /// The place of an expression whose parts have been visited, from theirs.
    fn place_of(&self, expr: &Expr) -> Range<usize> {
        let start = match extent::first(expr) {
            Side::Token(span) => self.place((span, span)).start,
            Side::Of(part) => self.place_of_part(part).start,
        };
        let end = match extent::last(expr) {
            Side::Token(span) => self.place((span, span)).end,
            Side::Of(part) => self.place_of_part(part).end,
        };
        start..end
    }

    fn place_of_part(&self, part: &Expr) -> Range<usize> {
        match self.index.place(part) {
            Some(place) => place.clone(),
            None => self.place(extent::of_expr(part)),
        }
    }

    fn function(&mut self, signature: &'a Signature, body: &'a Block) {
        let range = self.place(extent::of_block(body));
        self.index.functions.push(Function {
            signature,
            body,
            range,
        });
    }
}

impl<'a> Visit<'a> for Walk<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let index = self.index.exprs.len();
        self.index.exprs.push(Node {
            node: expr,
            range: 0..0,
            outer: self.expr,
            deferred: self.deferred,
        });
        let outer = self.expr.replace(index);
        let deferred = self.deferred;
        if matches!(expr, Expr::Async(_) | Expr::Closure(_)) {
            self.deferred = Some(index);
        }
        visit::visit_expr(self, expr);
        self.deferred = deferred;
        self.expr = outer;
        self.index.exprs[index].range = self.place_of(expr);
        self.index.by_address.insert(address(expr), index);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let index = self.index.statements.len();
        let range = self.place(extent::of_statement(statement));
        self.index.statements.push(Node {
            node: statement,
            range,
            outer: self.block,
            deferred: None,
        });
        if let Stmt::Local(local) = statement
            && let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none())
            && let Some(name) = name_of(&local.pat)
        {
            self.index.lets.push(Let {
                name,
                value: &init.expr,
                statement: index,
            });
        }
        let outer = self.statement.replace(index);
        visit::visit_stmt(self, statement);
        self.statement = outer;
    }

    fn visit_block(&mut self, block: &'a Block) {
        let index = self.index.blocks.len();
        let range = self.place(extent::of_block(block));
        self.index.blocks.push(Node {
            node: block,
            range,
            outer: self.statement,
            deferred: None,
        });
        let outer = self.block.replace(index);
        visit::visit_block(self, block);
        self.block = outer;
    }

    fn visit_pat(&mut self, pat: &'a Pat) {
        let outer = std::mem::replace(&mut self.in_pattern, true);
        match pat {
            Pat::Guard(found) => {
                self.visit_pat(&found.pat);
                self.in_pattern = false;
                self.visit_expr(&found.guard);
            }
            _ => visit::visit_pat(self, pat),
        }
        self.in_pattern = outer;
    }

    fn visit_item(&mut self, item: &'a syn::Item) {
        // An item within a function is not part of its expressions.
        let outer = (self.expr.take(), self.deferred.take());
        visit::visit_item(self, item);
        (self.expr, self.deferred) = outer;
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'a Path) {
        self.index.paths.push(path);
        if self.in_pattern {
            self.index.patterns.insert(address(path));
        }
        if let Some(first) = path.segments.first() {
            let alone = path.get_ident().map(|ident| {
                let span = ident.span();
                self.place((span, span))
            });
            with_text(&first.ident, |name| {
                let named = match self.index.names.get_mut(name) {
                    Some(named) => named,
                    None => self.index.names.entry(name.to_owned()).or_default(),
                };
                named.alone.extend(alone);
                named.beginnings += 1;
            });
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, found: &'a syn::Macro) {
        self.index.macros.push(found);
        self.visit_path(&found.path);
        // `matches!(value, Some(pattern))`
        let has_pattern = found
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "matches");
        for (index, expr) in self.macros.arguments(found).iter().enumerate() {
            self.in_pattern = has_pattern && index > 0;
            self.visit_expr(expr);
        }
        self.in_pattern = false;
    }
}

/// The name that a pattern gives to all of a value.
pub fn name_of(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.to_string()),
        Pat::Type(pat) => name_of(&pat.pat),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rust::parse;
    use syn::spanned::Spanned;

    /// By the parts' places as by all tokens of it.
    #[test]
    fn every_expression_has_its_place() {
        let text = "fn f() {
            let a = #[b] c.d(e).f[1]? as u8 + -1 - !2 * &raw const x;
            a = b = || c; move |d| async move { e };
            if let Some(f) = g && h { i } else if j { k } else { l }
            'm: loop { break 'm n; } 'o: while p { continue 'o; } for q in r..=s { return; }
            [1, 2]; [3; 4]; (5, 6); (7); ..; 8..; ..9; T { u, ..v }; w!(x, y.z());
            match a { b if c => d, _ => e } unsafe { f }; return g + h; #[i] { j }; <K as L>::m();
            async { n.await }; const { o }; for<'p> |q: &'p u8| -> u8 { r }; s <= t | u;
        }";
        let syntax = parse(text).unwrap();
        let file = syntax.file();
        let mut count = 0;
        for expr in file.index.exprs() {
            let place = file.of_span(expr.node.span());
            assert_eq!(text[expr.range.clone()], text[place]);
            count += 1;
        }
        assert!(count > 80, "{count}");
    }
}
