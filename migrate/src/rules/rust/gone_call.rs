//! Finds calls of methods and functions of WASI 0.2 that have no counterpart in 0.3, or one that works differently.
//!
//! ## Why
//! What a body, a stream, a pollable or a future resource did is done by `stream`s, `future`s and `.await`.
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
//! None: where it fits a pattern, another rule has a fix for the whole of it; what is left here needs a human. The help says what to
//! write.

use super::RustContext;
use crate::finding::Finding;
use crate::moves::{Change, moves};
use crate::rust::flow::called;
use crate::rust::kebab;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_call(&mut |call, ty| {
        let Some(ty) = ty else { return };
        let full = format!("{ty}.{}", kebab(&call.method.to_string()));
        let Some(entry) = moves().get(&full) else {
            return;
        };
        let asynced = super::unawaited_call::became_async(&full);
        let message = match entry.change {
            Change::Gone => format!("`{full}` is gone in 0.3"),
            // Of the same name in 0.3: if the file has moved already it is fine.
            Change::Reshaped if !asynced && entry.to.is_some() => {
                format!("`{full}` works differently in 0.3")
            }
            _ => return,
        };
        found.push(Finding::new(context.at(call.method.span()), message).help(entry.note.clone()));
    });
    // Functions: `poll::poll(…)`.
    context.file.each_expr(&mut |expr| {
        let Some((path, call)) = called(expr) else {
            return;
        };
        let Some(wasi) = context.file.names.wasi(&path) else {
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
