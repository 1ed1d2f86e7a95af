//! Inspects a component: its ABI, imports, exports and contents, and the hosts that can run it.

mod error;
mod features;
mod hosts;
mod interfaces;
mod pipe;
mod signature;
mod structure;
mod text;
mod translation;
mod wasi;

pub use error::Error;
pub use hosts::{Host, Hosts};
pub use interfaces::{Function, Item};
pub use structure::{Nested, Section};
pub use translation::Translation;
pub use wasi::WasiVersion;

use crate::abi::Abi;
use crate::artifact::Artifact;
use crate::bridges::Bridges;
use crate::cause::Cause;
use isyswasfa_wit::names::original_name;
use serde::Serialize;

/// A report on a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The component's file.
    pub component: String,
    /// The ABI in which it calls others; in JSON `isyswasfa`, `native` or `0.2`.
    pub abi: Abi,
    /// Its imports. Interfaces and functions of the split ABI are shown in their form before the split.
    pub imports: Vec<Item>,
    /// Its exports, in the same form.
    pub exports: Vec<Item>,
    /// The versions of WASI among these.
    pub wasi: Vec<WasiVersion>,
    /// WebAssembly proposals without which it is invalid, beyond the first versions of WebAssembly and of the component model.
    pub wasm_features: Vec<&'static str>,
    /// Of a native component: whether it can be translated to the split ABI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<Translation>,
    /// Who can run it.
    pub hosts: Hosts,
    /// Its size in bytes.
    pub size: usize,
    /// Its own sections, by kind, those with most bytes first.
    pub sections: Vec<Section>,
    /// The components and modules inside of it, in their order.
    pub nested: Vec<Nested>,
    /// The programs that made it and its nested components, by their own words: `processed-by`, `rustc 1.95`.
    pub producers: Vec<(String, String)>,
}

impl Report {
    /// A report on a component.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn new(artifact: &Artifact) -> Result<Self, Error> {
        let (wasm, shape) = (artifact.wasm(), artifact.shape());
        let invalid = |reason: Cause| Error::Invalid {
            name: artifact.name().to_owned(),
            reason,
        };
        let wasm_features = features::needed(wasm).map_err(|error| invalid(Cause::new(error)))?;
        let abi = artifact.abi();
        let (mut imports, exports) =
            interfaces::of(artifact).map_err(|error| invalid(error.into()))?;
        bridged(&mut imports, artifact.bridges());
        let structure =
            structure::Structure::read(wasm).map_err(|error| invalid(Cause::new(error)))?;
        let translation = Translation::of(artifact);
        Ok(Self {
            component: artifact.name().to_owned(),
            abi,
            wasi: wasi::versions(shape),
            hosts: Hosts::of(abi, &imports, translation.as_ref()),
            translation,
            imports,
            exports,
            wasm_features,
            size: wasm.len(),
            sections: structure.sections,
            nested: structure.nested,
            producers: structure.producers,
        })
    }
}

/// Gives bridged imports the names that they had before.
fn bridged(imports: &mut [Item], bridges: &Bridges) {
    for bridge in bridges.from(0) {
        if let Some(import) = imports.iter_mut().find(|it| it.name == bridge.import) {
            let original = original_name(&bridge.original);
            import.stands_for = Some(original.unwrap_or_else(|| bridge.original.clone()));
            for function in &mut import.functions {
                if function.name == bridge.import {
                    function.name = bridge.original.clone();
                }
            }
            import.bridged_to = Some(bridges.islands[bridge.provider - 1].name.clone());
        }
    }
}
