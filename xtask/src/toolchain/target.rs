//! The targets that guests are compiled for.

use std::fmt;

/// A target of the Rust compiler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// All of `std`, on WASI 0.2
    #[default]
    #[value(name = "wasm32-wasip2")]
    Wasip2,
    /// The smallest components; `std` has no clock, files, environment or arguments, and `println!` prints nothing
    #[value(name = "wasm32-unknown-unknown")]
    Unknown,
}

impl Target {
    pub fn name(self) -> &'static str {
        match self {
            Target::Wasip2 => "wasm32-wasip2",
            Target::Unknown => "wasm32-unknown-unknown",
        }
    }

    /// Further flags for the compiler.
    pub fn flags(self) -> Vec<String> {
        match self {
            // Otherwise the linker makes a component itself, with the compiler's `wit-component`. That of Rust 1.95 is too old
            // for WASI 0.3.
            Target::Wasip2 => vec!["-Clink-arg=--skip-wit-component".into()],
            Target::Unknown => vec![],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
