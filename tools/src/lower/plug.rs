//! Plugs components together. Interfaces that none of them exports are imported.

use super::part::decode;
use super::place::Place;
use super::plan::{Peer, Plan};
use crate::abi::Shape;
use crate::adapter;
use anyhow::Result;
use std::borrow::Cow;
use std::collections::HashMap;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};
use wit_parser::{Type, TypeDefKind, TypeOwner, WorldItem, WorldKey};

/// Plugs guests, drivers and the adapter together, with `core` behind its imports. Without `core`, the remaining imports are of
/// WASI 0.2 or the core.
///
/// All are in one composition, side by side: some hosts (jco) lose handles that pass through nested ones.
pub fn plug(guests: &[u8], plan: &Plan, core: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut plugged = Plugged::new(CompositionGraph::new());
    if let Some(core) = core {
        plugged.core = Some(adapter::add(&mut plugged.graph, "core", core)?);
    }
    let mut components = vec![(Peer::Guests, "guests", Cow::Borrowed(guests))];
    for (place, name, part) in plan.adapted.parts(&mut Place::Apart)? {
        components.push((Peer::Adapter(place), name, part.component()?.into()));
    }
    if let Some(http) = plan.http() {
        components.push((Peer::Http, "http", http.into()));
    }
    let made = [
        (Peer::Bridge, "bridge", &plan.bridge),
        (Peer::Driver, "driver", &plan.driver),
    ];
    for (peer, name, part) in made {
        if let Some(part) = part {
            components.push((peer, name, part.component()?.into()));
        }
    }
    let mut nodes = HashMap::new();
    for (peer, name, component) in &components {
        nodes.insert(*peer, plugged.add(name, component)?);
    }
    for (peer, _, component) in &components {
        let (node, exports) = &nodes[peer];
        for import in imports(component)? {
            if let Some((from, export)) = plan.serving(*peer, &import) {
                plugged.connect(*node, &import, nodes[&from].0, export)?;
            }
        }
        match peer {
            Peer::Guests => plugged.export_all(*node, &plan.forwarded)?,
            Peer::Http | Peer::Driver => plugged.export_all(*node, exports)?,
            Peer::Adapter(_) | Peer::Bridge | Peer::Core => {}
        }
    }
    Ok(plugged.graph.encode(EncodeOptions::default())?)
}

/// A composition under construction.
pub struct Plugged {
    pub graph: CompositionGraph,
    /// The core, and its exports.
    core: Option<(NodeId, Vec<String>)>,
}

impl Plugged {
    pub fn new(graph: CompositionGraph) -> Self {
        Plugged { graph, core: None }
    }

    /// Adds an instance of the component, with the core behind its imports.
    pub fn add(&mut self, name: &str, component: &[u8]) -> Result<(NodeId, Vec<String>)> {
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

    pub fn connect(&mut self, to: NodeId, import: &str, from: NodeId, export: &str) -> Result<()> {
        let export = self.graph.alias_instance_export(from, export)?;
        self.graph.set_instantiation_argument(to, import, export)?;
        Ok(())
    }

    pub fn export_all(&mut self, node: NodeId, names: &[String]) -> Result<()> {
        for name in names {
            let export = self.graph.alias_instance_export(node, name)?;
            self.graph.export(export, name)?;
        }
        Ok(())
    }
}

/// A type of an interface that the world itself uses. It is a separate import, which must be the same type.
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
    Ok(Shape::read("component".as_ref(), component)?.imports)
}
