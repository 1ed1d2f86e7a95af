//! `wasi:cli`.

mod environment;
mod stdio;
mod terminal;
