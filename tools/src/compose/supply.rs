//! Supplies missing pipes and names to a component that was built with less WIT, or more, than its importers.
//!
//! The pipe of a resource is part of the interface that defines the resource, and the provider of the interface implements it.
//! If only another package has a stream of the resource, a provider may have been built without that package, and lacks the
//! pipe. Such a provider is wrapped:
//!
//! (1) `lacking` finds the pipes that are imported from an interface, and those of them that its provider does not export.
//! (2) `pipes` makes a component that implements those: its items are handles of the provider's resources.
//! (3) `merge` makes one that exports the items of the provider's interface and of the pipes: an instance of it is the whole
//!     interface.
//! (4) The three are plugged together, into one component with the provider's exports and imports.
//!
//! An importer may also have been built with less WIT. To it, an interface without async functions has not moved. Then the
//! provider is wrapped the same way, without pipes, and exports the interface under both names.

mod lacking;
mod merge;
mod pipes;

use super::Error;
use super::part::Part;
use crate::abi::{InterfaceName, Shape};
use crate::adapter;
use crate::cause::Cause;
use anyhow::Result;
use isyswasfa_wit::names::NAMESPACE;
use lacking::Lacking;
use pipes::PIPES;
use std::collections::BTreeSet;
use wac_graph::{CompositionGraph, EncodeOptions};

/// Wraps those of `parts` that lack pipes which others of them import. `provides` tells whether a part, by its number, can serve
/// another at all.
///
/// # Errors
/// If a pipe cannot be supplied: the error says which, and why.
pub(super) fn supply(parts: &mut [Part], provides: impl Fn(usize) -> bool) -> Result<(), Error> {
    let wanted = lacking::wanted(parts);
    let plain = parts.iter().flat_map(|part| part.imports());
    let is_plain = |name: &&String| {
        InterfaceName::parse(name).is_some_and(|name| !name.is_split() && !is_everywhere(&name))
    };
    let plain: BTreeSet<String> = plain.filter(is_plain).cloned().collect();
    for number in (0..parts.len()).filter(|number| provides(*number)) {
        let of_pipes = wanted.iter().map(|(import, wanted)| (import, Some(wanted)));
        for (import, wanted) in of_pipes.chain(plain.iter().map(|import| (import, None))) {
            let part = &parts[number];
            let lacking = match wanted {
                Some(wanted) => lacking::lacking(part, import, wanted),
                None => lacking::unmoved(part, import),
            };
            let Some(lacking) = lacking else {
                continue;
            };
            let wrapped =
                wrapped(part, &lacking).map_err(|error| refused(part, &lacking, error))?;
            parts[number] = Part::new(part.name(), wrapped)?;
        }
    }
    Ok(())
}

/// Whether it is an interface that hosts have.
fn is_everywhere(name: &InterfaceName<'_>) -> bool {
    name.package.starts_with("wasi:") || name.package.starts_with(NAMESPACE)
}

/// The component of `part`, wrapped with what it lacks.
fn wrapped(part: &Part, lacking: &Lacking) -> Result<Vec<u8>> {
    let made = if lacking.pipes.is_empty() {
        pipes::plain(part, lacking)?
    } else {
        pipes::make(part, lacking)?
    };
    let mut graph = CompositionGraph::new();
    let (provider, exports) = adapter::add(&mut graph, "provider", part.wasm())?;
    let mut supplied = Vec::new();
    let pipes = made.pipes.as_ref().map(|component| {
        let (node, _) = adapter::add(&mut graph, "pipes", component)?;
        supplied.push((node, component));
        anyhow::Ok(node)
    });
    let pipes = pipes.transpose()?;
    let (merged, _) = adapter::add(&mut graph, "merged", &made.merged)?;
    supplied.push((merged, &made.merged));
    for (node, component) in supplied {
        let shape = Shape::read("supplied".as_ref(), component)?;
        for import in shape.imports {
            let from = match import.as_str() {
                PIPES => pipes,
                name => exports
                    .iter()
                    .any(|export| export == name)
                    .then_some(provider),
            };
            // It is of the host, or of another component.
            let Some(from) = from else { continue };
            let item = graph.alias_instance_export(from, &import)?;
            graph.set_instantiation_argument(node, &import, item)?;
        }
    }
    // These are the items of the interface.
    graph.export(merged, &lacking.name)?;
    for export in exports.iter().filter(|export| **export != lacking.name) {
        let item = graph.alias_instance_export(provider, export)?;
        graph.export(item, export)?;
    }
    Ok(graph.encode(EncodeOptions::default())?)
}

fn refused(part: &Part, lacking: &Lacking, error: anyhow::Error) -> Error {
    let (name, export) = (part.name().to_owned(), lacking.export.clone());
    let reason = Cause::from(error);
    if lacking.pipes.is_empty() {
        let import = lacking.name.clone();
        return Error::NotRenamed {
            name,
            export,
            import,
            reason,
        };
    }
    Error::PipesNotAdded {
        name,
        export,
        pipes: lacking.pipes.keys().cloned().collect(),
        reason,
    }
}
