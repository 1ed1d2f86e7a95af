//! Questions that rules about several statements ask: who mentions a variable, what is behind `.unwrap()`, which statement is it in.

use super::{File, segments};
use std::ops::Range;
use syn::visit::Visit;
use syn::{Block, Expr, Pat, Stmt};

impl File {
    /// Calls `visit` with every block that has statements.
    pub fn each_block(&self, visit: &mut dyn FnMut(&Block)) {
        struct Blocks<'a>(&'a mut dyn FnMut(&Block));
        impl<'ast> Visit<'ast> for Blocks<'_> {
            fn visit_block(&mut self, block: &'ast Block) {
                (self.0)(block);
                syn::visit::visit_block(self, block);
            }
        }
        Blocks(visit).visit_file(&self.syntax);
    }

    /// The body of the innermost function around these bytes.
    pub fn function_around(&self, place: &Range<usize>) -> Option<Range<usize>> {
        struct Bodies<'a>(&'a mut dyn FnMut(&Block));
        impl<'ast> Visit<'ast> for Bodies<'_> {
            fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
                (self.0)(&item.block);
                syn::visit::visit_item_fn(self, item);
            }
            fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
                (self.0)(&item.block);
                syn::visit::visit_impl_item_fn(self, item);
            }
        }
        let mut innermost: Option<Range<usize>> = None;
        let mut visit = |block: &Block| {
            let range = self.range(block);
            if range.start <= place.start && place.end <= range.end {
                innermost = Some(range);
            }
        };
        Bodies(&mut visit).visit_file(&self.syntax);
        innermost
    }

    /// Where the variable of a `let` can be mentioned: to the end of its block, or to the next `let` of that name.
    pub fn scope_of(&self, statement: &Range<usize>, name: &str) -> Option<Range<usize>> {
        let (_, block) = self.statement(statement)?;
        let mut end = block.end;
        self.each_let(&mut |range, other, _| {
            let same_block = self
                .statement(&range)
                .is_some_and(|(_, found)| found == block);
            if other == name && same_block && range.start > statement.start {
                end = end.min(range.end);
            }
        });
        Some(statement.start..end)
    }

    /// Where a variable is mentioned within these bytes.
    pub fn variable(&self, name: &str, within: &Range<usize>) -> Vec<Range<usize>> {
        let all = self.mentioned().get(name);
        let inside = |place: &&Range<usize>| within.start <= place.start && place.end <= within.end;
        all.into_iter().flatten().filter(inside).cloned().collect()
    }

    /// The innermost statement that these bytes are part of, and the range of its block.
    pub fn statement(&self, place: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        let mut innermost = None;
        self.each_block(&mut |block| {
            for statement in &block.stmts {
                let range = self.range(statement);
                if range.start <= place.start && place.end <= range.end {
                    innermost = Some((range, self.range(block)));
                }
            }
        });
        innermost
    }

    /// The parameters of the innermost function around these bytes: name and type.
    pub fn parameters_around(&self, place: &Range<usize>) -> Vec<(String, syn::Type)> {
        struct Signatures<'a>(&'a mut dyn FnMut(&syn::Signature, &Block));
        impl<'ast> Visit<'ast> for Signatures<'_> {
            fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
                (self.0)(&item.sig, &item.block);
                syn::visit::visit_item_fn(self, item);
            }
            fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
                (self.0)(&item.sig, &item.block);
                syn::visit::visit_impl_item_fn(self, item);
            }
        }
        let mut parameters = Vec::new();
        let mut visit = |found: &syn::Signature, block: &Block| {
            let range = self.range(block);
            if !(range.start <= place.start && place.end <= range.end) {
                return;
            }
            let typed = found.inputs.iter().filter_map(|input| match input {
                syn::FnArg::Typed(input) => Some((pattern_name(&input.pat)?, (*input.ty).clone())),
                syn::FnArg::Receiver(_) => Some(("self".to_owned(), syn::parse_quote!(&Self))),
            });
            parameters = typed.collect();
        };
        Signatures(&mut visit).visit_file(&self.syntax);
        parameters
    }

    /// Each `let NAME = …;`: its range, the name, and the value.
    pub fn each_let(&self, visit: &mut dyn FnMut(Range<usize>, String, &Expr)) {
        self.each_block(&mut |block| {
            for statement in &block.stmts {
                let Stmt::Local(local) = statement else {
                    continue;
                };
                let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none()) else {
                    continue;
                };
                if let Some(name) = pattern_name(&local.pat) {
                    visit(self.range(statement), name, &init.expr);
                }
            }
        });
    }
}

fn pattern_name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.to_string()),
        Pat::Type(pat) => pattern_name(&pat.pat),
        _ => None,
    }
}

/// What an expression is without the `.unwrap()`s, `?`s and the like around it, from the inside out.
pub struct Peeled<'a> {
    pub core: &'a Expr,
    /// Each layer that takes the value out of a `Result` or an `Option`, by where it ends.
    pub layers: Vec<&'a Expr>,
}

pub fn peel(expr: &Expr) -> Peeled<'_> {
    let mut layers = Vec::new();
    let mut core = expr;
    loop {
        let inner = match core {
            Expr::Try(expr) => &*expr.expr,
            Expr::MethodCall(call)
                if matches!(call.method.to_string().as_str(), "unwrap" | "expect") =>
            {
                &*call.receiver
            }
            // They only change the error: part of the layer around them.
            Expr::MethodCall(call) if is_error_mapping(call) && !layers.is_empty() => {
                core = &call.receiver;
                continue;
            }
            Expr::Paren(expr) => {
                core = &expr.expr;
                continue;
            }
            _ => break,
        };
        layers.push(core);
        core = inner;
    }
    layers.reverse();
    Peeled { core, layers }
}

fn is_error_mapping(call: &syn::ExprMethodCall) -> bool {
    matches!(
        call.method.to_string().as_str(),
        "map_err" | "ok_or" | "ok_or_else" | "context" | "with_context" | "ok"
    )
}

/// The variable that an expression is.
pub fn variable(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Reference(expr) => variable(&expr.expr),
        Expr::Paren(expr) => variable(&expr.expr),
        _ => None,
    }
}

/// `receiver.method(arguments)`, if it is a call of that method on a variable.
pub fn method_on<'a>(expr: &'a Expr, method: &str) -> Option<(String, &'a syn::ExprMethodCall)> {
    let Expr::MethodCall(call) = expr else {
        return None;
    };
    (call.method == method)
        .then(|| variable(&call.receiver))
        .flatten()
        .map(|name| (name, call))
}

/// The path of a called function, as text.
pub fn called(expr: &Expr) -> Option<(Vec<String>, &syn::ExprCall)> {
    let Expr::Call(call) = expr else { return None };
    let Expr::Path(path) = &*call.func else {
        return None;
    };
    Some((segments(&path.path), call))
}

pub fn is_none(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("None"))
}
