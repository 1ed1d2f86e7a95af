//! Finds waiting for a time by a pollable: `subscribe_duration(…).block()`.
//!
//! ## Why
//! `wait_for` and `wait_until` are async functions in 0.3; other tasks go on meanwhile.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::clocks::monotonic_clock;
//!
//! async fn pause() {
//!     monotonic_clock::subscribe_duration(1_000_000).block();
//!     let until = monotonic_clock::subscribe_instant(monotonic_clock::now() + 5);
//!     until.block();
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::clocks::monotonic_clock;
//!
//! async fn pause() {
//!     monotonic_clock::wait_for(1_000_000).await;
//!     let until = monotonic_clock::wait_until(monotonic_clock::now() + 5);
//!     until.await;
//! }
//! ```
//!
//! ## Fix
//! Unsafe: a future begins to wait when it is awaited, a pollable did when it was made. A pollable that is given to `poll` is reported: that
//! is `join` or `select` now.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use std::ops::Range;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_expr(&mut |expr| {
        let Some((place, new)) = subscription(context, expr) else { return };
        let finding = Finding::new(place.clone(), format!("a pollable for a time; in 0.3 `{new}` is awaited"));
        let mut edits = vec![Edit::replace(place, new)];
        let whole = context.file.range(expr);
        let mut blocked = false;
        let variable = variable_of(context, &whole);
        let (mut mentions, mut blocks) = (0, 0);
        context.file.each_expr(&mut |other| {
            if let Expr::Path(path) = other
                && variable.as_deref().is_some_and(|variable| path.path.is_ident(variable))
            {
                mentions += 1;
            }
            let Expr::MethodCall(call) = other else { return };
            let direct = context.file.range(&call.receiver) == whole;
            let by_name = matches!(&*call.receiver, Expr::Path(path) if variable.as_deref().is_some_and(|variable| path.path.is_ident(variable)));
            if call.method == "block" && (direct || by_name) {
                let end = context.file.range(other).end;
                edits.push(Edit::replace(context.at(call.method.span()).start..end, "await"));
                blocked = true;
                blocks += usize::from(by_name);
            }
        });
        // A future can be awaited once.
        found.push(match blocked && mentions == blocks && blocks <= 1 {
            true => finding.fix(Fix::risky(edits)),
            false => finding.help("await it where the pollable was waited for; of several, `futures::join!` or `futures::select!`"),
        });
    });
}

/// The name in the call of `subscribe_…`, and the new name.
fn subscription(context: &RustContext, expr: &Expr) -> Option<(Range<usize>, &'static str)> {
    let Expr::Call(call) = expr else { return None };
    let Expr::Path(path) = &*call.func else {
        return None;
    };
    let wasi = context.file.names.wasi(&path.path)?;
    let new = match wasi.full() {
        "wasi:clocks/monotonic-clock.subscribe-duration" => "wait_for",
        "wasi:clocks/monotonic-clock.subscribe-instant" => "wait_until",
        _ => return None,
    };
    Some((context.at(path.path.segments.last()?.ident.span()), new))
}

/// The variable of the `let` whose value these bytes are.
fn variable_of(context: &RustContext, value: &Range<usize>) -> Option<String> {
    let before = context.text[..value.start]
        .trim_end()
        .strip_suffix('=')?
        .trim_end();
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + 1);
    let keyword = before[..start].trim_end();
    (keyword.ends_with("let") && !before[start..].is_empty()).then(|| before[start..].to_owned())
}
