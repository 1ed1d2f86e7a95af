//! The rewrite of `connect`, and of the streams of a connection.

use super::super::io_stream::{Written, opened, reads, writes};
use super::super::{RustContext, indent};
use super::pair::Pair;
use crate::edit::Edit;
use crate::rust::flow::peel;
use std::ops::Range;
use syn::{Pat, Stmt};

/// Writes `connect(address).await` where it was started, and the streams where `finish_connect` returned them.
pub fn connected(pair: &Pair) -> Result<Vec<Edit>, String> {
    let context = pair.context;
    let file = context.file;
    let address = pair.address("connect")?;
    if file.is_in_closure(pair.start.expr) {
        return Err("a closure can't wait for `connect(address).await`".to_owned());
    }
    let mut edits = vec![Edit::replace(
        file.range(pair.start.expr),
        format!("{}.connect({address}).await", pair.socket),
    )];
    if let Some(statement) = pair.finishing() {
        // Its streams are not used.
        edits.push(super::deleted(context, statement));
        return Ok(edits);
    }
    let finish = file.range(pair.finish.expr);
    let parts = file.index.statement(&finish).and_then(|(node, block)| {
        let Stmt::Local(local) = node.node else {
            return None;
        };
        let init = local.init.as_ref().filter(|init| init.diverge.is_none())?;
        let is_whole = std::ptr::eq(peel(&init.expr).core, pair.finish.expr);
        let Pat::Tuple(pat) = &local.pat else {
            return None;
        };
        let names: Vec<_> = pat.elems.iter().filter_map(named).collect();
        (is_whole && names.len() == 2 && pat.elems.len() == 2)
            .then(|| (node.range.clone(), block.range.clone(), names))
    });
    let Some((statement, block, names)) = parts else {
        return Err(
            "`connect(address).await?`; what is received and sent are the streams of `receive()` and `send(data)`"
                .to_owned(),
        );
    };
    let [input, output] = names.as_slice() else {
        return Err("it has two streams".to_owned());
    };
    let connection = Connection {
        context,
        socket: pair.socket,
        input,
        output,
        origin: &statement,
        scope: &(statement.start..block.end),
        block: &block,
        indent: &indent(context.text, statement.start),
    };
    let (text, used) = connection.streams()?;
    edits.push(Edit::replace(statement.clone(), text));
    edits.extend(used);
    Ok(edits)
}

/// A connected socket whose streams get names.
pub struct Connection<'a> {
    pub context: &'a RustContext<'a>,
    pub socket: &'a str,
    /// `_` if it is not used.
    pub input: &'a str,
    pub output: &'a str,
    /// The expression that gives the streams.
    pub origin: &'a Range<usize>,
    /// Their scope.
    pub scope: &'a Range<usize>,
    /// The block whose statements those are.
    pub block: &'a Range<usize>,
    pub indent: &'a str,
}

impl Connection<'_> {
    /// The statements that make the streams, and the edits of everything that is done with them.
    pub fn streams(&self) -> Result<(String, Vec<Edit>), String> {
        let context = self.context;
        let mentioned = |name: &str| !context.file.variable(name, self.scope).is_empty();
        let mut lines = Vec::new();
        let mut edits = Vec::new();
        if mentioned(self.input) {
            let reads = reads(context, self.input, self.origin, self.scope)?;
            lines.push(format!(
                "let (mut {}, {}) = {}.receive();",
                self.input, reads.end, self.socket
            ));
            edits.extend(reads.edits);
        }
        if mentioned(self.output) {
            let call = format!("{}.send", self.socket);
            let mut opened = opened(context, self.origin, self.output, &call, "")?;
            let inner = indent(context.text, self.origin.start);
            opened.text = opened
                .text
                .replace(&format!("\n{inner}"), &format!("\n{}", self.indent));
            lines.push(opened.text);
            edits.extend(writes(
                context,
                &Written {
                    stream: self.output,
                    beside: mentioned(self.input).then_some(self.input),
                    origin: self.origin,
                    scope: self.scope,
                    block: self.block,
                    indent: self.indent,
                    result: &opened.result,
                    taker: "send",
                },
            )?);
        }
        Ok((lines.join(&format!("\n{}", self.indent)), edits))
    }
}

/// A name, `mut` or not, or `_`.
pub fn named(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
            Some(pat.ident.to_string())
        }
        Pat::Wild(_) => Some("_".to_owned()),
        _ => None,
    }
}
