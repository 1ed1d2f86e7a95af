//! Compositions in `.wac` files.

use super::part::Part;
use super::{Composition, Error, patch_versions, supply, translated};
use crate::{Advice, Artifact};
use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use wac_graph::EncodeOptions;
use wac_parser::Document;
use wac_resolver::FileSystemPackageResolver;

/// The composition that the `.wac` file `path` describes. A package `ns:name` that it mentions is the component in the file
/// that `packages` says, else in `deps/ns/name.wasm` beside the `.wac` file. If some are split, native ones are translated.
///
/// # Errors
/// If the file or a component is not there or cannot be read, or the composition is refused: says where in the file.
pub fn compose_document(
    path: &Path,
    packages: HashMap<String, PathBuf>,
) -> Result<Composition, Error> {
    let file = path.display().to_string();
    let source = match std::fs::read_to_string(path) {
        Ok(source) => source,
        Err(reason) => return Err(Error::NoDocument { file, reason }),
    };
    let refused = |error: &dyn Diagnostic| DocumentError::of(&file, &source, error);

    let document = Document::parse(&source).map_err(|error| refused(&error))?;
    let mentioned = wac_resolver::packages(&document).map_err(|error| refused(&error))?;
    let is_mentioned = |name: &String| mentioned.keys().any(|key| key.name == *name);
    if let Some(unused) = packages.keys().find(|name| !is_mentioned(name)) {
        return Err(Error::NoSuchPackage {
            package: unused.clone(),
            file,
        });
    }
    let folder = path.parent().unwrap_or(Path::new("")).join("deps");
    let mut found = FileSystemPackageResolver::new(folder, packages, true)
        .resolve(&mentioned)
        .map_err(|error| refused(&error))?;

    let parts = found.iter().map(|(key, wasm)| {
        let artifact = Artifact::new(key.to_string(), wasm.clone())?;
        Part::try_from(artifact)
    });
    let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
    let translated = translated::translate_native(&mut parts)?;
    patch_versions::unite(&mut parts);
    supply::supply(&mut parts, |_| true)?;
    for (wasm, part) in found.values_mut().zip(parts) {
        *wasm = part.into_wasm();
    }

    let resolution = document.resolve(found).map_err(|error| refused(&error))?;
    let wasm = resolution
        .encode(EncodeOptions::default())
        .map_err(|error| refused(&error))?;
    Ok(Composition {
        wasm,
        translated,
        bridged: Vec::new(),
    })
}

/// An error in a `.wac` file: its position, and the reason.
///
/// As a [`Diagnostic`] it shows the place in the file.
#[derive(Debug)]
pub struct DocumentError {
    file: String,
    source: String,
    what: String,
    labels: Vec<LabeledSpan>,
}

impl DocumentError {
    fn of(file: &str, source: &str, error: &dyn Diagnostic) -> Error {
        let mut what = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            what = format!("{what}: {error}");
            cause = error.source();
        }
        let labels = error.labels().map(Iterator::collect);
        Error::Document(Box::new(DocumentError {
            file: file.to_owned(),
            source: source.to_owned(),
            what,
            labels: labels.unwrap_or_default(),
        }))
    }

    /// The position of the error in the file.
    pub fn span(&self) -> Option<SourceSpan> {
        self.labels.first().map(|label| *label.inner())
    }

    /// Line and column of the position, both from 1.
    pub fn position(&self) -> Option<(usize, usize)> {
        // A position without length: it may be the end of the file, where there is no character.
        let start = SourceSpan::from((self.span()?.offset().min(self.source.len()), 0));
        let found = self.source.read_span(&start, 0, 0).ok()?;
        Some((found.line() + 1, found.column() + 1))
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.file)?;
        if let Some((line, column)) = self.position() {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, "`: {}", self.what)
    }
}

impl std::error::Error for DocumentError {}

impl Advice for DocumentError {
    fn help(&self) -> Option<Cow<'_, str>> {
        Some("the language: https://github.com/bytecodealliance/wac/blob/main/LANGUAGE.md".into())
    }
}

impl Diagnostic for DocumentError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(Advice::help(self)?))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_its_place_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.wac");
        std::fs::write(&path, "package a:b;\n\nlet x = ;\n").unwrap();
        let error = compose_document(&path, HashMap::new()).unwrap_err();
        let Error::Document(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.position(), Some((3, 9)));
        assert!(error.to_string().contains("app.wac:3:9`: "), "{error}");
        assert!(Diagnostic::source_code(&*error).is_some());
    }
}
