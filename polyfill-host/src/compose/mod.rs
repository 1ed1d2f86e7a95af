//! Composes components: makes one of several, the exports of some behind the imports of others.
//!
//! The composer is `wac-graph`. What is here decides what goes where, says why not when it cannot, and lets components of
//! the split ABI compose that were built against different patch versions of WASI.

mod document;
mod fit;
mod part;
mod patch_versions;
mod refusal;
mod wiring;

pub use document::compose_document;
pub use part::{Part, Plug};

use crate::abi::Abi;
use crate::bad_input::BadInput;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};
use wiring::{Wire, Wiring};

/// `main` with `plugs` behind its imports. Each plug is one instance. In their order,
///
/// - a plug with names serves the imports of these names that are still open, those of `main` and of the plugs before it;
/// - a plug without names serves the imports still open there that have the name of one of its exports, in a version
///   compatible with it; if there is none, the one import under a label that has the type of one of its exports.
///
/// Nothing serves an import twice, and a plug must serve at least one. What is left open is an import of the composition,
/// once for each name. The composition exports what `main` exports.
///
/// # Errors
/// If a plug has nothing to serve, or could serve several; if the types do not fit; if a plug needs what only a component
/// provides that needs the plug; and if some of the components speak the split ABI and others native WASI 0.3.
pub fn compose(main: Part, plugs: Vec<Plug>) -> Result<Vec<u8>, BadInput> {
    let (mut parts, mut names) = (vec![main], vec![Vec::new()]);
    for plug in plugs {
        parts.push(plug.part);
        names.push(plug.imports);
    }
    one_abi(&parts)?;
    patch_versions::unite(&mut parts);

    let mut graph = CompositionGraph::new();
    let packages = register(&mut graph, &parts)?;
    let mut wiring = Wiring::new(&graph, &parts, &packages);
    for (plug, names) in names.iter().enumerate().skip(1) {
        wiring.plug(plug, names)?;
    }
    let wires = wiring.finish()?;

    let instances: Vec<_> = packages.iter().map(|it| graph.instantiate(*it)).collect();
    encode(&mut graph, &parts[0], &instances, &wires)
        .map_err(|error| refusal::not_encoded(&parts[0].name, &error))
}

/// A component that is given twice is in the composition once, and instantiated twice.
fn register(graph: &mut CompositionGraph, parts: &[Part]) -> Result<Vec<PackageId>, BadInput> {
    let mut packages: Vec<PackageId> = Vec::with_capacity(parts.len());
    for (number, part) in parts.iter().enumerate() {
        let same = parts[..number].iter().position(|it| it.wasm == part.wasm);
        packages.push(match same {
            Some(same) => packages[same],
            None => {
                // The composition tells people by these names what is what; they must differ.
                let name = format!("{}-{number}", part.label());
                Package::from_bytes(&name, None, part.wasm.clone(), graph.types_mut())
                    .and_then(|package| Ok(graph.register_package(package)?))
                    .map_err(|error| refusal::not_understood(&part.name, &error))?
            }
        });
    }
    Ok(packages)
}

fn encode(
    graph: &mut CompositionGraph,
    main: &Part,
    instances: &[NodeId],
    wires: &[Wire],
) -> anyhow::Result<Vec<u8>> {
    for wire in wires {
        let export = graph.alias_instance_export(instances[wire.plug], &wire.export)?;
        graph.set_instantiation_argument(instances[wire.importer], &wire.import, export)?;
    }
    for name in main.exports() {
        let export = graph.alias_instance_export(instances[0], name)?;
        graph.export(export, name)?;
    }
    Ok(graph.encode(EncodeOptions::default())?)
}

/// Components of the split ABI and native ones have no interface in common, though both call it by the same name.
fn one_abi(parts: &[Part]) -> Result<(), BadInput> {
    let of = |abi| parts.iter().filter(move |part| part.abi() == abi);
    match (of(Abi::Split).next(), of(Abi::Native).next()) {
        (Some(_), Some(_)) => Err(refusal::two_abis(of(Abi::Split), of(Abi::Native))),
        _ => Ok(()),
    }
}
