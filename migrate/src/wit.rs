//! WIT as text: a syntax tree that knows where each part stands, since `wit-parser`'s does not outlive its parser.

mod lex;
pub mod moved;
mod package;
mod parse;
mod tree;
pub mod wasi;

pub use lex::keep_comments;
pub use package::{Origin, Package, WasiItem};
pub use parse::{SyntaxError, parse};
pub use tree::*;
