//! Finds requests sent with `wasi:http/outgoing-handler`.
//!
//! ## Why
//! In 0.3 sending is one async call, `client::send(request).await`, which answers the response or an error; there is no future to
//! subscribe to and to get it from. A request is made with all its parts: headers, body, trailers, options.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::http::outgoing_handler;
//! use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest};
//!
//! async fn get(path: &str) -> Result<IncomingResponse, ErrorCode> {
//!     let request = OutgoingRequest::new(Fields::new());
//!     request.set_path_with_query(Some(path)).unwrap();
//!     let future = outgoing_handler::handle(request, None)?;
//!     future.subscribe().block();
//!     let response = future.get().unwrap().unwrap()?;
//!     Ok(response)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::http::client;
//! use wasip3::http::types::{ErrorCode, Fields, Response, Request};
//!
//! async fn get(path: &str) -> Result<Response, ErrorCode> {
//!     let request = Request::new(Fields::new(), None, wasip3::wit_future::new(|| Ok(None)).1, None).0;
//!     request.set_path_with_query(Some(path)).unwrap();
//!     let response = client::send(request).await?;
//!     Ok(response)
//! }
//! ```
//!
//! ## Fix
//! Unsafe: the request is sent where the response was fetched. Reported if the future is used in another way, or if options are given:
//! they are the last argument of `Request::new` now.

use super::RustContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::rust::flow::{Peeled, called, is_none, method_on, peel, variable};
use crate::rust::segments;
use std::ops::Range;
use syn::{Expr, Pat};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    constructors(context, found);
    sent(context, found);
}

/// `OutgoingRequest::new(headers)`, of requests without a body; those with one are `response-outparam`'s neighbour's business.
fn constructors(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, name, value| {
        let Some((path, call)) = called(value) else {
            return;
        };
        if context
            .file
            .names
            .wasi(&path)
            .is_none_or(|wasi| wasi.full() != "wasi:http/types.outgoing-request.new")
            || call.args.len() != 1
        {
            return;
        }
        let finding = Finding::new(
            context.file.range(value),
            "a request is made with all its parts in 0.3",
        );
        if has_body(context, &name, &statement) {
            return;
        }
        let options = match options_of(context, &name, &statement) {
            Ok(options) => options,
            Err(reason) => return found.push(finding.help(reason)),
        };
        let headers = context.text(&call.args[0]);
        let new = format!(
            "{}::new({headers}, None, {}::wit_future::new(|| Ok(None)).1, {options}).0",
            context.http("Request"),
            context.support()
        );
        found.push(finding.fix(Fix::risky(vec![Edit::replace(
            context.file.range(value),
            new,
        )])));
    });
}

/// Is the message of that name given a body, in the way of 0.2?
fn has_body(context: &RustContext, message: &str, place: &Range<usize>) -> bool {
    let Some(function) = context.file.function_around(place) else {
        return false;
    };
    let mut has_body = false;
    context.file.each_expr_in(&function, &mut |expr| {
        has_body |= method_on(expr, "body").is_some_and(|(of, _)| of == message)
    });
    has_body
}

fn sent(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, future, value| {
        let Peeled { core, .. } = peel(value);
        let Some((path, call)) = called(core) else { return };
        if context.file.names.wasi(&path).is_none_or(|wasi| wasi.full() != "wasi:http/outgoing-handler.handle") {
            return;
        }
        let finding = Finding::new(context.file.range(core), "in 0.3 `client::send(request).await` answers the response");
        if call.args.first().and_then(variable).is_some_and(|request| has_body(context, &request, &statement)) {
            let reason = "the request's body has to be seen to first (`outgoing-body`); then `client::send(request).await` answers the response";
            return found.push(finding.help(reason));
        }
        let edits = match options_given(context, call, &statement) {
            Ok(()) => sending(context, &statement, &future, call),
            Err(reason) => Err(reason),
        };
        found.push(match edits {
            Ok(edits) => finding.fix(Fix::risky(edits)),
            Err(reason) => finding.help(reason),
        });
    });
}

/// The options that a request is sent with, as the last argument of `Request::new`: they must be there before it.
pub fn options_of(
    context: &RustContext,
    request: &str,
    made: &Range<usize>,
) -> Result<String, String> {
    let scope = context
        .file
        .scope_of(made, request)
        .ok_or("it is not in a block")?;
    let mut options = Ok("None".to_owned());
    context.file.each_expr_in(&scope, &mut |expr| {
        let Some((path, call)) = called(expr) else {
            return;
        };
        let is_send = context
            .file
            .names
            .wasi(&path)
            .is_some_and(|wasi| wasi.full() == "wasi:http/outgoing-handler.handle");
        if !is_send || call.args.first().and_then(variable).as_deref() != Some(request) {
            return;
        }
        options = match call.args.get(1) {
            Some(none) if is_none(none) => Ok("None".to_owned()),
            Some(given) => match some_variable(given) {
                Some(name)
                    if is_made_before(context, &name, made)
                        && context.file.variable(&name, &scope).len() == 1 =>
                {
                    Ok(format!("Some({name})"))
                }
                _ => Err(
                    "options are the last argument of `Request::new` now: make them first"
                        .to_owned(),
                ),
            },
            None => Err("it is sent in another way".to_owned()),
        };
    });
    options
}

/// Whether the options of this call are none, or have been given to `Request::new`.
fn options_given(
    context: &RustContext,
    call: &syn::ExprCall,
    statement: &Range<usize>,
) -> Result<(), String> {
    let reason =
        || "options are the last argument of `Request::new` now: make them first".to_owned();
    let given = call.args.get(1).ok_or_else(reason)?;
    if is_none(given) {
        return Ok(());
    }
    let request = call.args.first().and_then(variable).ok_or_else(reason)?;
    let name = some_variable(given).ok_or_else(reason)?;
    let mut made = None;
    context.file.each_let(&mut |range, found, value| {
        if found == request && range.end <= statement.start {
            made = Some((
                range,
                context.text(value).ends_with(&format!("Some({name})).0")),
            ));
        }
    });
    match made {
        Some((_, true)) => Ok(()),
        Some((made, false)) => options_of(context, &request, &made).map(drop),
        None => Err(reason()),
    }
}

fn some_variable(expr: &Expr) -> Option<String> {
    let (path, call) = called(expr)?;
    (path == ["Some"] && call.args.len() == 1)
        .then(|| variable(&call.args[0]))
        .flatten()
}

fn is_made_before(context: &RustContext, name: &str, made: &Range<usize>) -> bool {
    let mut before = false;
    context
        .file
        .each_let(&mut |range, found, _| before |= found == name && range.end <= made.start);
    before
        || context
            .file
            .parameters_around(made)
            .iter()
            .any(|(found, _)| found == name)
}

fn sending(
    context: &RustContext,
    statement: &Range<usize>,
    future: &str,
    call: &syn::ExprCall,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let function = file
        .scope_of(statement, future)
        .ok_or("it is not in a block")?;
    let Expr::Path(function_path) = &*call.func else {
        return Err("it is not called by name".to_owned());
    };
    let path = client(context, &function_path.path);
    let send = format!("{path}({}).await", context.text(&call.args[0]));
    let mut used: Vec<Range<usize>> = Vec::new();
    let mut edits = vec![Edit::delete(whole_lines(context.text, statement.clone()))];
    let mut sent = 0;

    // (1) Waiting: `future.subscribe().block();`, or by a variable.
    let mut pollables: Vec<(Range<usize>, String)> = Vec::new();
    file.each_let(&mut |range, name, value| {
        if method_on(value, "subscribe").is_some_and(|(of, _)| of == future)
            && inside(&range, &function)
        {
            used.push(range.clone());
            pollables.push((range, name.to_owned()));
        }
    });
    for (range, pollable) in pollables {
        let (_, block) = file.statement(&range).ok_or("it is not in a block")?;
        let mut blocks = Vec::new();
        file.each_expr_in(&block, &mut |expr| {
            let waited = method_on(expr, "block").is_some_and(|(of, _)| of == pollable)
                || is_poll_of(context, expr, &pollable);
            if waited
                && file
                    .variable(&pollable, &block)
                    .iter()
                    .any(|mention| inside(mention, &file.range(expr)))
            {
                blocks.extend(
                    file.statement(&file.range(expr))
                        .map(|(statement, _)| statement),
                );
            }
        });
        let others = file
            .variable(&pollable, &block)
            .into_iter()
            .filter(|mention| {
                !blocks.iter().any(|block| inside(mention, block)) && !is_drop(context, mention)
            });
        if others.count() > 0 {
            return Err(
                "its pollable is waited for with others: use `futures::select!` on `client::send`"
                    .to_owned(),
            );
        }
        edits.push(Edit::delete(whole_lines(context.text, range)));
        for statement in blocks {
            edits.push(Edit::delete(whole_lines(context.text, statement)));
        }
        for mention in file
            .variable(&pollable, &block)
            .into_iter()
            .filter(|mention| is_drop(context, mention))
        {
            let (statement, _) = file.statement(&mention).ok_or("it is not in a block")?;
            edits.push(Edit::delete(whole_lines(context.text, statement)));
        }
    }
    file.each_block(&mut |block| {
        for statement in &block.stmts {
            let syn::Stmt::Expr(expr, _) = statement else {
                continue;
            };
            let Expr::MethodCall(outer) = expr else {
                continue;
            };
            let range = file.range(statement);
            if outer.method == "block"
                && inside(&range, &function)
                && method_on(&outer.receiver, "subscribe").is_some_and(|(of, _)| of == future)
            {
                used.push(range.clone());
                edits.push(Edit::delete(whole_lines(context.text, range)));
            }
        }
    });

    // (2) Getting: `match future.get() { Some(result) => …, None => … }`, or straight away.
    let mut whole: Vec<Range<usize>> = Vec::new();
    file.each_expr_in(&function, &mut |expr| {
        let Expr::Match(found) = expr else { return };
        let range = file.range(expr);
        if method_on(&found.expr, "get").is_none_or(|(of, _)| of != future) {
            return;
        }
        let layers = found
            .arms
            .iter()
            .find_map(|arm| arm_layers(&arm.pat, &arm.body));
        if found.arms.len() == 2 && layers == Some(1) {
            whole.push(range.clone());
            sent += 1;
            edits.push(Edit::replace(range, send.clone()));
        }
    });
    file.each_expr_in(&function, &mut |expr| {
        if method_on(expr, "get").is_none_or(|(of, _)| of != future) {
            return;
        }
        let outermost = file.unpeeled(expr);
        let peeled = peel(outermost);
        let range = file.range(outermost);
        if peeled.layers.len() < 2 || whole.iter().any(|whole| inside(&range, whole)) {
            return;
        }
        let end = file.range(peeled.layers[1]).end;
        let get = file.range(peeled.core).start..end;
        used.push(get.clone());
        sent += 1;
        edits.push(Edit::replace(get, send.clone()));
    });
    edits.retain(|edit| {
        !whole
            .iter()
            .any(|whole| inside(&edit.range, whole) && edit.range != *whole)
    });
    used.extend(whole);

    let left = file
        .variable(future, &function)
        .into_iter()
        .filter(|mention| {
            !used.iter().any(|used| inside(mention, used)) && !is_drop(context, mention)
        });
    if left.count() > 0 || sent != 1 {
        return Err("write `client::send(request).await` where the response is needed, and drop the future's `subscribe` and `get`".to_owned());
    }
    for mention in file
        .variable(future, &function)
        .into_iter()
        .filter(|mention| is_drop(context, mention))
    {
        let (statement, _) = file.statement(&mention).ok_or("it is not in a block")?;
        edits.push(Edit::delete(whole_lines(context.text, statement)));
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(edits)
}

/// `Some(result) => result.map_err(…)?`: how many layers the arm takes off.
fn arm_layers(pat: &Pat, body: &Expr) -> Option<usize> {
    let Pat::TupleStruct(pat) = pat else {
        return None;
    };
    let Some(Pat::Ident(name)) = pat.elems.first() else {
        return None;
    };
    let peeled = peel(body);
    let same = matches!(peeled.core, Expr::Path(path) if path.path.is_ident(&name.ident));
    (same && pat.path.is_ident("Some")).then_some(peeled.layers.len())
}

fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn is_drop(context: &RustContext, mention: &Range<usize>) -> bool {
    context.text[..mention.start].ends_with("drop(") && context.text[mention.end..].starts_with(')')
}

fn is_poll_of(context: &RustContext, expr: &Expr, pollable: &str) -> bool {
    let Some((path, call)) = called(expr) else {
        return false;
    };
    let is_poll = context
        .file
        .names
        .wasi(&path)
        .is_some_and(|wasi| wasi.full() == "wasi:io/poll.poll");
    is_poll
        && call.args.len() == 1
        && context.text(&call.args[0]).replace(' ', "") == format!("&[&{pollable}]")
}

/// `client::send`, as it can be written where `handle` was.
fn client(context: &RustContext, path: &syn::Path) -> String {
    let written = segments(path);
    match written.len() {
        // `handle`, from a `use` of the function.
        1 => match context.support() {
            support if support == context.new_crate() => format!("{support}::http::client::send"),
            support => format!("{support}::wasi::http::client::send"),
        },
        count => {
            let mut new = written;
            new[count - 1] = "send".to_owned();
            if new[count - 2] == "outgoing_handler" {
                new[count - 2] = "client".to_owned();
            }
            if count > 2
                && (new[0] == "wasi" || new[0] == "wasip2")
                && !context.file.names.generates()
            {
                new[0] = context.new_crate().to_owned();
            }
            new.join("::")
        }
    }
}
