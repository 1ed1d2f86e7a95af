//! Plugs components together: what none of them exports is imported.

use super::LowerError;
use super::plan::Plan;
use crate::abi::{InterfaceName, Shape};
use crate::adapter::add;
use crate::bad_input::BadInput;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::path::Path;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// Guests, drivers and the adapter. What is left to import is of WASI 0.2, or the core's.
pub fn guests(path: &Path, wasm: &[u8], shape: &Shape, plan: &Plan) -> Result<Vec<u8>, LowerError> {
    let mut graph = CompositionGraph::new();
    let (guests, _) = add(&mut graph, "guests", wasm).map_err(|error| {
        BadInput::new(format!(
            "`{}` cannot be composed: {error:#}",
            path.display()
        ))
        .help("it may use what no composer knows yet")
    })?;
    let plugged = plug(&mut graph, guests, shape, plan);
    let plugged = plugged.context("failed to plug the component together")?;
    Ok(plugged)
}

fn plug(
    graph: &mut CompositionGraph,
    guests: NodeId,
    shape: &Shape,
    plan: &Plan,
) -> Result<Vec<u8>> {
    let mut parts = HashMap::new();
    for (place, name, component) in plan.adapted.parts()? {
        parts.insert(place, add(graph, name, &component)?.0);
    }
    let bridge = plan.bridge.as_ref();
    let bridge = bridge
        .map(|bridge| add(graph, "bridge", bridge))
        .transpose()?;
    for import in &shape.imports {
        let from = match plan.adapted.serving(import) {
            Some((part, export)) => Some((parts[&part], export)),
            None => bridge.as_ref().and_then(|(bridge, exports)| {
                exports
                    .contains(import)
                    .then_some((*bridge, import.as_str()))
            }),
        };
        if let Some((from, export)) = from {
            connect(graph, guests, import, from, export)?;
        }
    }

    if let Some((http, handler)) = plan.http() {
        let (node, exports) = add(graph, "http", http)?;
        for import in imports(http)? {
            let is_handler = InterfaceName::parse(&import)
                .is_some_and(|name| (name.package, name.interface) == ("wasi:http", "handler"));
            if is_handler {
                connect(graph, node, &import, guests, handler)?;
            } else if let Some((part, export)) = plan.adapted.serving(&import) {
                connect(graph, node, &import, parts[&part], export)?;
            }
        }
        export_all(graph, node, &exports)?;
    }
    if let Some(driver) = &plan.driver {
        let (node, exports) = add(graph, "driver", driver)?;
        for import in imports(driver)? {
            if shape.exports.contains(&import) {
                connect(graph, node, &import, guests, &import)?;
            }
        }
        export_all(graph, node, &exports)?;
    }
    export_all(graph, guests, &plan.forwarded)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

/// The component with the core behind what it imports of ours.
pub fn core(component: &[u8], core: &[u8]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let (node, exports) = add(&mut graph, "lowered", component)?;
    let (core, provided) = add(&mut graph, "core", core)?;
    for import in imports(component)? {
        if provided.contains(&import) {
            connect(&mut graph, node, &import, core, &import)?;
        }
    }
    export_all(&mut graph, node, &exports)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

fn imports(component: &[u8]) -> Result<Vec<String>> {
    let shape = Shape::read("component".as_ref(), component);
    Ok(shape.map_err(|error| anyhow::anyhow!("{error}"))?.imports)
}

fn connect(
    graph: &mut CompositionGraph,
    to: NodeId,
    import: &str,
    from: NodeId,
    export: &str,
) -> Result<()> {
    let export = graph.alias_instance_export(from, export)?;
    graph.set_instantiation_argument(to, import, export)?;
    Ok(())
}

fn export_all(graph: &mut CompositionGraph, node: NodeId, names: &[String]) -> Result<()> {
    for name in names {
        let export = graph.alias_instance_export(node, name)?;
        graph.export(export, name)?;
    }
    Ok(())
}
