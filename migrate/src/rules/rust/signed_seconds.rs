//! Finds seconds of points in time, which are signed in 0.3.
//!
//! ## Why
//! `wall-clock.datetime` had `seconds: u64`; `system-clock.instant` has `s64`, for times before 1970.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::clocks::wall_clock::{self, Datetime};
//!
//! fn age(since: Datetime) -> u64 {
//!     wall_clock::now().seconds - since.seconds
//! }
//!
//! fn at(seconds: u64) -> Datetime {
//!     Datetime { seconds, nanoseconds: 0 }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::clocks::system_clock::{self, Instant};
//!
//! fn age(since: Instant) -> u64 {
//!     (system_clock::now().seconds as u64) - (since.seconds as u64)
//! }
//!
//! fn at(seconds: u64) -> Instant {
//!     Instant { seconds: seconds as i64, nanoseconds: 0 }
//! }
//! ```
//!
//! ## Fix
//! Safe: what was counted from 1970 on is the same number. To take them apart by a pattern, or to set them, is reported.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use std::ops::Range;
use syn::{Expr, Member};

const DATETIME: &str = "wasi:clocks/wall-clock.datetime";

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let behind = super::moved_path::stays_behind(context);
    found.extend(numbers(context).into_iter().map(|number| {
        let finding = Finding::new(number.place, "seconds are an `i64` in 0.3");
        match number.edits {
            // As long as the type stays with 0.2, so does the number.
            Ok(_) if behind && number.is_made => {
                finding.help("`as i64`, once the type is that of 0.3")
            }
            Ok(edits) => finding.fix(Fix::safe(edits)),
            Err(help) => finding.help(help),
        }
    }));
}

/// The edits that must be made together with the move of the type. Afterwards the places cannot be found any more.
pub fn edits(context: &RustContext) -> Vec<Edit> {
    let numbers = numbers(context).into_iter();
    numbers
        .filter_map(|number| number.edits.ok())
        .flatten()
        .collect()
}

struct Number {
    place: Range<usize>,
    /// Whether the number is given to a new point in time, and not taken from one.
    is_made: bool,
    edits: Result<Vec<Edit>, &'static str>,
}

fn numbers(context: &RustContext) -> Vec<Number> {
    let mut found = Vec::new();
    context.file.each_expr(&mut |expr| match expr {
        Expr::Field(_) if is_seconds_of(context, expr) && !is_shown(context, expr) => {
            let place = context.file.range(expr);
            let mut is_made = false;
            let edits = match context.file.index.around(expr) {
                Some(Expr::Cast(_)) => return,
                // From one point in time to another.
                Some(Expr::Struct(made)) if is_datetime(context, &made.path) => return,
                Some(Expr::Assign(assigned))
                    if is_seconds_of(context, &assigned.left)
                        && std::ptr::eq(&*assigned.right, expr) =>
                {
                    return;
                }
                // Setting them, or adding to them.
                Some(Expr::Assign(assigned)) if std::ptr::eq(&*assigned.left, expr) => {
                    is_made = true;
                    Ok(signed(context, &assigned.right))
                }
                Some(Expr::Binary(found))
                    if std::ptr::eq(&*found.left, expr)
                        && context.text(&found.op).ends_with('=')
                        && !["==", "!=", "<=", ">="].contains(&context.text(&found.op)) =>
                {
                    is_made = true;
                    Ok(signed(context, &found.right))
                }
                Some(Expr::Binary(_) | Expr::Unary(_) | Expr::Range(_)) => Ok(grouped(&place)),
                Some(Expr::MethodCall(call)) if std::ptr::eq(&*call.receiver, expr) => {
                    Ok(grouped(&place))
                }
                Some(Expr::Reference(_)) => Err("take what is referred to `as u64`"),
                _ => Ok(vec![Edit::insert(place.end, " as u64")]),
            };
            found.push(Number {
                place,
                is_made,
                edits,
            });
        }
        Expr::Struct(made) if is_datetime(context, &made.path) => {
            let mut fields = made.fields.iter();
            let Some(field) = fields.find(|field| is_seconds(&field.member)) else {
                return;
            };
            let place = context.file.range(&field.expr);
            let edits = match field.colon_token {
                Some(_) => signed(context, &field.expr),
                None => vec![Edit::insert(place.end, ": seconds as i64")],
            };
            found.push(Number {
                place,
                is_made: true,
                edits: Ok(edits),
            });
        }
        _ => {}
    });
    found.retain(|number| {
        number
            .edits
            .as_ref()
            .map_or(true, |edits| !edits.is_empty())
    });
    found
}

/// Whether it is only formatted, as it would be with either sign.
fn is_shown(context: &RustContext, expr: &Expr) -> bool {
    const SHOWING: [&str; 9] = [
        "format",
        "format_args",
        "print",
        "println",
        "eprint",
        "eprintln",
        "write",
        "writeln",
        "panic",
    ];
    let mut macros = context.file.index.macros();
    macros.any(|found| {
        let arguments = context.file.macro_arguments(found);
        SHOWING.iter().any(|name| found.path.is_ident(name))
            && arguments
                .iter()
                .any(|argument| std::ptr::eq(argument, expr))
    })
}

fn grouped(place: &Range<usize>) -> Vec<Edit> {
    vec![
        Edit::insert(place.start, "("),
        Edit::insert(place.end, " as u64)"),
    ]
}

/// The edits that make a number signed. None if its type is inferred.
fn signed(context: &RustContext, value: &Expr) -> Vec<Edit> {
    let place = context.file.range(value);
    match value {
        Expr::Lit(_) | Expr::Cast(_) => Vec::new(),
        Expr::Path(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Paren(_) => {
            vec![Edit::insert(place.end, " as i64")]
        }
        // Of another point in time.
        Expr::Field(_) if is_seconds_of(context, value) => Vec::new(),
        Expr::Field(_) => vec![Edit::insert(place.end, " as i64")],
        _ => vec![
            Edit::insert(place.start, "("),
            Edit::insert(place.end, ") as i64"),
        ],
    }
}

fn is_seconds_of(context: &RustContext, expr: &Expr) -> bool {
    matches!(expr, Expr::Field(field) if is_seconds(&field.member)
        && context.file.types.wasi(&field.base) == Some(DATETIME))
}

fn is_datetime(context: &RustContext, path: &syn::Path) -> bool {
    let wasi = context.file.names.wasi(path);
    wasi.is_some_and(|wasi| wasi.full() == DATETIME)
}

fn is_seconds(member: &Member) -> bool {
    matches!(member, Member::Named(name) if name == "seconds")
}
