//! The rewrite of a call that starts an operation and the call that finishes it to one call.

use super::super::{RustContext, inside};
use super::{alone, deleted};
use crate::edit::Edit;
use crate::rust::{Call, File};
use std::ops::Range;
use syn::{Expr, ExprMatch, Pat, Stmt};

pub struct Pair<'a> {
    pub context: &'a RustContext<'a>,
    pub socket: &'a str,
    pub start: &'a Call<'a>,
    pub finish: &'a Call<'a>,
    /// The statements that only wait for the socket.
    pub waits: &'a [Range<usize>],
}

impl Pair<'_> {
    /// Writes `bind(address)` where it is started or, if that is a statement of its own, where it is finished.
    pub fn bound(&self) -> Result<Vec<Edit>, String> {
        let context = self.context;
        let new = format!("{}.bind({})", self.socket, self.address("bind")?);
        if let Some(finish) = self.finishing() {
            let start = context.file.range(self.start.expr);
            return Ok(vec![Edit::replace(start, new), deleted(context, finish)]);
        }
        let finish = context.file.range(self.finish.expr);
        match alone(context, self.start) {
            Some(start) if self.follows_at_once(&start, &finish) => {
                Ok(vec![deleted(context, start), Edit::replace(finish, new)])
            }
            _ => Err("`bind(address)?` in place of both calls".to_owned()),
        }
    }

    /// The address that the operation is given, after the network.
    pub fn address(&self, operation: &str) -> Result<String, String> {
        let arguments = &self.start.call.args;
        match arguments.len() {
            2 => Ok(self.context.text(&arguments[1]).to_owned()),
            _ => Err(format!("`{operation}(address)` in place of both calls")),
        }
    }

    /// The statement that only finishes: alone, or `while let Err(ErrorCode::WouldBlock) = …` with only waiting in it.
    pub fn finishing(&self) -> Option<Range<usize>> {
        if let Some(statement) = alone(self.context, self.finish) {
            return Some(statement);
        }
        let file = self.context.file;
        let Some(Expr::Let(condition)) = file.index.around(self.finish.expr) else {
            return None;
        };
        let Some(outer @ Expr::While(found)) = file.index.around_let(condition, self.finish.expr)
        else {
            return None;
        };
        let only_waits = found.body.stmts.iter().all(|statement| {
            let place = file.range(statement);
            self.waits.iter().any(|wait| inside(&place, wait))
        });
        let (statement, _) = file.statement(&file.range(outer))?;
        (is_would_block(&condition.pat) && only_waits).then_some(statement)
    }

    /// Whether there is only waiting between the statement that starts and the one that finishes, in one block.
    fn follows_at_once(&self, start: &Range<usize>, finish: &Range<usize>) -> bool {
        let file = self.context.file;
        let (Some((_, block)), Some((end, end_block))) =
            (file.statement(start), file.statement(finish))
        else {
            return false;
        };
        let mut inner = self.finish.expr;
        while let Some(outer) = file.index.around(inner) {
            if matches!(outer, Expr::While(_) | Expr::Loop(_) | Expr::ForLoop(_)) {
                return false;
            }
            inner = outer;
        }
        let mut between_waits = block == end_block && start.end <= end.start;
        file.each_block(&mut |found| {
            if file.range(found) != block {
                return;
            }
            for place in found
                .stmts
                .iter()
                .map(|statement: &Stmt| file.range(statement))
            {
                let is_between = start.end <= place.start && place.end <= end.start;
                let waits = self.waits.iter().any(|wait| inside(&place, wait));
                between_waits &= !is_between || waits;
            }
        });
        between_waits && !file.is_in_closure(self.finish.expr)
    }
}

/// The arms that waited. They are removed, since the call itself waits.
pub fn would_block_arms(file: &File, found: &ExprMatch) -> Vec<Range<usize>> {
    let arms = found.arms.iter().filter(|arm| is_would_block(&arm.pat));
    arms.map(|arm| file.range(arm)).collect()
}

/// `Err(ErrorCode::WouldBlock)`
pub fn is_would_block(pat: &Pat) -> bool {
    let Pat::TupleStruct(found) = pat else {
        return false;
    };
    let is_case = |pat: &Pat| matches!(pat, Pat::Path(case) if case.path.segments.last().is_some_and(|last| last.ident == "WouldBlock"));
    found.path.is_ident("Err") && found.elems.iter().all(is_case)
}
