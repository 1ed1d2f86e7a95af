//! Tells what a component is: which ABI it speaks, what it imports and exports, what it is made of, and who can run it.

mod features;
mod hosts;
mod interfaces;
mod pipe;
mod signature;
mod structure;
mod text;
mod wasi;

pub use hosts::{Host, Hosts};
pub use interfaces::{Function, Item};
pub use structure::{Nested, Section};
pub use wasi::WasiVersion;

use crate::abi::{Abi, Shape};
use crate::bad_input::BadInput;
use crate::bridges::Bridges;
use isyswasfa_wit::names::original_name;
use serde::Serialize;
use std::path::Path;

/// What a component is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The component, as the user calls it.
    pub component: String,
    /// Which ABI it speaks with others; for programs `isyswasfa`, `native` or `0.2`.
    pub abi: Abi,
    /// What it needs. Interfaces and functions of the split ABI are shown as what they stand for.
    pub imports: Vec<Item>,
    /// What it provides, shown likewise.
    pub exports: Vec<Item>,
    /// The versions of WASI among these.
    pub wasi: Vec<WasiVersion>,
    /// Proposals for WebAssembly, beyond its first version and the component model's, without which it is not valid.
    pub wasm_features: Vec<&'static str>,
    /// Who can run it.
    pub hosts: Hosts,
    /// Bytes of all of it.
    pub size: usize,
    /// Its own sections, by kind, those with most bytes first.
    pub sections: Vec<Section>,
    /// The components and modules inside of it, in their order.
    pub nested: Vec<Nested>,
    /// The programs that made it, as they say themselves: `processed-by`, `rustc 1.95`; those of all that is nested, too.
    pub producers: Vec<(String, String)>,
}

impl Report {
    /// What the component in `wasm`, a binary, is; `name` is what the user calls it: its file.
    ///
    /// # Errors
    /// If it is no component, or one that is not valid.
    pub fn new(name: &str, wasm: &[u8]) -> Result<Self, BadInput> {
        let shape = Shape::read(Path::new(name), wasm)?;
        let invalid = |error: &dyn std::fmt::Display| {
            BadInput::new(format!("`{name}` is not a valid component: {error}"))
                .help("it may be damaged, or need a feature of WebAssembly that is newer than this program")
        };
        let wasm_features = features::needed(wasm).map_err(|error| invalid(&error))?;
        let abi = shape.abi(wasm);
        let bridges = Bridges::read(Path::new(name), wasm)?.unwrap_or_default();
        let (mut imports, exports) =
            interfaces::of(wasm, &shape).map_err(|error| invalid(&format!("{error:#}")))?;
        bridged(&mut imports, &bridges);
        let structure = structure::Structure::read(wasm).map_err(|error| invalid(&error))?;
        Ok(Self {
            component: name.to_owned(),
            abi,
            wasi: wasi::versions(&shape),
            hosts: Hosts::of(abi, &imports),
            imports,
            exports,
            wasm_features,
            size: wasm.len(),
            sections: structure.sections,
            nested: structure.nested,
            producers: structure.producers,
        })
    }

    /// The component in a file, in either format.
    ///
    /// # Errors
    /// If there is no such file, or it is no component.
    pub fn from_file(path: &Path) -> Result<Self, BadInput> {
        let wasm = crate::artifact::read(path)?;
        Self::new(&path.display().to_string(), &wasm)
    }
}

/// Imports at bridges go by the names that they had before.
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
