//! Plugs one component into another, as any stock composer does.

use anyhow::Result;
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};

/// The component `caller` with those of its imports served that `callee` exports.
///
/// # Errors
/// If one of them is no component, or nothing that `callee` exports is imported.
pub fn compose(caller: &[u8], callee: &[u8]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name, bytes: &[u8]| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
        anyhow::Ok(graph.register_package(package)?)
    };
    let socket = register("caller", caller)?;
    let inner = register("callee", callee)?;
    plug(&mut graph, vec![inner], socket)?;
    Ok(graph.encode(EncodeOptions::default())?)
}
