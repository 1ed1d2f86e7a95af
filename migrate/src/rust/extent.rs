//! Where expressions, statements and blocks begin and end, by their first and last token alone: `Spanned` would make all tokens anew.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Expr, Macro, MacroDelimiter, Stmt};

/// The first and the last token.
type Ends = (Span, Span);

pub fn of_block(block: &Block) -> Ends {
    let brace = block.brace_token.span;
    (brace.open(), brace.close())
}

pub fn of_statement(statement: &Stmt) -> Ends {
    match statement {
        Stmt::Local(local) => (
            first_of(&local.attrs, local.let_token.span),
            local.semi_token.span,
        ),
        Stmt::Expr(expr, semicolon) => {
            let (first, last) = of_expr(expr);
            (first, semicolon.map_or(last, |semicolon| semicolon.span))
        }
        Stmt::Macro(found) => {
            let (first, last) = of_macro(&found.mac);
            let last = found.semi_token.map_or(last, |semicolon| semicolon.span);
            (first_of(&found.attrs, first), last)
        }
        Stmt::Item(item) => whole(item),
    }
}

pub fn of_expr(expr: &Expr) -> Ends {
    (first(expr), last(expr))
}

fn first(expr: &Expr) -> Span {
    match expr {
        Expr::Assign(found) => first_before(&found.attrs, &found.left),
        Expr::Async(found) => first_of(&found.attrs, found.async_token.span),
        Expr::Await(found) => first_before(&found.attrs, &found.base),
        Expr::Binary(found) => first_before(&found.attrs, &found.left),
        Expr::Block(found) if found.label.is_none() => {
            first_of(&found.attrs, of_block(&found.block).0)
        }
        Expr::Break(found) => first_of(&found.attrs, found.break_token.span),
        Expr::Call(found) => first_before(&found.attrs, &found.func),
        Expr::Cast(found) => first_before(&found.attrs, &found.expr),
        Expr::Field(found) => first_before(&found.attrs, &found.base),
        Expr::ForLoop(found) if found.label.is_none() => {
            first_of(&found.attrs, found.for_token.span)
        }
        Expr::If(found) => first_of(&found.attrs, found.if_token.span),
        Expr::Index(found) => first_before(&found.attrs, &found.expr),
        Expr::Let(found) => first_of(&found.attrs, found.let_token.span),
        Expr::Lit(found) => first_of(&found.attrs, found.lit.span()),
        Expr::Loop(found) if found.label.is_none() => first_of(&found.attrs, found.loop_token.span),
        Expr::Macro(found) => first_of(&found.attrs, of_macro(&found.mac).0),
        Expr::Match(found) => first_of(&found.attrs, found.match_token.span),
        Expr::MethodCall(found) => first_before(&found.attrs, &found.receiver),
        Expr::Paren(found) => first_of(&found.attrs, found.paren_token.span.open()),
        Expr::Path(found) if found.qself.is_none() => {
            first_of(&found.attrs, of_path(&found.path).0)
        }
        Expr::Reference(found) => first_of(&found.attrs, found.and_token.span),
        Expr::Return(found) => first_of(&found.attrs, found.return_token.span),
        Expr::Struct(found) if found.qself.is_none() => {
            first_of(&found.attrs, of_path(&found.path).0)
        }
        Expr::Try(found) => first_before(&found.attrs, &found.expr),
        Expr::Tuple(found) => first_of(&found.attrs, found.paren_token.span.open()),
        Expr::Unsafe(found) => first_of(&found.attrs, found.unsafe_token.span),
        Expr::While(found) if found.label.is_none() => {
            first_of(&found.attrs, found.while_token.span)
        }
        other => whole(other).0,
    }
}

fn last(expr: &Expr) -> Span {
    match expr {
        Expr::Assign(found) => last(&found.right),
        Expr::Async(found) => of_block(&found.block).1,
        Expr::Await(found) => found.await_token.span,
        Expr::Binary(found) => last(&found.right),
        Expr::Block(found) => of_block(&found.block).1,
        Expr::Break(found) if found.label.is_none() => {
            found.expr.as_deref().map_or(found.break_token.span, last)
        }
        Expr::Call(found) => found.paren_token.span.close(),
        Expr::Closure(found) => last(&found.body),
        Expr::Field(found) => found.member.span(),
        Expr::ForLoop(found) => of_block(&found.body).1,
        Expr::If(found) => match &found.else_branch {
            Some((_, other)) => last(other),
            None => of_block(&found.then_branch).1,
        },
        Expr::Index(found) => found.bracket_token.span.close(),
        Expr::Let(found) => last(&found.expr),
        Expr::Lit(found) => found.lit.span(),
        Expr::Loop(found) => of_block(&found.body).1,
        Expr::Macro(found) => of_macro(&found.mac).1,
        Expr::Match(found) => found.brace_token.span.close(),
        Expr::MethodCall(found) => found.paren_token.span.close(),
        Expr::Paren(found) => found.paren_token.span.close(),
        Expr::Path(found) => of_path(&found.path).1,
        Expr::Reference(found) => last(&found.expr),
        Expr::Return(found) => found.expr.as_deref().map_or(found.return_token.span, last),
        Expr::Struct(found) => found.brace_token.span.close(),
        Expr::Try(found) => found.question_token.span,
        Expr::Tuple(found) => found.paren_token.span.close(),
        Expr::Unary(found) => last(&found.expr),
        Expr::Unsafe(found) => of_block(&found.block).1,
        Expr::While(found) => of_block(&found.body).1,
        other => whole(other).1,
    }
}

fn of_macro(found: &Macro) -> Ends {
    let close = match &found.delimiter {
        MacroDelimiter::Paren(token) => token.span.close(),
        MacroDelimiter::Brace(token) => token.span.close(),
        MacroDelimiter::Bracket(token) => token.span.close(),
    };
    (of_path(&found.path).0, close)
}

pub fn of_path(path: &syn::Path) -> Ends {
    let Some(last) = path.segments.last() else {
        return whole(path);
    };
    let first = match (&path.leading_colon, path.segments.first()) {
        (Some(colon), _) => colon.spans[0],
        (None, Some(first)) => first.ident.span(),
        (None, None) => return whole(path),
    };
    let last = match &last.arguments {
        syn::PathArguments::None => last.ident.span(),
        syn::PathArguments::AngleBracketed(arguments) => arguments.gt_token.span,
        syn::PathArguments::Parenthesized(_) => whole(last).1,
    };
    (first, last)
}

fn first_of(attributes: &[Attribute], first: Span) -> Span {
    attributes
        .first()
        .map_or(first, |attribute| attribute.pound_token.span)
}

fn first_before(attributes: &[Attribute], inner: &Expr) -> Span {
    match attributes.first() {
        Some(attribute) => attribute.pound_token.span,
        None => first(inner),
    }
}

/// For what is rare.
fn whole<T: Spanned>(of: &T) -> Ends {
    let span = of.span();
    (span, span)
}
