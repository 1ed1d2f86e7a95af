//! The imports and exports of a component, from its own types.
//!
//! `wit_component::decode` has one interface for each name: if a component both imports and exports an interface, the import
//! seems to have all functions of the export.

use crate::artifact::Artifact;
use anyhow::{Context, Result, bail};
use isyswasfa_translate::refuse_circles;
use std::collections::{HashMap, HashSet};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};

/// An interface that is imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// The names of its functions, which the component calls.
    pub functions: HashSet<String>,
    /// Whether it has resources.
    pub resources: bool,
}

impl Imported {
    /// Whether it has only types, which are the same from every provider.
    pub(crate) fn is_only_types(&self) -> bool {
        self.functions.is_empty() && !self.resources
    }
}

/// The interfaces that a component imports, by their names.
///
/// # Errors
/// If it is not valid.
pub(crate) fn imported(artifact: &Artifact) -> Result<HashMap<String, Imported>> {
    let types = artifact.types()?.as_ref();
    let mut interfaces = HashMap::new();
    for name in &artifact.shape().imports {
        let item = types.component_item_for_import(name);
        let item = item.with_context(|| format!("the import `{name}` has no type"))?;
        let ComponentEntityType::Instance(instance) = item.ty else {
            continue;
        };
        let mut imported = Imported::default();
        for (export, item) in &types[instance].exports {
            match item.ty {
                ComponentEntityType::Type {
                    created: ComponentAnyTypeId::Resource(_),
                    ..
                } => imported.resources = true,
                ComponentEntityType::Type { .. } => {}
                _ => {
                    imported.functions.insert(export.clone());
                }
            }
        }
        interfaces.insert(name.clone(), imported);
    }
    Ok(interfaces)
}

/// The world of a user's component.
///
/// # Errors
/// If it is not valid, or has types that WIT cannot express.
pub(crate) fn decode(artifact: &Artifact) -> Result<(Resolve, WorldId)> {
    let shape = artifact.shape();
    refuse_circles(
        artifact.types()?.as_ref(),
        shape.imports.iter().map(String::as_str),
        shape.exports.iter().map(String::as_str),
    )?;
    match wit_component::decode(artifact.wasm())? {
        DecodedWasm::Component(resolve, world) => Ok((resolve, world)),
        DecodedWasm::WitPackage(..) => bail!("it is WIT in the form of a component, with no code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(text: &str) -> Artifact {
        Artifact::new("test.wat", text.into()).unwrap()
    }

    #[test]
    fn an_import_does_not_have_the_functions_of_the_export() {
        let artifact = artifact(
            r#"(component
                (import "a:b/c" (instance (type $e (enum "x")) (export "e" (type (eq $e)))))
                (import "a:b/d" (instance (export "r" (type (sub resource))) (export "f" (func))))
                (import "a:b/e" (instance (export "r" (type (sub resource)))))
                (import "g" (func $g))
                (instance $own (export "g" (func $g)))
                (export "a:b/c" (instance $own)))"#,
        );
        let imported = imported(&artifact).unwrap();
        assert_eq!(imported.len(), 3);
        assert!(imported["a:b/c"].is_only_types());
        assert!(imported["a:b/d"].functions.contains("f"));
        assert!(!imported["a:b/e"].is_only_types());
    }

    #[test]
    fn packages_that_use_one_another_are_no_wit() {
        let wasm = |last: &str| {
            artifact(&format!(
                r#"(component
                    (import "a:a/one" (instance $one (type $e (enum "x")) (export "e" (type (eq $e)))))
                    (alias export $one "e" (type $e))
                    (import "b:b/two" (instance $two (alias outer 1 $e (type $f)) (export "f" (type (eq $f)))))
                    (alias export $two "f" (type $f))
                    (import "{last}/three" (instance (alias outer 1 $f (type $g)) (export "g" (type (eq $g))))))"#
            ))
        };
        decode(&wasm("c:c")).unwrap();
        let error = decode(&wasm("a:a")).unwrap_err().to_string();
        assert!(error.contains("`a:a`, `b:b`"), "{error}");
    }

    #[test]
    fn a_function_under_an_interfaces_name_is_no_wit() {
        let artifact = artifact(r#"(component (import "a:b/c" (func)))"#);
        let error = decode(&artifact).unwrap_err().to_string();
        assert!(error.contains("`a:b/c`"), "{error}");
    }
}
