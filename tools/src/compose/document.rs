//! Compositions that are written down: `.wac` files.

use super::part::Part;
use super::{one_abi, patch_versions, supply};
use crate::bad_input::BadInput;
use miette::Diagnostic;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use wac_graph::EncodeOptions;
use wac_parser::Document;
use wac_resolver::FileSystemPackageResolver;

/// The composition that the `.wac` file `path` describes. A package `ns:name` that it mentions is the component in the file
/// that `packages` says, else in `deps/ns/name.wasm` beside the `.wac` file.
///
/// # Errors
/// If the file or a component is not there or cannot be read, or the composition is refused: says where in the file.
pub fn compose_document(
    path: &Path,
    packages: HashMap<String, PathBuf>,
) -> Result<Vec<u8>, BadInput> {
    let source = std::fs::read_to_string(path).map_err(|error| {
        BadInput::new(format!("failed to read `{}`: {error}", path.display()))
            .help("give the path of a `.wac` file")
    })?;
    let refused = |error: &dyn Diagnostic| refused(path, &source, error);

    let document = Document::parse(&source).map_err(|error| refused(&error))?;
    let mentioned = wac_resolver::packages(&document).map_err(|error| refused(&error))?;
    if let Some(unused) = packages
        .keys()
        .find(|name| mentioned.keys().all(|key| key.name != **name))
    {
        return Err(BadInput::new(format!(
            "`{}` mentions no package `{unused}`",
            path.display()
        ))
        .help("leave its `--dep` out, or correct the name"));
    }
    let folder = path.parent().unwrap_or(Path::new("")).join("deps");
    let mut found = FileSystemPackageResolver::new(folder, packages, true)
        .resolve(&mentioned)
        .map_err(|error| refused(&error))?;

    for (key, wasm) in &mut found {
        *wasm = crate::artifact::binary(Path::new(&key.to_string()), std::mem::take(wasm))?;
    }
    let mut parts = found
        .iter()
        .map(|(key, wasm)| Part::new(key.to_string(), wasm.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    one_abi(&parts)?;
    patch_versions::unite(&mut parts);
    supply::supply(&mut parts, |_| true)?;
    for (wasm, part) in found.values_mut().zip(parts) {
        *wasm = part.wasm;
    }

    let resolution = document.resolve(found).map_err(|error| refused(&error))?;
    resolution
        .encode(EncodeOptions::default())
        .map_err(|error| refused(&error))
}

/// Where in the source, what, and why.
fn refused(path: &Path, source: &str, error: &dyn Diagnostic) -> BadInput {
    let mut place = path.display().to_string();
    let label = error.labels().and_then(|mut labels| labels.next());
    if let Some(label) = label {
        let before = source.get(..label.offset()).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        place = format!("{place}:{line}:{column}");
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    BadInput::new(format!("`{place}`: {text}"))
        .help("the language: https://github.com/bytecodealliance/wac/blob/main/LANGUAGE.md")
}
