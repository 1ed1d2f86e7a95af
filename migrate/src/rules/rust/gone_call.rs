//! Finds calls of methods and functions of WASI 0.2 that have no counterpart in 0.3, or one that works differently.
//!
//! ## Why
//! `stream`s, `future`s and `.await` do what the resources for bodies, streams, pollables and futures did.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::io::streams::OutputStream;
//!
//! fn send(out: &OutputStream, bytes: &[u8]) {
//!     let room = out.check_write().unwrap();
//!     out.write(&bytes[..room as usize]).unwrap();
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasi::io::streams::OutputStream;
//!
//! fn send(out: &OutputStream, bytes: &[u8]) {
//!     let room = out.check_write().unwrap();
//!     out.write(&bytes[..room as usize]).unwrap();
//! }
//! ```
//!
//! ## Fix
//! None: if it fits a pattern, another rule has a fix for all of it. What is left needs a human. The help says what to write.

use super::RustContext;
use crate::finding::Finding;
use crate::moves::{Change, Move, moves};
use crate::rust::{Call, Root};
use crate::wit::wasi::exists_0_3;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::LazyLock;
use syn::{Pat, Stmt};

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let names = context
        .file
        .names
        .leaves
        .iter()
        .filter_map(|leaf| leaf.wasi.as_ref());
    let binds_0_2 = names
        .chain(context.file.wasi_paths.iter().map(|found| &found.wasi))
        .any(|wasi| wasi.root == Root::Crate02);
    for found_call in &context.file.calls {
        let (call, full) = (found_call.call, found_call.full.as_str());
        let method = &full[found_call.ty.len() + 1..];
        let Some((full, entry)) = entry(&found_call.ty, method, full) else {
            continue;
        };
        let asynced = super::unawaited_call::became_async(&full);
        let message = match entry.change {
            Change::Gone => format!("`{full}` is gone in 0.3"),
            // Of the same name in 0.3: if the file has moved already it is fine.
            Change::Reshaped
                if !asynced
                    && (entry.to.is_some()
                        || binds_0_2 && is_stream_of_0_2(context, found_call)) =>
            {
                format!("`{full}` works differently in 0.3")
            }
            _ => continue,
        };
        found.push(Finding::new(context.at(call.method.span()), message).help(entry.note.clone()));
    }
    // Functions: `poll::poll(…)`.
    context.file.each_expr(&mut |expr| {
        let Some((wasi, call)) = context.file.called(expr) else {
            return;
        };
        let full = wasi.full();
        if let Some(entry) = moves()
            .get(full)
            .filter(|entry| entry.change == Change::Gone)
        {
            let finding = Finding::new(
                context.file.range(&call.func),
                format!("`{full}` is gone in 0.3"),
            );
            found.push(finding.help(entry.note.clone()));
        }
    });
}

/// Methods that have the same name in 0.3 and return another kind of stream, and how many arguments they have in 0.2.
const STREAMS: [(&str, usize); 4] = [
    ("wasi:filesystem/types.descriptor.append-via-stream", 0),
    ("wasi:filesystem/types.descriptor.read-directory", 0),
    ("wasi:filesystem/types.descriptor.read-via-stream", 1),
    ("wasi:filesystem/types.descriptor.write-via-stream", 1),
];

/// Whether it is such a method as 0.2 has it: 0.3's reads return a pair, and its writes take the stream.
fn is_stream_of_0_2(context: &RustContext, found: &Call) -> bool {
    let known = STREAMS.iter().find(|(name, _)| *name == found.full);
    if known.is_none_or(|(_, arguments)| found.call.args.len() > *arguments) {
        return false;
    }
    let place = context.file.range(found.expr);
    let statement = context.file.index.statement(&place);
    !statement.is_some_and(|(statement, _)| match statement.node {
        Stmt::Local(local) => matches!(local.pat, Pat::Tuple(_)),
        _ => false,
    })
}

/// The table's entry for a method, also if its type has been renamed already.
fn entry<'a>(ty: &str, method: &str, full: &'a str) -> Option<(Cow<'a, str>, &'static Move)> {
    if let Some(entry) = moves().get(full) {
        return Some((Cow::Borrowed(full), entry));
    }
    if exists_0_3(full) {
        return None;
    }
    BEFORE.get(ty)?.iter().find_map(|old| {
        let name = format!("{old}.{method}");
        let entry = moves().get(&name)?;
        Some((Cow::Owned(name), entry))
    })
}

/// From a type of 0.3 to those of 0.2 that it was.
static BEFORE: LazyLock<FxHashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut all: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for (name, entry) in moves().entries() {
        if let Some(to) = entry.to.as_deref().filter(|to| *to != name) {
            all.entry(to).or_default().push(name);
        }
    }
    all
});
