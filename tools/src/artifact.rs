//! A component as it was read: its bytes, what it is called, its shape and ABI, and what is behind its bridges.

use crate::abi::{Abi, Shape};
use crate::bad_input::BadInput;
use crate::bridges::Bridges;
use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// A component, parsed once.
#[derive(Debug, Clone)]
pub struct Artifact {
    name: String,
    wasm: Vec<u8>,
    shape: Shape,
    abi: OnceLock<Abi>,
    bridges: Bridges,
}

impl Artifact {
    /// The component in `wasm`, in either format; `name` is what the user calls it: its file.
    ///
    /// # Errors
    /// If it is no component.
    pub fn new(name: impl Into<String>, wasm: Vec<u8>) -> Result<Self, BadInput> {
        let name = name.into();
        let path = Path::new(&name);
        let wasm = binary(path, wasm)?;
        let shape = Shape::read(path, &wasm)?;
        let bridges = Bridges::read(path, &wasm)?.unwrap_or_default();
        Ok(Self {
            name,
            wasm,
            shape,
            abi: OnceLock::new(),
            bridges,
        })
    }

    /// The component in a file, in either format.
    ///
    /// # Errors
    /// If there is no such file, or it is no component.
    pub fn open(path: &Path) -> Result<Self, BadInput> {
        Self::new(path.display().to_string(), read(path)?)
    }

    /// What messages call it: its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same as a path.
    pub fn path(&self) -> &Path {
        Path::new(&self.name)
    }

    /// The binary.
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// What it imports and exports.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The ABI that it speaks with others, as [`Shape::abi`] has it.
    pub fn abi(&self) -> Abi {
        *self.abi.get_or_init(|| self.shape.abi(&self.wasm))
    }

    /// What is behind its bridges: nothing, mostly.
    pub fn bridges(&self) -> &Bridges {
        &self.bridges
    }
}

/// What is in the file `path`, as a binary.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BadInput> {
    let file = path.display();
    let wasm = std::fs::read(path).map_err(|error| {
        let error = match error.kind() {
            io::ErrorKind::NotFound => BadInput::new(format!("there is no file `{file}`")),
            io::ErrorKind::IsADirectory => {
                BadInput::new(format!("`{file}` is a directory; a component was expected"))
            }
            _ => BadInput::new(format!("failed to read `{file}`: {error}")),
        };
        error.help("give the path of a component")
    })?;
    binary(path, wasm)
}

/// The binary of what is in the file `path`, in either format.
///
/// # Errors
/// If it is text that cannot be parsed.
pub(crate) fn binary(path: &Path, wasm: Vec<u8>) -> Result<Vec<u8>, BadInput> {
    if !is_text(&wasm) {
        return Ok(wasm);
    }
    let binary = wat::parse_bytes(&wasm).map(Cow::into_owned);
    binary.map_err(|error| {
        BadInput::new(format!(
            "`{}` looks like WebAssembly text, but is not: {error}",
            path.display()
        ))
        .help("check it with `wasm-tools parse`, or give the binary")
    })
}

/// Whether this is the text format.
fn is_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(component") || text.starts_with(b"(module") || text.starts_with(b";;")
}
