//! Finds names that are looked up by a stream of addresses with a pollable.
//!
//! ## Why
//! `resolve-addresses` is async in 0.3, takes no `network`, and returns all addresses at once. Its errors have a type of their own.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::sockets::instance_network::instance_network;
//! use wasi::sockets::ip_name_lookup::resolve_addresses;
//! use wasi::sockets::network::{ErrorCode, IpAddress};
//!
//! async fn addresses(name: &str) -> Result<Vec<IpAddress>, ErrorCode> {
//!     let network = instance_network();
//!     let stream = resolve_addresses(&network, name)?;
//!     let pollable = stream.subscribe();
//!     let mut found = Vec::new();
//!     loop {
//!         match stream.resolve_next_address() {
//!             Ok(Some(address)) => found.push(address),
//!             Ok(None) => return Ok(found),
//!             Err(ErrorCode::WouldBlock) => pollable.block(),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::sockets::ip_name_lookup::resolve_addresses;
//! use wasip3::sockets::types::{ErrorCode, IpAddress};
//!
//! async fn addresses(name: &str) -> Result<Vec<IpAddress>, ErrorCode> {
//!     let mut stream = resolve_addresses(name.to_string()).await.map_err(|error| ErrorCode::Other(Some(format!("{error:?}"))))?.into_iter();
//!     let mut found = Vec::new();
//!     loop {
//!         match stream.next() {
//!             Some(address) => found.push(address),
//!             None => return Ok(found),
//!         }
//!     }
//! }
//! ```
//!
//! ## Fix
//! Unsafe: other tasks run while it waits, and an error comes before the first address. The fix is made only if every mention of the stream is a known call.
//! Otherwise it is reported.

use super::outgoing_request::waits_but;
use super::socket_operation::{is_would_block, would_block_arms};
use super::unawaited_call::owned;
use super::{RustContext, inside};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{method_on, peel};
use std::ops::Range;
use syn::{Expr, ExprCall, ExprMatch, Pat, ReturnType};

const LOOKUP: &str = "wasi:sockets/ip-name-lookup.resolve-addresses";

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let file = context.file;
    let mut named: Vec<(&Expr, Range<usize>, String, &Expr)> = Vec::new();
    file.each_let(&mut |statement, name, value| {
        named.push((peel(value).core, statement, name.to_owned(), value));
    });
    file.each_expr(&mut |expr| {
        let Some((wasi, call)) = file.called(expr) else {
            return;
        };
        if wasi.full() != LOOKUP || call.args.len() != 2 {
            return;
        }
        let finding = Finding::new(
            file.range(&call.func),
            "in 0.3 names are looked up by an async function without `network`, which answers all addresses",
        );
        let of = named.iter().find(|(core, ..)| std::ptr::eq(*core, expr));
        let edits = match of {
            Some((_, statement, name, value)) => {
                looked_up(context, statement, name, value, call)
            }
            None => Err("`resolve_addresses(name).await?` is a list".to_owned()),
        };
        found.push(match edits {
            Ok(edits) => finding.fix(Fix::risky(edits)),
            Err(reason) => finding.help(reason),
        });
    });
}

fn looked_up(
    context: &RustContext,
    statement: &Range<usize>,
    stream: &str,
    value: &Expr,
    call: &ExprCall,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let help =
        || format!("`{stream}` is a list of addresses now: `resolve_addresses(name).await?`");
    let peeled = peel(value);
    let [layer] = peeled.layers.as_slice() else {
        return Err(help());
    };
    if file.is_in_closure(peeled.core) {
        return Err("a closure can't wait: make it a loop, or an async block".to_owned());
    }
    let scope = file.scope_of(statement, stream).ok_or_else(help)?;
    // `let mut stream`, or as it was.
    let written = &context.text[statement.clone()];
    if !written.starts_with("let ")
        || !context.text[..file.range(value).start]
            .trim_end()
            .ends_with('=')
    {
        return Err(help());
    }
    let before = context.text[statement.start..file.range(value).start].trim_end();
    let name_place = before.trim_end_matches('=').trim_end();
    let plain = [format!("let {stream}"), format!("let mut {stream}")];
    if !plain.iter().any(|plain| plain == name_place) {
        return Err(help());
    }
    let core = file.range(peeled.core);
    let mut edits = Vec::new();
    if name_place == plain[0] {
        edits.push(Edit::insert(statement.start + "let ".len(), "mut "));
    }
    edits.push(Edit::delete(
        file.range(&call.args[0]).start..file.range(&call.args[1]).start,
    ));
    edits.push(owned(context, &call.args[1]));
    let error = match needs_error(context, layer, &core) {
        false => String::new(),
        true => format!(
            ".map_err(|error| {}::Other(Some(format!(\"{{error:?}}\"))))",
            context.item("sockets", "ErrorCode")
        ),
    };
    edits.push(Edit::insert(core.end, format!(".await{error}")));
    edits.push(Edit::insert(file.range(value).end, ".into_iter()"));

    let mut gone = Vec::new();
    file.each_expr_in(&scope, &mut |expr| {
        if let Expr::Match(found) = expr
            && method_on(&found.expr, "resolve_next_address").is_some_and(|(of, _)| of == stream)
        {
            gone.extend(would_block_arms(file, found));
        }
    });
    let waits = waits_but(context, stream, &scope, &gone)?;
    edits.extend(waits.edits);
    let mut used = vec![statement.clone()];
    used.extend(waits.used);
    file.each_expr_in(&scope, &mut |expr| {
        if method_on(expr, "resolve_next_address").is_none_or(|(of, _)| of != stream) {
            return;
        }
        let place = file.range(expr);
        let next = format!("{stream}.next()");
        match file.index.around(expr) {
            Some(Expr::Match(found)) if std::ptr::eq(&*found.expr, expr) => {
                if let Some(arms) = arms(context, found) {
                    edits.push(Edit::replace(place.clone(), next));
                    edits.extend(arms);
                    used.push(place);
                }
            }
            _ => {
                let outermost = peel(file.unpeeled(expr));
                if let Some(layer) = outermost.layers.first() {
                    let place = place.start..file.range(*layer).end;
                    edits.push(Edit::replace(place.clone(), next));
                    used.push(place);
                }
            }
        }
    });
    let left = file.variable(stream, &scope).into_iter();
    let left = left.filter(|mention| !used.iter().any(|used| inside(mention, used)));
    match left.count() {
        0 => super::io_stream::sorted(edits),
        _ => Err(help()),
    }
}

/// `Ok(Some(address))` is `Some(address)`, `Ok(None)` is `None`, and there are no errors.
fn arms(context: &RustContext, found: &ExprMatch) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for arm in &found.arms {
        let Pat::TupleStruct(pat) = &arm.pat else {
            return None;
        };
        let place = context.file.range(arm);
        if pat.path.is_ident("Ok") {
            let inner = context.text(pat.elems.first()?);
            edits.push(Edit::replace(context.file.range(&arm.pat), inner));
        } else if pat.path.is_ident("Err") || is_would_block(&arm.pat) {
            let comma = usize::from(context.text[place.end..].starts_with(','));
            let place = place.start..place.end + comma;
            edits.push(Edit::delete(whole_lines(context.text, place)));
        } else {
            return None;
        }
    }
    Some(edits)
}

/// Whether `?` gives the error to a function that returns errors of sockets: the error has a type of its own now.
fn needs_error(context: &RustContext, layer: &Expr, core: &Range<usize>) -> bool {
    let between = &context.text[core.end..context.file.range(layer).end];
    let Some(function) = context.file.index.function(core) else {
        return false;
    };
    let ReturnType::Type(_, ty) = &function.signature.output else {
        return false;
    };
    between.trim() == "?" && context.text[context.file.range(&**ty)].contains("ErrorCode")
}
