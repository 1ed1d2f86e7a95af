//! A component that is to become part of a composition.

use crate::abi::{Abi, Shape};
use crate::bad_input::BadInput;
use crate::bridges::Bridges;
use std::path::Path;

/// A component, and what it is called in messages.
#[derive(Debug, Clone)]
pub struct Part {
    pub(super) name: String,
    pub(super) wasm: Vec<u8>,
    shape: Shape,
    abi: Abi,
}

/// A component that serves the imports of others.
#[derive(Debug, Clone)]
pub struct Plug {
    /// The component.
    pub part: Part,
    /// The imports that it serves: their full names, or without the version, or only the interface's own name. None: those
    /// that its exports fit.
    pub imports: Vec<String>,
}

impl Part {
    /// The component in `wasm`, a binary; `name` is what the user calls it: its file.
    ///
    /// # Errors
    /// If it is no component.
    pub fn new(name: impl Into<String>, wasm: Vec<u8>) -> Result<Self, BadInput> {
        let name = name.into();
        let shape = Shape::read(Path::new(&name), &wasm)?;
        if Bridges::read(Path::new(&name), &wasm)?.is_some() {
            return Err(BadInput::new(format!(
                "`{name}` is a composition with bridges between sync and async, which cannot become part of another"
            ))
            .help("compose all of its components with the others at once"));
        }
        let abi = shape.abi(&wasm);
        Ok(Self {
            name,
            wasm,
            shape,
            abi,
        })
    }

    /// The component in a file, in either format.
    ///
    /// # Errors
    /// If there is no such file, or it is no component.
    pub fn from_file(path: &Path) -> Result<Self, BadInput> {
        let wasm = crate::artifact::read(path)?;
        Self::new(path.display().to_string(), wasm)
    }

    /// Which ABI its interfaces have.
    pub fn abi(&self) -> Abi {
        self.abi
    }

    pub(super) fn imports(&self) -> &[String] {
        &self.shape.imports
    }

    pub(super) fn exports(&self) -> &[String] {
        &self.shape.exports
    }

    /// Other bytes, which have the same shape but for the names of imports.
    pub(super) fn renamed(&mut self, wasm: Vec<u8>, imports: Vec<String>) {
        self.wasm = wasm;
        self.shape.imports = imports;
    }

    /// A name for it in kebab case.
    pub(super) fn label(&self) -> String {
        let stem = Path::new(&self.name).file_stem().unwrap_or_default();
        let stem = stem.to_string_lossy().to_ascii_lowercase();
        let words: Vec<_> = stem
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| word.starts_with(|letter: char| letter.is_ascii_alphabetic()))
            .collect();
        match words.is_empty() {
            true => "component".to_owned(),
            false => words.join("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kebab_case() {
        let label = |name: &str| {
            let wasm = wat::parse_str("(component)").unwrap();
            Part::new(name, wasm).unwrap().label()
        };
        assert_eq!(label("out/hash_All.wasm"), "hash-all");
        assert_eq!(label("hello-0.2.wasm"), "hello");
        assert_eq!(label("7.wasm"), "component");
    }
}
