//! Finds directories that are read entry by entry: `read_directory` and `read_directory_entry`.
//!
//! ## Why
//! In 0.3 `read-directory` returns a `stream<directory-entry>` and a future that says whether reading failed.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::filesystem::types::{Descriptor, ErrorCode};
//!
//! async fn names(directory: &Descriptor) -> Result<Vec<String>, ErrorCode> {
//!     let mut names = Vec::new();
//!     let entries = directory.read_directory()?;
//!     while let Some(entry) = entries.read_directory_entry()? {
//!         names.push(entry.name);
//!     }
//!     Ok(names)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::filesystem::types::{Descriptor, ErrorCode};
//!
//! async fn names(directory: &Descriptor) -> Result<Vec<String>, ErrorCode> {
//!     let mut names = Vec::new();
//!     let (mut entries, entries_end) = directory.read_directory();
//!     while let Some(entry) = entries.next().await {
//!         names.push(entry.name);
//!     }
//!     drop(entries);
//!     entries_end.await?;
//!     Ok(names)
//! }
//! ```
//!
//! ## Fix
//! Unsafe: only after the loop it is known whether opening or reading failed. The fix is made only if a `while let` in the same block is all that uses the entries.
//! Otherwise it is reported.

use super::{RustContext, free_name, indent, inside};
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::rust::flow::{method_on, peel};
use std::ops::Range;
use syn::{Expr, ExprWhile, Pat};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_let(&mut |statement, entries, value| {
        let core = peel(value).core;
        let Expr::MethodCall(call) = core else { return };
        if call.method != "read_directory"
            || context.file.types.wasi(&call.receiver) != Some("wasi:filesystem/types.descriptor")
            || std::ptr::eq(core, value)
        {
            return;
        }
        let finding = Finding::new(
            context.at(call.method.span()),
            "`read-directory` answers a stream in 0.3, and a future that tells whether it failed",
        );
        found.push(
            match read(context, &statement, entries, context.text(&*call.receiver)) {
                Ok(edits) => finding.fix(Fix::risky(edits)),
                Err(reason) => finding.help(reason),
            },
        );
    });
}

fn read(
    context: &RustContext,
    statement: &Range<usize>,
    entries: &str,
    directory: &str,
) -> Result<Vec<Edit>, String> {
    let file = context.file;
    let advice = || {
        "`let (mut entries, end) = directory.read_directory()`, then `while let Some(entry) = entries.next().await`; `end.await` says if it failed"
            .to_owned()
    };
    let scope = file.scope_of(statement, entries).ok_or_else(advice)?;
    let (_, block) = file.statement(statement).ok_or_else(advice)?;
    let mut loops: Vec<&ExprWhile> = Vec::new();
    file.each_expr_in(&scope, &mut |expr| {
        if let Expr::While(found) = expr
            && let Expr::Let(condition) = &*found.cond
            && method_on(peel(&condition.expr).core, "read_directory_entry")
                .is_some_and(|(of, _)| of == entries)
        {
            loops.push(found);
        }
    });
    let &[found] = loops.as_slice() else {
        return Err(advice());
    };
    let Expr::Let(condition) = &*found.cond else {
        return Err(advice());
    };
    let place = file.range(&found.body);
    let (around, same) = file
        .statement(&(file.range(&*found.cond).start..place.end))
        .ok_or_else(advice)?;
    let elsewhere = file
        .variable(entries, &scope)
        .into_iter()
        .filter(|mention| {
            mention.start >= statement.end && !inside(mention, &file.range(&*condition.expr))
        });
    if same != block || elsewhere.count() > 0 {
        return Err(advice());
    }
    let next = format!("{entries}.next().await");
    let function = file.function_around(statement).ok_or_else(advice)?;
    let indent = indent(context.text, around.start);
    let core = peel(&condition.expr).core;
    let taken = &context.text[file.range(core).end..file.range(&*condition.expr).end];
    let (end, mut edits) = match (&*condition.pat, taken) {
        // `while let Ok(Some(entry)) = …`: that it failed was not looked at.
        (Pat::TupleStruct(pat), "") if pat.path.is_ident("Ok") && pat.elems.len() == 1 => {
            let inner = context.text(&pat.elems[0]);
            (
                "_end".to_owned(),
                vec![Edit::replace(file.range(&*condition.pat), inner)],
            )
        }
        (_, "") => return Err(advice()),
        (_, taken) => {
            let end = free_name(context, &function, &format!("{entries}_end"));
            let after = format!("\n{indent}drop({entries});\n{indent}{end}.await{taken};");
            (end, vec![Edit::insert(around.end, after)])
        }
    };
    edits.push(Edit::replace(
        statement.clone(),
        format!("let (mut {entries}, {end}) = {directory}.read_directory();"),
    ));
    edits.push(Edit::replace(file.range(&*condition.expr), next));
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    Ok(edits)
}
