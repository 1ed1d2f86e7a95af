//! The composed components, on both ABIs: what the benchmarks call.

mod composition;
mod native;
mod ours;
mod state;

pub use composition::{caller_among, caller_and_callee};
pub use native::Native;
pub use ours::Ours;

use anyhow::{Context, Result};
use std::path::PathBuf;

/// The functions of `bench:calls/measure` that repeat a call `n` times.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Sync,
    Ready,
    Pending,
}

impl Call {
    /// The benchmark's row, and the WIT function.
    pub fn name(self) -> &'static str {
        match self {
            Call::Sync => "call-sync",
            Call::Ready => "call-ready",
            Call::Pending => "call-pending",
        }
    }
}

/// The interface that measures.
pub const MEASURE: &str = "bench:calls/measure";
/// The interface that measures among idle components.
pub const AMONG: &str = "bench:calls/among";

/// A guest as `cargo xtask bench` built it.
pub fn guest(backend: &str, name: &str) -> Result<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../target/guests")
        .join(backend)
        .join(format!("{name}.wasm"));
    std::fs::read(&path).with_context(|| {
        format!(
            "failed to read `{}`\nhelp: `cargo xtask bench` builds it",
            path.display()
        )
    })
}
