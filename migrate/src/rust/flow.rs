//! Queries of rules about several statements: where a variable is mentioned, what is inside `.unwrap()`, which statement an expression is in.

use super::index::name_of;
use super::{File, segments};
use std::ops::Range;
use syn::{Block, Expr};

impl<'a> File<'a> {
    /// Calls `visit` with every block that has statements.
    pub fn each_block(&self, visit: &mut dyn FnMut(&'a Block)) {
        self.index.blocks().for_each(|block| visit(block.node));
    }

    /// The body of the innermost function around these bytes.
    pub fn function_around(&self, place: &Range<usize>) -> Option<Range<usize>> {
        Some(self.index.function(place)?.range.clone())
    }

    /// Where the variable of a `let` can be mentioned: to the end of its block, or to the next `let` of that name.
    pub fn scope_of(&self, statement: &Range<usize>, name: &str) -> Option<Range<usize>> {
        let (_, block) = self.index.statement(statement)?;
        let mut end = block.range.end;
        for (again, found) in self.index.lets() {
            let after = again.range.start > statement.start && again.range.end < end;
            if after
                && found.name == name
                && self
                    .index
                    .statement(&again.range)
                    .is_some_and(|(_, other)| other.range == block.range)
            {
                end = again.range.end;
            }
        }
        Some(statement.start..end)
    }

    /// The scope of the variable with this name at these bytes: that of its `let`, or the whole function if it is a parameter.
    pub fn reach(&self, name: &str, at: &Range<usize>) -> Range<usize> {
        let earlier =
            |(statement, found): &(&super::index::Node<'a, syn::Stmt>, &super::index::Let<'a>)| {
                found.name == name && statement.range.end <= at.start
            };
        let scopes = self
            .index
            .lets()
            .filter(earlier)
            .filter_map(|(statement, _)| self.scope_of(&statement.range, name));
        let function = self.function_around(at).unwrap_or(0..usize::MAX);
        scopes
            .filter(|scope| function.start <= scope.start && at.end <= scope.end)
            .last()
            .unwrap_or(function)
    }

    /// Where a variable is mentioned within these bytes.
    pub fn variable(&self, name: &str, within: &Range<usize>) -> Vec<Range<usize>> {
        let inside = |place: &&Range<usize>| within.start <= place.start && place.end <= within.end;
        self.index
            .alone(name)
            .iter()
            .filter(inside)
            .cloned()
            .collect()
    }

    /// The innermost statement that these bytes are part of, and the range of its block.
    pub fn statement(&self, place: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        let (statement, block) = self.index.statement(place)?;
        Some((statement.range.clone(), block.range.clone()))
    }

    /// The parameters of the innermost function around these bytes: name and type.
    pub fn parameters_around(&self, place: &Range<usize>) -> Vec<(String, syn::Type)> {
        let Some(function) = self.index.function(place) else {
            return Vec::new();
        };
        let typed = function
            .signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                syn::FnArg::Typed(input) => Some((name_of(&input.pat)?, (*input.ty).clone())),
                syn::FnArg::Receiver(_) => Some(("self".to_owned(), syn::parse_quote!(&Self))),
            });
        typed.collect()
    }

    /// Each `let NAME = …;`: its range, the name, and the value.
    pub fn each_let(&self, visit: &mut dyn FnMut(Range<usize>, &str, &'a Expr)) {
        for (statement, found) in self.index.lets() {
            visit(statement.range.clone(), &found.name, found.value);
        }
    }
}

/// An expression without the `.unwrap()`s, `?`s and the like around it, from the inside out.
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

impl<'a> File<'a> {
    /// The inverse of [`peel`]: the expression with the `.unwrap()`s, `?`s and the like around it.
    pub fn unpeeled<'b>(&self, core: &'b Expr) -> &'b Expr
    where
        'a: 'b,
    {
        let (mut inner, mut outermost) = (core, core);
        while let Some(outer) = self.index.around(inner) {
            match outer {
                Expr::Try(_) | Expr::Paren(_) => outermost = outer,
                Expr::MethodCall(call) if std::ptr::eq(&*call.receiver, inner) => {
                    match call.method.to_string().as_str() {
                        "unwrap" | "expect" => outermost = outer,
                        _ if is_error_mapping(call) => {}
                        _ => break,
                    }
                }
                _ => break,
            }
            inner = outer;
        }
        outermost
    }
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
