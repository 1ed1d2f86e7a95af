//! Plugs components together: what none of them exports is imported.

use super::part::decode;
use super::place::Place;
use super::plan::Plan;
use crate::abi::{InterfaceName, Shape};
use crate::adapter;
use anyhow::Result;
use std::collections::HashMap;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};
use wit_parser::{Type, TypeDefKind, TypeOwner, WorldItem, WorldKey};

/// Guests, drivers and the adapter, and `core` behind what they import of it. Without it, all that is left to import is of WASI
/// 0.2 or the core's.
///
/// All in one composition, side by side: jco, for one, loses handles that pass through nested ones.
pub fn plug(guests: &[u8], shape: &Shape, plan: &Plan, core: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut plugged = Plugged {
        graph: CompositionGraph::new(),
        core: None,
    };
    if let Some(core) = core {
        plugged.core = Some(adapter::add(&mut plugged.graph, "core", core)?);
    }
    let (guests, _) = plugged.add("guests", guests)?;
    let mut parts = HashMap::new();
    for (place, name, part) in plan.adapted.parts(&mut Place::Apart)? {
        parts.insert(place, plugged.add(name, &part.component()?)?.0);
    }
    let bridge = plan.bridge.as_ref();
    let bridge = bridge
        .map(|bridge| plugged.add("bridge", &bridge.component()?))
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
            plugged.connect(guests, import, from, export)?;
        }
    }

    if let Some((http, handler)) = plan.http() {
        let (node, exports) = plugged.add("http", http)?;
        for import in imports(http)? {
            let is_handler = InterfaceName::parse(&import)
                .is_some_and(|name| (name.package, name.interface) == ("wasi:http", "handler"));
            if is_handler {
                plugged.connect(node, &import, guests, handler)?;
            } else if let Some((part, export)) = plan.adapted.serving(&import) {
                plugged.connect(node, &import, parts[&part], export)?;
            }
        }
        plugged.export_all(node, &exports)?;
    }
    if let Some(driver) = &plan.driver {
        let driver = driver.component()?;
        let (node, exports) = plugged.add("driver", &driver)?;
        for import in imports(&driver)? {
            if shape.exports.contains(&import) {
                plugged.connect(node, &import, guests, &import)?;
            }
        }
        plugged.export_all(node, &exports)?;
    }
    plugged.export_all(guests, &plan.forwarded)?;
    Ok(plugged.graph.encode(EncodeOptions::default())?)
}

struct Plugged {
    graph: CompositionGraph,
    /// The core, and what it exports.
    core: Option<(NodeId, Vec<String>)>,
}

impl Plugged {
    /// Adds an instance of the component, with the core behind what it imports of that.
    fn add(&mut self, name: &str, component: &[u8]) -> Result<(NodeId, Vec<String>)> {
        let (node, exports) = adapter::add(&mut self.graph, name, component)?;
        if let Some((core, provided)) = self.core.take() {
            for import in imports(component)? {
                if provided.contains(&import) {
                    self.connect(node, &import, core, &import)?;
                }
            }
            for Used {
                import,
                interface,
                name,
            } in used(component)?
            {
                if provided.contains(&interface) {
                    let interface = self.graph.alias_instance_export(core, &interface)?;
                    self.connect(node, &import, interface, &name)?;
                }
            }
            self.core = Some((core, provided));
        }
        Ok((node, exports))
    }

    fn connect(&mut self, to: NodeId, import: &str, from: NodeId, export: &str) -> Result<()> {
        let export = self.graph.alias_instance_export(from, export)?;
        self.graph.set_instantiation_argument(to, import, export)?;
        Ok(())
    }

    fn export_all(&mut self, node: NodeId, names: &[String]) -> Result<()> {
        for name in names {
            let export = self.graph.alias_instance_export(node, name)?;
            self.graph.export(export, name)?;
        }
        Ok(())
    }
}

/// A type of an interface that the world itself uses: an import of its own, which must be that very type.
struct Used {
    import: String,
    interface: String,
    name: String,
}

fn used(component: &[u8]) -> Result<Vec<Used>> {
    let (resolve, world) = decode(component)?;
    let imports = resolve.worlds[world].imports.iter();
    let used = imports.filter_map(|(key, item)| {
        let (WorldKey::Name(import), WorldItem::Type { id, .. }) = (key, item) else {
            return None;
        };
        let TypeDefKind::Type(Type::Id(of)) = resolve.types[*id].kind else {
            return None;
        };
        let of = &resolve.types[of];
        let TypeOwner::Interface(interface) = of.owner else {
            return None;
        };
        Some(Used {
            import: import.clone(),
            interface: resolve.id_of(interface)?,
            name: of.name.clone()?,
        })
    });
    Ok(used.collect())
}

fn imports(component: &[u8]) -> Result<Vec<String>> {
    let shape = Shape::read("component".as_ref(), component);
    Ok(shape.map_err(|error| anyhow::anyhow!("{error}"))?.imports)
}
