//! Unifies the patch versions of interfaces that components of the split ABI import.
//!
//! Composers join imports of compatible versions, so that components share the types. But the versions of the split ABI are
//! pre-releases, which composers match exactly. So all importers get the highest version among them: a patch version has
//! everything that earlier ones have.

use super::part::Part;
use crate::abi::InterfaceName;
use semver::Version;
use std::collections::HashMap;
use wasm_encoder::reencode::{ReencodeComponent, RoundtripReencoder};
use wasm_encoder::{Component, ComponentExternName, ComponentImportSection, RawSection};
use wasmparser::{Parser, Payload};

/// Moves the imports of all parts to the highest version that one of them has.
pub(super) fn unite(parts: &mut [Part]) {
    let imports = parts.iter().flat_map(|part| part.imports());
    let mut highest: HashMap<String, Version> = HashMap::new();
    for (track, version) in imports.filter_map(|name| track(name)) {
        let known = highest.entry(track).or_insert_with(|| version.clone());
        if *known < version {
            *known = version;
        }
    }
    let moved = |name: &str| {
        let (track, version) = track(name)?;
        let newest = highest.get(&track).filter(|newest| **newest > version)?;
        let (path, _) = name.split_once('@')?;
        Some(format!("{path}@{newest}"))
    };
    for part in parts {
        if !part.imports().iter().any(|name| moved(name).is_some()) {
            continue;
        }
        let imports = part.imports().iter();
        let names = imports.map(|name| moved(name).unwrap_or_else(|| name.clone()));
        let names = names.collect();
        // A part that cannot be parsed was refused when it was read. If not, it stays unchanged.
        if let Ok(wasm) = rename_imports(part.wasm(), moved) {
            part.rename(wasm, names);
        }
    }
}

/// The common part of all compatible versions of a split interface, and the version.
fn track(name: &str) -> Option<(String, Version)> {
    let parsed = InterfaceName::parse(name).filter(InterfaceName::is_split)?;
    let version = parsed.version?;
    let track = match (version.major, version.minor) {
        (0, 0) => return None,
        (0, minor) => format!("0.{minor}"),
        (major, _) => major.to_string(),
    };
    let track = format!(
        "{}/{}@{track}-{}",
        parsed.package, parsed.interface, version.pre
    );
    Some((track, version))
}

/// The component with other names for its own imports.
fn rename_imports(
    wasm: &[u8],
    renamed: impl Fn(&str) -> Option<String>,
) -> Result<Vec<u8>, wasm_encoder::reencode::Error> {
    let mut component = Component::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
        // A nested component or module comes twice: as one section at depth 1, then in pieces.
        if depth != 1 {
            continue;
        }
        if let Payload::ComponentImportSection(section) = payload {
            let mut imports = ComponentImportSection::new();
            for import in section {
                let import = import?;
                let mut name = ComponentExternName::from(import.name);
                if let Some(new) = renamed(&name.name) {
                    name.name = new.into();
                }
                imports.import(name, RoundtripReencoder.component_type_ref(import.ty)?);
            }
            component.section(&imports);
        } else if let Some((id, range)) = payload.as_section() {
            let data = &wasm[range.start as usize..range.end as usize];
            component.section(&RawSection { id, data });
        }
    }
    Ok(component.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(source: &str) -> Part {
        Part::new("part.wasm", wat::parse_str(source).unwrap()).unwrap()
    }

    #[test]
    fn imports_move_to_the_highest_version() {
        let mut parts = [
            part(
                r#"(component
                    (import "wasi:http/types@0.3.1-isyswasfa" (instance $i (export "f" (func))))
                    (import "wasi:http/types@0.2.1" (instance))
                    (component (import "wasi:http/types@0.3.1-isyswasfa" (instance)))
                    (core module)
                    (alias export $i "f" (func $f))
                    (export "f" (func $f)))"#,
            ),
            part(r#"(component (import "wasi:http/types@0.3.12-isyswasfa" (instance)))"#),
            part(r#"(component (import "wasi:http/types@0.4.0-isyswasfa" (instance)))"#),
        ];
        unite(&mut parts);
        let shape = |part: &Part| Part::new("part.wasm", part.wasm().to_vec()).unwrap();
        assert_eq!(
            shape(&parts[0]).imports(),
            ["wasi:http/types@0.3.12-isyswasfa", "wasi:http/types@0.2.1"]
        );
        assert_eq!(parts[0].imports(), shape(&parts[0]).imports());
        assert_eq!(shape(&parts[0]).exports(), ["f"]);
        assert_eq!(parts[2].imports(), ["wasi:http/types@0.4.0-isyswasfa"]);
        wasmparser::Validator::new()
            .validate_all(parts[0].wasm())
            .unwrap();
        // Imports of nested components are not renamed.
        let text = String::from_utf8_lossy(parts[0].wasm());
        assert_eq!(text.matches("0.3.1-isyswasfa").count(), 1);
    }
}
