//! The targets that guests are compiled for.

use std::fmt;

/// What `std` cannot do without WASI.
pub const WITHOUT_WASI: &str =
    "`std` has no clock, files, environment or arguments, and `println!` prints nothing";

/// A target of Rust's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// All of `std`, on WASI 0.2
    #[value(name = "wasm32-wasip2")]
    Wasip2,
    /// `std` without clock, files, environment, arguments, and with a `println!` that prints nothing; the smallest components
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

    /// What the compiler is told beside the name.
    pub fn flags(self) -> Vec<String> {
        match self {
            // The linker would make a component itself, with the `wit-component` that came with the compiler: one too old for
            // WASI 0.3 in Rust 1.95.
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
