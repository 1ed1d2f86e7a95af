//! A component as part of a composition.

use super::Error;
use crate::Artifact;
use crate::abi::Abi;
use std::path::Path;

/// A component that can become part of a composition: one without bridges.
#[derive(Debug, Clone)]
pub struct Part(Artifact);

/// A component that serves the imports of others.
#[derive(Debug, Clone)]
pub struct Plug {
    /// The component.
    pub part: Part,
    /// The names of imports that it serves: full names, names without the version, or only the interface's own name. Empty: all
    /// imports that its exports fit.
    pub imports: Vec<String>,
}

impl TryFrom<Artifact> for Part {
    type Error = Error;

    /// # Errors
    /// If it is a composition with bridges.
    fn try_from(artifact: Artifact) -> Result<Self, Error> {
        if artifact.has_bridges() {
            return Err(Error::AlreadyBridged {
                name: artifact.name().to_owned(),
            });
        }
        Ok(Self(artifact))
    }
}

impl Part {
    /// The component in `wasm`. `name` is the user's name for it: its file.
    ///
    /// # Errors
    /// If it is no component, or a composition with bridges.
    pub fn new(name: impl Into<String>, wasm: Vec<u8>) -> Result<Self, Error> {
        Artifact::new(name, wasm)?.try_into()
    }

    /// The component in a file, in either format.
    ///
    /// # Errors
    /// If there is no such file, or it is no component, or a composition with bridges.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        Artifact::open(path)?.try_into()
    }

    /// Its name in messages.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The ABI of its interfaces.
    pub fn abi(&self) -> Abi {
        self.0.abi()
    }

    pub(super) fn artifact(&self) -> &Artifact {
        &self.0
    }

    pub(super) fn wasm(&self) -> &[u8] {
        self.0.wasm()
    }

    pub(super) fn into_wasm(self) -> Vec<u8> {
        self.0.into_wasm()
    }

    pub(super) fn imports(&self) -> &[String] {
        &self.0.shape().imports
    }

    pub(super) fn exports(&self) -> &[String] {
        &self.0.shape().exports
    }

    /// Replaces the bytes by others, which differ only in the names of imports.
    pub(super) fn rename(&mut self, wasm: Vec<u8>, imports: Vec<String>) {
        self.0.rename_imports(wasm, imports);
    }

    /// A name for it in kebab case.
    pub(super) fn label(&self) -> String {
        let stem = Path::new(self.name()).file_stem().unwrap_or_default();
        let stem = stem.to_string_lossy().to_ascii_lowercase();
        let words: Vec<_> = stem
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| word.starts_with(|letter: char| letter.is_ascii_alphabetic()))
            .collect();
        if words.is_empty() {
            "component".to_owned()
        } else {
            words.join("-")
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
