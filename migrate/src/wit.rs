//! The model of a WIT file: a syntax tree with the place of each part. That of `wit-parser` does not outlive its parser.

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
