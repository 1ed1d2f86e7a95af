//! Finds timers of the facade that are made and waited for at once.
//!
//! ## Why
//! 0.3 has functions that wait: no pollable is needed for it.
//!
//! ## Before
//! ```rust,ignore
//! use compat_api::p2::clocks::monotonic_clock;
//!
//! pub async fn rest(until: u64) {
//!     monotonic_clock::subscribe_duration(1_000).block().await;
//!     let timer = monotonic_clock::subscribe_instant(until);
//!     timer.block().await;
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use compat_api::clocks::monotonic_clock;
//!
//! pub async fn rest(until: u64) {
//!     monotonic_clock::wait_for(1_000).await;
//!     monotonic_clock::wait_until(until).await;
//! }
//! ```
//!
//! ## Fix
//! Safe: it waits as long as before. Timers that are kept, or given to `poll`, are reported by other rules.

use crate::edit::Edit;
use crate::facade::idiom::{Conversion, Plan, ProgramContext};
use crate::finding::Finding;
use crate::rust::flow;
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Local, Stmt};

pub fn check(context: &ProgramContext, plan: &mut Plan) {
    for file in 0..context.sources.len() {
        if let Some(tree) = context.tree(file) {
            let mut timers = Timers {
                context,
                file,
                plan,
            };
            timers.visit_file(tree);
        }
    }
}

struct Timers<'a, 'b> {
    context: &'a ProgramContext<'a>,
    file: usize,
    plan: &'b mut Plan,
}

/// A timer that is made.
struct Timer {
    mention: usize,
    new: Vec<String>,
    range: Range<usize>,
}

impl Timers<'_, '_> {
    fn made(&self, expr: &Expr) -> Option<Timer> {
        let Expr::Call(call) = expr else { return None };
        let Expr::Path(path) = &*call.func else {
            return None;
        };
        let first = path.path.segments.first()?;
        let start = self.context.range(self.file, &first.ident).start;
        let mention = self.context.mention(self.file, start)?;
        let item = &self.context.mentions[mention].item;
        let new = match item.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["clocks", "monotonic_clock", "subscribe_duration"] => "wait_for",
            ["clocks", "monotonic_clock", "subscribe_instant"] => "wait_until",
            _ => return None,
        };
        Some(Timer {
            mention,
            new: ["clocks", "monotonic_clock", new]
                .map(str::to_owned)
                .to_vec(),
            range: self.context.expr(self.file, expr),
        })
    }

    /// `…block()`, and what it is called on.
    fn blocks<'a>(&self, expr: &'a Expr) -> Option<&'a Expr> {
        match expr {
            Expr::MethodCall(call) if call.method == "block" && call.args.is_empty() => {
                Some(&call.receiver)
            }
            _ => None,
        }
    }

    fn found(
        &mut self,
        timer: Timer,
        range: Range<usize>,
        edits: Vec<Edit>,
        removed: Range<usize>,
    ) {
        let message = format!(
            "a pollable is made to wait for it; in 0.3, `{}` waits",
            timer.new[2]
        );
        self.plan.convert(Conversion {
            mention: timer.mention,
            new: timer.new,
            finding: Finding::new(range, message),
            edits,
            removed: vec![removed],
        });
    }

    /// `subscribe_duration(…).block()`, which is awaited.
    fn waits(&mut self, expr: &Expr) {
        let Some(timer) = self.blocks(expr).and_then(|receiver| self.made(receiver)) else {
            return;
        };
        let whole = self.context.expr(self.file, expr);
        let behind = timer.range.end..whole.end;
        if !is_blank(&self.context.sources[self.file].text[behind.clone()].replace(".block()", ""))
        {
            return;
        }
        self.found(timer, whole, vec![Edit::delete(behind.clone())], behind);
    }

    /// `let timer = subscribe_duration(…); timer.block().await;`
    fn pair(&mut self, block: &Block, at: usize) {
        let (Stmt::Local(local), Some(Stmt::Expr(next, _))) =
            (&block.stmts[at], block.stmts.get(at + 1))
        else {
            return;
        };
        let (Some(name), Some(init)) = (name_of(local), &local.init) else {
            return;
        };
        let Expr::Await(next) = next else { return };
        let waited = self.blocks(&next.base).and_then(flow::variable);
        let Some(timer) = self
            .made(&init.expr)
            .filter(|_| waited.as_ref() == Some(&name))
        else {
            return;
        };
        let text = &self.context.sources[self.file].text;
        let first = self.context.range(self.file, local);
        let last = self.context.expr(self.file, &next.base);
        let end = self.context.range(self.file, block).end;
        let before = first.start..timer.range.start;
        let between = timer.range.end..last.end;
        let is_alone = !text[last.end..end]
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name);
        let blank = text[timer.range.end..last.start].replacen(';', "", 1);
        if !is_alone || !is_blank(&blank) || init.diverge.is_some() {
            return;
        }
        let whole = first.start..last.end;
        let edits = vec![Edit::delete(before.clone()), Edit::delete(between)];
        self.found(timer, whole, edits, before);
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn name_of(local: &Local) -> Option<String> {
    let pat = match &local.pat {
        syn::Pat::Type(pat) => &pat.pat,
        pat => pat,
    };
    match pat {
        syn::Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.to_string()),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Timers<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Await(found) => self.waits(&found.base),
            Expr::Call(call)
                if flow::called(expr).is_some_and(|(path, _)| {
                    path.last().is_some_and(|last| last == "block_on")
                }) =>
            {
                call.args.iter().for_each(|argument| self.waits(argument));
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        for at in 0..block.stmts.len() {
            self.pair(block, at);
        }
        visit::visit_block(self, block);
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let arguments = self.context.macro_arguments(self.file, found);
        for argument in arguments {
            Visit::visit_expr(self, argument);
        }
    }
}
