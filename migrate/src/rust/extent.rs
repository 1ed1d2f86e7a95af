//! The extent of expressions, statements and blocks, by their first and last token alone. `Spanned` would make all tokens anew.
//!
//! An expression may be as deep as a file is long, and the place of each of its parts may be asked for. So a [`Side`] is one step
//! towards the token. A caller that knows the places of the parts need not go all the way.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Expr, Macro, MacroDelimiter, PathArguments, ReturnType, Stmt, Type,
    TypeParamBound,
};

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
    (all_the_way(expr, first), all_the_way(expr, last))
}

/// One side of an expression.
pub enum Side<'a> {
    Token(Span),
    /// The same side of a part.
    Of(&'a Expr),
}

use Side::{Of, Token};

fn all_the_way(expr: &Expr, side: for<'a> fn(&'a Expr) -> Side<'a>) -> Span {
    let mut at = expr;
    loop {
        match side(at) {
            Token(span) => return span,
            Of(part) => at = part,
        }
    }
}

pub fn first(expr: &Expr) -> Side<'_> {
    match expr {
        Expr::Assign(found) => before(&found.attrs, &found.left),
        Expr::Async(found) => of(&found.attrs, found.async_token.span),
        Expr::Await(found) => before(&found.attrs, &found.base),
        Expr::Binary(found) => before(&found.attrs, &found.left),
        Expr::Block(found) if found.label.is_none() => of(&found.attrs, of_block(&found.block).0),
        Expr::Break(found) => of(&found.attrs, found.break_token.span),
        Expr::Call(found) => before(&found.attrs, &found.func),
        Expr::Cast(found) => before(&found.attrs, &found.expr),
        Expr::Field(found) => before(&found.attrs, &found.base),
        Expr::ForLoop(found) if found.label.is_none() => of(&found.attrs, found.for_token.span),
        Expr::If(found) => of(&found.attrs, found.if_token.span),
        Expr::Index(found) => before(&found.attrs, &found.expr),
        Expr::Let(found) => of(&found.attrs, found.let_token.span),
        Expr::Lit(found) => of(&found.attrs, found.lit.span()),
        Expr::Loop(found) if found.label.is_none() => of(&found.attrs, found.loop_token.span),
        Expr::Macro(found) => of(&found.attrs, of_macro(&found.mac).0),
        Expr::Match(found) => of(&found.attrs, found.match_token.span),
        Expr::MethodCall(found) => before(&found.attrs, &found.receiver),
        Expr::Paren(found) => of(&found.attrs, found.paren_token.span.open()),
        Expr::Path(found) if found.qself.is_none() => of(&found.attrs, of_path(&found.path).0),
        Expr::Reference(found) => of(&found.attrs, found.and_token.span),
        Expr::Return(found) => of(&found.attrs, found.return_token.span),
        Expr::Struct(found) if found.qself.is_none() => of(&found.attrs, of_path(&found.path).0),
        Expr::Try(found) => before(&found.attrs, &found.expr),
        Expr::Tuple(found) => of(&found.attrs, found.paren_token.span.open()),
        Expr::Unsafe(found) => of(&found.attrs, found.unsafe_token.span),
        Expr::While(found) if found.label.is_none() => of(&found.attrs, found.while_token.span),
        Expr::Array(found) => of(&found.attrs, found.bracket_token.span.open()),
        Expr::Continue(found) => of(&found.attrs, found.continue_token.span),
        Expr::Range(found) => match &found.start {
            Some(start) => before(&found.attrs, start),
            None => of(&found.attrs, whole(&found.limits).0),
        },
        Expr::RawAddr(found) => of(&found.attrs, found.and_token.span),
        Expr::Repeat(found) => of(&found.attrs, found.bracket_token.span.open()),
        Expr::Unary(found) => of(&found.attrs, whole(&found.op).0),
        Expr::Yield(found) => of(&found.attrs, found.yield_token.span),
        Expr::Closure(found) if found.lifetimes.is_none() => {
            let prefix = [
                found.constness.map(|token| token.span),
                found.asyncness.map(|token| token.span),
                found.capture.map(|token| token.span),
            ];
            let first = prefix.into_iter().flatten().next();
            of(&found.attrs, first.unwrap_or(found.inputs_begin.span))
        }
        other => Token(whole(other).0),
    }
}

pub fn last(expr: &Expr) -> Side<'_> {
    match expr {
        Expr::Assign(found) => Of(&found.right),
        Expr::Async(found) => Token(of_block(&found.block).1),
        Expr::Await(found) => Token(found.await_token.span),
        Expr::Binary(found) => Of(&found.right),
        Expr::Block(found) => Token(of_block(&found.block).1),
        Expr::Break(found) if found.label.is_none() => found
            .expr
            .as_deref()
            .map_or(Token(found.break_token.span), Of),
        Expr::Call(found) => Token(found.paren_token.span.close()),
        Expr::Closure(found) => Of(&found.body),
        Expr::Field(found) => Token(found.member.span()),
        Expr::ForLoop(found) => Token(of_block(&found.body).1),
        Expr::If(found) => match &found.else_branch {
            Some((_, other)) => Of(other),
            None => Token(of_block(&found.then_branch).1),
        },
        Expr::Index(found) => Token(found.bracket_token.span.close()),
        Expr::Let(found) => Of(&found.expr),
        Expr::Lit(found) => Token(found.lit.span()),
        Expr::Loop(found) => Token(of_block(&found.body).1),
        Expr::Macro(found) => Token(of_macro(&found.mac).1),
        Expr::Match(found) => Token(found.brace_token.span.close()),
        Expr::MethodCall(found) => Token(found.paren_token.span.close()),
        Expr::Paren(found) => Token(found.paren_token.span.close()),
        Expr::Path(found) => Token(of_path(&found.path).1),
        Expr::Reference(found) => Of(&found.expr),
        Expr::Return(found) => found
            .expr
            .as_deref()
            .map_or(Token(found.return_token.span), Of),
        Expr::Struct(found) => Token(found.brace_token.span.close()),
        Expr::Try(found) => Token(found.question_token.span),
        Expr::Tuple(found) => Token(found.paren_token.span.close()),
        Expr::Unary(found) => Of(&found.expr),
        Expr::Unsafe(found) => Token(of_block(&found.block).1),
        Expr::While(found) => Token(of_block(&found.body).1),
        Expr::Array(found) => Token(found.bracket_token.span.close()),
        Expr::Cast(found) => Token(whole(&found.ty).1),
        Expr::Continue(found) => Token(match &found.label {
            Some(label) => label.span(),
            None => found.continue_token.span,
        }),
        Expr::Range(found) => match &found.end {
            Some(end) => Of(end),
            None => Token(whole(&found.limits).1),
        },
        Expr::RawAddr(found) => Of(&found.expr),
        Expr::Repeat(found) => Token(found.bracket_token.span.close()),
        Expr::Yield(found) => match &found.expr {
            Some(expr) => Of(expr),
            None => Token(found.yield_token.span),
        },
        other => Token(whole(other).1),
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
    (first, last_of_segment(last))
}

/// The last token of a path's segment. `Fn() -> T` ends with a type, which may end with such a segment, and so on.
fn last_of_segment(mut segment: &syn::PathSegment) -> Span {
    loop {
        let arguments = match &segment.arguments {
            PathArguments::None => return segment.ident.span(),
            PathArguments::AngleBracketed(arguments) => return arguments.gt_token.span,
            PathArguments::Parenthesized(arguments) => arguments,
        };
        let ReturnType::Type(_, ty) = &arguments.output else {
            return arguments.paren_token.span.close();
        };
        segment = match last_segment(ty) {
            Some(segment) => segment,
            None => return whole(ty).1,
        };
    }
}

/// The segment that a type ends with, if it does.
fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    let bounds = match ty {
        Type::Path(ty) => return ty.path.segments.last(),
        Type::ImplTrait(ty) => &ty.bounds,
        Type::TraitObject(ty) => &ty.bounds,
        _ => return None,
    };
    match bounds.last()? {
        TypeParamBound::Trait(bound) if bound.paren_token.is_none() => bound.path.segments.last(),
        _ => None,
    }
}

fn first_of(attributes: &[Attribute], first: Span) -> Span {
    attributes
        .first()
        .map_or(first, |attribute| attribute.pound_token.span)
}

fn of<'a>(attributes: &[Attribute], first: Span) -> Side<'a> {
    Token(first_of(attributes, first))
}

fn before<'a>(attributes: &[Attribute], inner: &'a Expr) -> Side<'a> {
    match attributes.first() {
        Some(attribute) => Token(attribute.pound_token.span),
        None => Of(inner),
    }
}

/// For what is rare.
fn whole<T: Spanned>(of: &T) -> Ends {
    let span = of.span();
    (span, span)
}
