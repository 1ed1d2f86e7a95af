//! A component, read once: its bytes, name, shape and ABI, and the islands behind its bridges.

mod error;

pub use error::Error;

use crate::abi::{Abi, Shape};
use crate::bridges::Bridges;
use crate::cause::Cause;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use wasmparser::types::Types;
use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

/// A component, parsed once.
///
/// ```
/// use isyswasfa_tools::Artifact;
/// use isyswasfa_tools::abi::Abi;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = r#"(component (import "wasi:cli/exit@0.2.0" (instance)))"#;
/// let artifact = Artifact::new("exit.wat", text.into())?;
/// assert_eq!(artifact.shape().imports, ["wasi:cli/exit@0.2.0"]);
/// assert_eq!(artifact.abi(), Abi::Plain);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Artifact {
    name: String,
    wasm: Vec<u8>,
    shape: Shape,
    bridges: Option<Bridges>,
    // Computed when needed, since these take longer.
    abi: OnceLock<Abi>,
    types: OnceLock<Validated>,
}

/// The result of validation.
#[derive(Clone)]
struct Validated(Arc<Result<Types, BinaryReaderError>>);

impl fmt::Debug for Validated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_ok() { "valid" } else { "invalid" })
    }
}

impl Artifact {
    /// The component in `wasm`, in either format. `name` is the user's name for it: its file.
    ///
    /// # Errors
    /// If it is no component.
    pub fn new(name: impl Into<String>, wasm: Vec<u8>) -> Result<Self, Error> {
        let name = name.into();
        let path = Path::new(&name);
        let wasm = binary(path, wasm)?;
        let shape = Shape::read(path, &wasm)?;
        let bridges = Bridges::read(path, &wasm)?;
        Ok(Self {
            name,
            wasm,
            shape,
            bridges,
            abi: OnceLock::new(),
            types: OnceLock::new(),
        })
    }

    /// The component in a file, in either format.
    ///
    /// # Errors
    /// If there is no such file, or it is no component.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        match std::fs::read(path) {
            Ok(wasm) => Self::new(file, wasm),
            Err(reason) => Err(match reason.kind() {
                io::ErrorKind::NotFound => Error::NotFound { file },
                io::ErrorKind::IsADirectory => Error::Directory { file },
                _ => Error::Io { file, reason },
            }),
        }
    }

    /// The name in messages: its file.
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

    /// The binary, without the rest.
    pub fn into_wasm(self) -> Vec<u8> {
        self.wasm
    }

    /// The names of its imports and exports.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The ABI in which it calls others: see [`Shape::abi`].
    pub fn abi(&self) -> Abi {
        *self.abi.get_or_init(|| self.shape.abi(&self.wasm))
    }

    /// Whether it is a composition with bridges.
    pub fn has_bridges(&self) -> bool {
        self.bridges.is_some()
    }

    /// The islands behind its bridges; mostly none.
    pub fn bridges(&self) -> &Bridges {
        static NONE: Bridges = Bridges {
            islands: Vec::new(),
            bridges: Vec::new(),
        };
        self.bridges.as_ref().unwrap_or(&NONE)
    }

    /// All of its types, validated with all known features of WebAssembly.
    ///
    /// # Errors
    /// If it is not valid.
    pub(crate) fn types(&self) -> Result<&Types, BinaryReaderError> {
        let types = self.types.get_or_init(|| {
            let mut validator = Validator::new_with_features(WasmFeatures::all());
            Validated(Arc::new(validator.validate_all(&self.wasm)))
        });
        types.0.as_ref().as_ref().map_err(Clone::clone)
    }

    /// Replaces the bytes by others, which differ only in the names of imports.
    #[cfg(feature = "compose")]
    pub(crate) fn rename_imports(&mut self, wasm: Vec<u8>, imports: Vec<String>) {
        self.wasm = wasm;
        self.shape.imports = imports;
        self.types = OnceLock::new();
    }
}

/// The binary of the contents of the file `path`, in either format.
fn binary(path: &Path, wasm: Vec<u8>) -> Result<Vec<u8>, Error> {
    if !is_text(&wasm) {
        return Ok(wasm);
    }
    let binary = wat::parse_bytes(&wasm).map(Cow::into_owned);
    binary.map_err(|error| Error::Text {
        file: path.display().to_string(),
        reason: Cause::new(error),
    })
}

/// Whether this is the text format.
fn is_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(component") || text.starts_with(b"(module") || text.starts_with(b";;")
}
