//! `wasi:cli`.

mod environment;
mod stdin;
mod stdio;
mod terminal;
