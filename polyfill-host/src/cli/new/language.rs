//! What a new project can be: its language, and the world that its component has.

use clap::ValueEnum;
use std::fmt;

/// The language of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Built with `cargo`
    Rust,
    /// Built with `componentize-py`
    Python,
    /// JavaScript, built with `componentize-qjs`
    Js,
}

/// What a project's component exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum World {
    /// `wasi:http/handler`: answers HTTP requests
    Service,
    /// `wasi:cli/run`: a program for the command line
    Command,
    /// `wasi:http/handler`, and imports another one to pass requests on to
    Middleware,
    /// An interface of your own, in `wit/world.wit`
    Custom,
}

/// As on the command line.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::Js => "js",
        })
    }
}

/// As on the command line.
impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            World::Service => "service",
            World::Command => "command",
            World::Middleware => "middleware",
            World::Custom => "custom",
        })
    }
}
