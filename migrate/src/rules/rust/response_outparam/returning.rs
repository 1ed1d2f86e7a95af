//! Turns "set the out-parameter, then return" into "return".

use super::super::{RustContext, indent, inside};
use super::OUTPARAM;
use crate::edit::{Edit, whole_lines};
use crate::rust::flow::{called, variable};
use std::ops::Range;
use syn::{Block, Expr, ReturnType, Signature, Stmt};

pub struct Returning<'a, 'b> {
    pub context: &'a RustContext<'b>,
    pub out: &'a str,
    /// Functions that take an out-parameter, with its position.
    pub known: &'a [(String, usize)],
    pub edits: Vec<Edit>,
    /// Mentions of the out-parameter that are handled.
    pub handled: Vec<Range<usize>>,
}

impl Returning<'_, '_> {
    pub fn function(
        &mut self,
        found: &Signature,
        block: &Block,
        index: usize,
        is_guest: bool,
    ) -> Result<Vec<Edit>, String> {
        let file = self.context.file;
        if !matches!(found.output, ReturnType::Default) {
            return Err("it returns something else besides: let it return the response, and say who sends it".to_owned());
        }
        let input = &found.inputs[index];
        let range = file.range(input);
        let removed = if index + 1 < found.inputs.len() {
            range.start..file.range(&found.inputs[index + 1]).start
        } else if index > 0 {
            file.range(&found.inputs[index - 1]).end..range.end
        } else {
            range.clone()
        };
        if self.context.text[removed.clone()].contains("//")
            || self.context.text[removed.clone()].contains("/*")
        {
            return Err(
                "there is a comment among the parameters: take out the out-parameter by hand"
                    .to_owned(),
            );
        }
        self.edits.push(Edit::delete(removed));
        let result = format!(
            " -> Result<{}, {}>",
            self.context.http("Response"),
            self.context.http("ErrorCode")
        );
        self.edits.push(Edit::insert(
            file.of_span(found.paren_token.span.close()).end,
            result,
        ));
        if is_guest && found.asyncness.is_none() {
            self.edits.push(Edit::insert(
                self.context.at(found.fn_token.span).start,
                "async ",
            ));
        }
        self.block(block)?;
        let left = file
            .variable(self.out, &file.range(block))
            .into_iter()
            .filter(|mention| !self.handled.iter().any(|handled| inside(mention, handled)));
        match left.count() {
            0 => Ok(std::mem::take(&mut self.edits)),
            _ => Err(format!("return the response where `{}` is set", self.out)),
        }
    }

    /// Handles a block at whose end the function ends.
    fn block(&mut self, block: &Block) -> Result<(), String> {
        let file = self.context.file;
        let mentions =
            |statement: &Stmt| !file.variable(self.out, &file.range(statement)).is_empty();
        let Some(last) = block.stmts.iter().rposition(mentions) else {
            return match block.stmts.last() {
                Some(Stmt::Macro(last)) if diverges(&last.mac) => Ok(()),
                Some(Stmt::Expr(Expr::Macro(last), _)) if diverges(&last.mac) => Ok(()),
                Some(Stmt::Expr(Expr::Return(_), _)) => {
                    Err("a path returns without an answer".to_owned())
                }
                _ => Err(
                    "a path ends without an answer: return a response or an error there".to_owned(),
                ),
            };
        };
        // Before the last: branches that set it and leave.
        for statement in &block.stmts[..last] {
            if mentions(statement) {
                self.early(statement)?;
            }
        }
        let rest = &block.stmts[last + 1..];
        let statement = &block.stmts[last];
        let Stmt::Expr(expr, semicolon) = statement else {
            return Err(format!(
                "`{}` is passed on: return the response instead",
                self.out
            ));
        };
        if let Some(answer) = self.answer(expr) {
            let range = file.range(statement);
            self.handled.push(range.clone());
            let rest: Vec<_> = rest.iter().filter(|statement| !matches!(statement, Stmt::Expr(Expr::Return(found), _) if found.expr.is_none())).collect();
            let returns = block.stmts[last + 1..]
                .iter()
                .find(|statement| matches!(statement, Stmt::Expr(Expr::Return(_), _)));
            if let Some(found) = returns {
                self.edits.push(Edit::delete(whole_lines(
                    self.context.text,
                    file.range(found),
                )));
            }
            match rest.last() {
                // Code after it stays, and the response is returned at the end.
                Some(end) => {
                    let indent = indent(self.context.text, range.start);
                    let end = file.range(*end).end;
                    self.edits
                        .push(Edit::delete(whole_lines(self.context.text, range)));
                    self.edits
                        .push(Edit::insert(end, format!("\n{indent}{answer}")));
                }
                None => self.edits.push(Edit::replace(range, answer)),
            }
            return Ok(());
        }
        if !rest.is_empty() {
            // `if …{ set; return }` was looked for above; here the function goes on.
            self.early(statement)?;
            return Err(
                "a path ends without an answer: return a response or an error there".to_owned(),
            );
        }
        self.tail(expr)?;
        if let Some(semicolon) = semicolon {
            self.edits
                .push(Edit::delete(self.context.at(semicolon.span)));
        }
        Ok(())
    }

    /// Handles an expression with whose value the function ends.
    fn tail(&mut self, expr: &Expr) -> Result<(), String> {
        if let Some(answer) = self.answer(expr) {
            let range = self.context.file.range(expr);
            self.handled.push(range.clone());
            self.edits.push(Edit::replace(range, answer));
            return Ok(());
        }
        match expr {
            Expr::If(found) => {
                self.block(&found.then_branch)?;
                match &found.else_branch {
                    Some((_, other)) => self.tail(other),
                    None => {
                        Err("without the condition there is no answer: add an `else`".to_owned())
                    }
                }
            }
            Expr::Match(found) => found.arms.iter().try_for_each(|arm| self.tail(&arm.body)),
            Expr::Block(found) => self.block(&found.block),
            Expr::Unsafe(found) => self.block(&found.block),
            Expr::Macro(found) if diverges(&found.mac) => Ok(()),
            Expr::Return(_) => Err("a path returns without an answer".to_owned()),
            _ => {
                Err("a path ends without an answer: return a response or an error there".to_owned())
            }
        }
    }

    /// Handles a statement after which the function goes on, unless it set the out-parameter and returned.
    fn early(&mut self, statement: &Stmt) -> Result<(), String> {
        let reason = || {
            format!(
                "`{}` is set, and the function goes on: return there",
                self.out
            )
        };
        let file = self.context.file;
        let (mut blocks, mut returned) = (Vec::new(), Vec::new());
        file.each_block(&mut |block| {
            let range = file.range(block);
            if !inside(&range, &file.range(statement)) {
                return;
            }
            for (index, found) in block.stmts.iter().enumerate() {
                let Stmt::Expr(expr, _) = found else { continue };
                let Some(answer) = self.answer(expr) else {
                    continue;
                };
                if let Expr::Return(_) = expr {
                    returned.push((file.range(expr), answer));
                    continue;
                }
                let Some(Stmt::Expr(Expr::Return(end), _)) = block.stmts.last() else {
                    continue;
                };
                let between: Vec<_> = block.stmts[index + 1..block.stmts.len() - 1]
                    .iter()
                    .map(|statement| file.range(statement))
                    .collect();
                if end.expr.is_none() {
                    blocks.push((file.range(found), file.range(end), between, answer));
                }
            }
        });
        for (place, answer) in returned {
            self.handled.push(place.clone());
            self.edits
                .push(Edit::replace(place, format!("return {answer}")));
        }
        for (set, end, between, answer) in blocks {
            self.handled.push(set.clone());
            self.edits
                .push(Edit::delete(whole_lines(self.context.text, set)));
            self.edits
                .push(Edit::replace(end, format!("return {answer}")));
            let _ = between;
        }
        let left = file
            .variable(self.out, &file.range(statement))
            .into_iter()
            .any(|mention| !self.handled.iter().any(|handled| inside(&mention, handled)));
        if left { Err(reason()) } else { Ok(()) }
    }

    /// The value that is set: by `ResponseOutparam::set(out, answer)`, or by a function that is given the out-parameter.
    fn answer(&self, expr: &Expr) -> Option<String> {
        // `return respond(out, 404);` at the end is the same as without `return`.
        if let Expr::Return(found) = expr {
            return self.answer(found.expr.as_ref()?);
        }
        if let Some((wasi, call)) = self.context.file.called(expr)
            && wasi.full().strip_suffix(".set") == Some(OUTPARAM)
        {
            let is_ours =
                call.args.len() == 2 && variable(&call.args[0]).as_deref() == Some(self.out);
            return is_ours.then(|| self.context.text(&call.args[1]).to_owned());
        }
        let (path, call) = called(expr)?;
        let (_, index) = self
            .known
            .iter()
            .find(|(name, _)| path.last() == Some(name))?;
        let (name, index) = (self.context.text(&call.func), *index);
        if call.args.get(index).and_then(variable).as_deref() != Some(self.out) {
            return None;
        }
        let arguments = call
            .args
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != index)
            .map(|(_, argument)| self.context.text(argument));
        Some(format!(
            "{name}({})",
            arguments.collect::<Vec<_>>().join(", ")
        ))
    }
}

fn diverges(found: &syn::Macro) -> bool {
    ["panic", "unreachable", "todo", "unimplemented"]
        .iter()
        .any(|name| found.path.is_ident(name))
}
