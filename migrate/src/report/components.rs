//! What components import and export, in the report for people.

use serde::Serialize;
use std::io::{self, Write};

/// The findings in one component.
#[derive(Serialize)]
pub struct ComponentReport {
    pub path: String,
    pub uses: Vec<ComponentUse>,
}

/// An interface of WASI 0.2 that a component imports or exports, or one that the host doesn't link.
#[derive(Serialize)]
pub struct ComponentUse {
    /// `import` or `export`
    pub direction: &'static str,
    pub interface: String,
    pub version: Option<String>,
    /// The interface in 0.3.
    pub becomes: Option<String>,
    /// The standard library imports it for any program.
    pub from_std: bool,
    /// Whether the host links it, if one was asked for.
    pub linked: Option<bool>,
    /// All of that in words.
    pub message: String,
}

pub fn print(components: &[ComponentReport], out: &mut dyn Write) -> io::Result<()> {
    for component in components {
        writeln!(out, "{}", component.path)?;
        for used in &component.uses {
            writeln!(out, "  {}", used.message)?;
        }
    }
    Ok(())
}
