//! Finds comparisons with cases of types that can't be compared any more: `error == ErrorCode::NoEntry`.
//!
//! ## Why
//! `descriptor-type` and the `error-code`s of `wasi:filesystem` and `wasi:sockets` were enums; in 0.3 they are variants, with a case `other` that
//! has a text. In Rust they lose `Copy` and `==`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::filesystem::types::{DescriptorType, ErrorCode};
//!
//! fn is_missing(error: ErrorCode) -> bool {
//!     error == ErrorCode::NoEntry
//! }
//!
//! fn is_not_file(ty: DescriptorType) -> bool {
//!     ty != DescriptorType::RegularFile
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::filesystem::types::{DescriptorType, ErrorCode};
//!
//! fn is_missing(error: ErrorCode) -> bool {
//!     matches!(error, ErrorCode::NoEntry)
//! }
//!
//! fn is_not_file(ty: DescriptorType) -> bool {
//!     !matches!(ty, DescriptorType::RegularFile)
//! }
//! ```
//!
//! ## Fix
//! Safe: it means the same with both versions. A comparison in `assert_eq!`, or of two values, is left to the compiler.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use syn::{BinOp, Expr};

/// Their cases can't be compared with `==` in 0.3.
const TYPES: [&str; 4] = [
    "wasi:filesystem/types.descriptor-type",
    "wasi:filesystem/types.error-code",
    "wasi:sockets/network.error-code",
    "wasi:sockets/types.error-code",
];

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    context.file.each_expr(&mut |expr| {
        let Expr::Binary(comparison) = expr else {
            return;
        };
        let (not, operator) = match comparison.op {
            BinOp::Eq(token) => ("", context.at(token.spans[0]).start),
            BinOp::Ne(token) => ("!", context.at(token.spans[0]).start),
            _ => return,
        };
        let (left, right) = (
            case(context, &comparison.left),
            case(context, &comparison.right),
        );
        let Some(ty) = left.xor(right) else { return };
        let place = context.file.range(expr);
        let finding = Finding::new(place.clone(), format!("`{ty}` can't be compared in 0.3"));
        let before = &context.text[context.file.range(&comparison.left).end..operator];
        let after = &context.text[operator + 2..context.file.range(&comparison.right).start];
        let edits = if right.is_some() {
            // What stands around the operator stays, comments too.
            let space = before.len() - before.trim_end().len();
            vec![
                Edit::insert(place.start, format!("{not}matches!(")),
                Edit::replace(operator - space..operator + 2, ","),
                Edit::insert(place.end, ")"),
            ]
        } else if before.trim().is_empty() && after.trim().is_empty() {
            let (value, case) = (
                context.text(&comparison.right),
                context.text(&comparison.left),
            );
            vec![Edit::replace(
                place,
                format!("{not}matches!({value}, {case})"),
            )]
        } else {
            found.push(finding.help(format!("{not}matches!(value, case)")));
            return;
        };
        found.push(finding.fix(Fix::safe(edits)));
    });
}

/// The type whose case it is.
fn case(context: &RustContext, expr: &Expr) -> Option<&'static str> {
    let Expr::Path(path) = expr else { return None };
    let wasi = context.file.names.wasi(&path.path)?;
    TYPES.into_iter().find(|ty| {
        let rest = wasi.full().strip_prefix(ty);
        rest.is_some_and(|rest| rest.starts_with('.') && rest != ".other")
    })
}
