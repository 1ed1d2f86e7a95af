//! The rewrite of `listen`, and of accepted connections.

use super::super::outgoing_request::is_drop;
use super::super::{RustContext, free_name, indent, inside};
use super::connection::{Connection, named};
use super::pair::{Pair, is_would_block};
use super::{alone, deleted, method};
use crate::edit::{Edit, whole_lines};
use crate::rust::Call;
use crate::rust::flow::peel;
use std::ops::Range;
use syn::{Expr, ExprMatch, Pat, Stmt};

/// Writes `let mut accepted = socket.listen()?;` where listening was started, and `accepted.next().await` for each `accept()`.
pub fn listened(pair: &Pair, scope: &Range<usize>, calls: &[&Call]) -> Result<Vec<Edit>, String> {
    let context = pair.context;
    let file = context.file;
    let help =
        "`let mut accepted = socket.listen()?` is a stream of sockets: `accepted.next().await`";
    let (Some(start), Some(finish)) = (alone(context, pair.start), pair.finishing()) else {
        return Err(help.to_owned());
    };
    let function = file.function_around(&start).ok_or(help)?;
    let accepted = free_name(context, &function, "accepted");
    let core = file.range(pair.start.expr);
    let layers = &context.text[core.end..file.range(file.unpeeled(pair.start.expr)).end];
    let mut edits = vec![
        Edit::replace(
            start.clone(),
            format!("let mut {accepted} = {}.listen(){layers};", pair.socket),
        ),
        deleted(context, finish),
    ];
    let (_, block) = file.statement(&start).ok_or(help)?;
    for call in calls.iter().filter(|call| method(call) == "accept") {
        let place = file.range(call.expr);
        let sees_it = start.end <= place.start && inside(&place, &block);
        if !sees_it || !inside(&place, scope) || file.is_in_closure(call.expr) {
            return Err(format!("{help}; it has to be there where it is accepted"));
        }
        edits.extend(accept(context, call.expr, &accepted)?);
    }
    Ok(edits)
}

/// One `accept()`: by `let`, `match`, `if let` or `while let`.
fn accept(context: &RustContext, call: &Expr, accepted: &str) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let place = file.range(call);
    let error = format!("{}::InvalidState", context.item("sockets", "ErrorCode"));
    let next = Edit::replace(
        place.clone(),
        format!("{accepted}.next().await.ok_or({error})"),
    );
    let help = || {
        format!(
            "`{accepted}.next().await` is the next socket; its streams are those of `receive()` and `send(data)`"
        )
    };
    match file.index.around(call) {
        Some(Expr::Match(found)) if std::ptr::eq(&*found.expr, call) => {
            let mut edits = vec![next];
            edits.extend(matched(context, found).ok_or_else(help)??);
            return Ok(edits);
        }
        Some(Expr::Let(found)) => {
            let body = match file.index.around_let(found, call) {
                Some(Expr::If(found)) => &found.then_branch,
                Some(Expr::While(found)) => &found.body,
                _ => return Err(help()),
            };
            let mut edits = vec![next];
            edits.extend(ok(context, &found.pat, body).ok_or_else(help)??);
            return Ok(edits);
        }
        _ => {}
    }
    let Some((node, block)) = file.index.statement(&place) else {
        return Err(help());
    };
    let Stmt::Local(local) = node.node else {
        return Err(help());
    };
    let init = local.init.as_ref().filter(|init| init.diverge.is_none());
    let value = &*init.ok_or_else(help)?.expr;
    let three = Three::of(context, &local.pat, &node.range).ok_or_else(help)?;
    if !std::ptr::eq(peel(value).core, call) {
        // `let (client, input, output) = match socket.accept() { Ok(parts) => parts, Err(…) => … };` needs a human.
        return Err(help());
    }
    let indent = indent(context.text, node.range.start);
    let (lines, mut edits) = three.connection(
        context,
        &node.range,
        &(node.range.start..block.range.end),
        &block.range,
        &indent,
    )?;
    let layers = &context.text[place.end..file.range(value).end];
    let made = format!("let {} = {}{layers};", three.pattern, next.text);
    let lines = if lines.is_empty() {
        made
    } else {
        format!("{made}\n{indent}{lines}")
    };
    edits.push(Edit::replace(node.range.clone(), lines));
    Ok(edits)
}

/// Rewrites `Ok((client, input, output)) => { … }`. An arm that waited for `WouldBlock` is removed.
fn matched(context: &RustContext, found: &ExprMatch) -> Option<Result<Vec<Edit>, String>> {
    let file = context.file;
    let mut edits = Vec::new();
    let mut seen = false;
    for arm in &found.arms {
        if is_would_block(&arm.pat) {
            let place = file.range(arm);
            let comma = usize::from(context.text[place.end..].starts_with(','));
            let place = place.start..place.end + comma;
            edits.push(Edit::delete(whole_lines(context.text, place)));
            continue;
        }
        if let Pat::TupleStruct(pat) = &arm.pat
            && pat.path.is_ident("Ok")
        {
            let Expr::Block(body) = &*arm.body else {
                return None;
            };
            match ok(context, &arm.pat, &body.block)? {
                Ok(new) => edits.extend(new),
                Err(reason) => return Some(Err(reason)),
            }
            seen = true;
        }
    }
    seen.then_some(Ok(edits))
}

/// `Ok((client, input, output))` before a block: the streams are made at its beginning.
fn ok(context: &RustContext, pat: &Pat, body: &syn::Block) -> Option<Result<Vec<Edit>, String>> {
    let Pat::TupleStruct(found) = pat else {
        return None;
    };
    let inner = found.elems.first().filter(|_| found.path.is_ident("Ok"))?;
    let place = context.file.range(inner);
    let three = Three::of(context, inner, &place)?;
    let block = context.file.range(body);
    let first = context.file.range(body.stmts.first()?);
    let indent = indent(context.text, first.start);
    let streams = three.connection(context, &place, &block, &block, &indent);
    Some(streams.map(|(lines, mut edits)| {
        edits.push(Edit::replace(place, three.pattern));
        if !lines.is_empty() {
            edits.push(Edit::insert(first.start, format!("{lines}\n{indent}")));
        }
        edits
    }))
}

/// The result of `accept`.
struct Three {
    /// With `mut`, as it is written.
    pattern: String,
    socket: String,
    input: String,
    output: String,
}

impl Three {
    fn of(context: &RustContext, pat: &Pat, place: &Range<usize>) -> Option<Self> {
        let Pat::Tuple(found) = pat else { return None };
        let names: Vec<_> = found.elems.iter().filter_map(named).collect();
        let [socket, input, output] = names.as_slice() else {
            return None;
        };
        let mut pattern = context.text(found.elems.first()?).to_owned();
        let mut socket = socket.clone();
        if socket == "_" {
            let function = context.file.function_around(place)?;
            socket = free_name(context, &function, "client");
            pattern.clone_from(&socket);
        }
        Some(Self {
            pattern,
            socket,
            input: input.clone(),
            output: output.clone(),
        })
    }

    fn connection(
        &self,
        context: &RustContext,
        origin: &Range<usize>,
        scope: &Range<usize>,
        block: &Range<usize>,
        indent: &str,
    ) -> Result<(String, Vec<Edit>), String> {
        // Dropping the socket would end its streams.
        let dropped = context.file.variable(&self.socket, scope);
        if dropped.iter().any(|mention| is_drop(context, mention)) {
            return Err(format!(
                "`{}` is dropped in the order of 0.2: drop it after its streams",
                self.socket
            ));
        }
        Connection {
            context,
            socket: &self.socket,
            input: &self.input,
            output: &self.output,
            origin,
            scope,
            block,
            indent,
        }
        .streams()
    }
}
