//! Finds calls of `get_random_bytes` that trust to get as many bytes as they ask for.
//!
//! ## Why
//! It compiles, and is wrong: in 0.3 the parameter is a maximum, and fewer bytes may come (at least one). A key made of them would be shorter
//! than it looks.
//!
//! ## Before
//! ```rust,ignore
//! use wasip3::random::random;
//!
//! fn key() -> Vec<u8> {
//!     random::get_random_bytes(32)
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::random::random;
//!
//! fn key() -> Vec<u8> {
//!     random::get_random_bytes(32)
//! }
//! ```
//!
//! ## Fix
//! None: how the bytes are gathered is for the program to say. A call in a loop is taken for one that asks again.

use super::RustContext;
use crate::finding::Finding;
use syn::Expr;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    for mention in &context.file.wasi_paths {
        let name = match mention.wasi.full() {
            "wasi:random/random.get-random-bytes" => "get_random_bytes",
            "wasi:random/insecure.get-insecure-random-bytes" => "get_insecure_random_bytes",
            _ => continue,
        };
        let range = mention.place.clone();
        let in_loop = context.file.index.exprs().any(|expr| {
            matches!(expr.node, Expr::While(_) | Expr::Loop(_))
                && expr.range.start <= range.start
                && range.end <= expr.range.end
        });
        if in_loop {
            continue;
        }
        let finding = Finding::new(
            range,
            format!("`{name}` may answer fewer bytes than asked for in 0.3"),
        );
        found.push(
            finding.help(
                "`while bytes.len() < n { bytes.extend(get_random_bytes(n - bytes.len())) }`",
            ),
        );
    }
}
