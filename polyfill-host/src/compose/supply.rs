//! Supplies the pipes that a component's resources lack.
//!
//! The pipe of a resource is part of the interface that defines the resource, and whoever provides that implements the pipe. A
//! provider that was built without knowing of a stream of its resources, since only another package has one, lacks it. Here such a
//! provider is wrapped:
//!
//! (1) `lacking` finds which pipes are imported of an interface, and which of them its provider does not export.
//! (2) `pipes` makes a component that implements those: its items are handles of the provider's resources.
//! (3) `merge` makes one that exports what the provider's interface and the pipes have: an instance of it is the whole interface.
//! (4) The three are plugged together, to one component that exports what the provider does, and imports it too.

mod lacking;
mod merge;
mod pipes;

use super::part::Part;
use crate::abi::Shape;
use crate::adapter;
use crate::bad_input::BadInput;
use anyhow::Result;
use lacking::Lacking;
use pipes::PIPES;
use wac_graph::{CompositionGraph, EncodeOptions};

/// Wraps those of `parts` that lack pipes which others of them import. `provides` tells whether a part, by its number, can serve
/// another at all.
///
/// # Errors
/// If a pipe cannot be supplied: says which, and why.
pub(super) fn supply(parts: &mut [Part], provides: impl Fn(usize) -> bool) -> Result<(), BadInput> {
    let wanted = lacking::wanted(parts);
    if wanted.is_empty() {
        return Ok(());
    }
    for number in (0..parts.len()).filter(|number| provides(*number)) {
        for (import, wanted) in &wanted {
            let part = &parts[number];
            let Some(lacking) = lacking::lacking(part, import, wanted) else {
                continue;
            };
            let wrapped =
                wrapped(part, &lacking).map_err(|error| refused(part, &lacking, &error))?;
            parts[number] = Part::new(part.name.clone(), wrapped)?;
        }
    }
    Ok(())
}

/// The component of `part` with what it lacks.
fn wrapped(part: &Part, lacking: &Lacking) -> Result<Vec<u8>> {
    let made = pipes::make(part, lacking)?;
    let mut graph = CompositionGraph::new();
    let (provider, exports) = adapter::add(&mut graph, "provider", &part.wasm)?;
    let (pipes, _) = adapter::add(&mut graph, "pipes", &made.pipes)?;
    let (merged, _) = adapter::add(&mut graph, "merged", &made.merged)?;
    for (node, component) in [(pipes, &made.pipes), (merged, &made.merged)] {
        let shape = Shape::read("supplied".as_ref(), component);
        let shape = shape.map_err(|error| anyhow::anyhow!("{error}"))?;
        for import in shape.imports {
            let from = match import.as_str() {
                PIPES => pipes,
                name if exports.iter().any(|export| export == name) => provider,
                // The host's, or that of another component.
                _ => continue,
            };
            let item = graph.alias_instance_export(from, &import)?;
            graph.set_instantiation_argument(node, &import, item)?;
        }
    }
    // Its own items are those of the interface.
    graph.export(merged, &lacking.name)?;
    for export in exports.iter().filter(|export| **export != lacking.name) {
        let item = graph.alias_instance_export(provider, export)?;
        graph.export(item, export)?;
    }
    Ok(graph.encode(EncodeOptions::default())?)
}

fn refused(part: &Part, lacking: &Lacking, error: &anyhow::Error) -> BadInput {
    let pipes: Vec<_> = lacking
        .pipes
        .keys()
        .map(|pipe| format!("`{pipe}`"))
        .collect();
    BadInput::new(format!(
        "`{}` exports `{}` without the pipes that others import of it ({}), and they cannot be added: {error:#}",
        part.name,
        lacking.export,
        pipes.join(", ")
    ))
    .help("build all of these components against the same WIT")
}
