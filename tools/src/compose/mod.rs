//! Composes several components into one: exports of some serve imports of others.
//!
//! The composer is `wac-graph`. The code here decides what is connected, explains refusals, and lets components of the split
//! ABI compose that were built with different patch versions of WASI.

mod document;
mod error;
mod fit;
mod islands;
mod part;
mod patch_versions;
mod refusal;
mod supply;
mod sync_form;
mod translated;
mod wiring;

pub use document::{DocumentError, compose_document};
pub use error::{Error, FittingImports, OpenImports};
pub use part::{Part, Plug};

use crate::bridges::{Bridge, Bridges, Island, label};
use fit::Join;
use isyswasfa_wit::names::original_function;
use sync_form::{Side, SyncForms};
use wac_graph::types::{Interface, ItemKind, Package};
use wac_graph::{CompositionGraph, EncodeOptions, PackageId};
use wiring::{Wire, Wiring};

/// The result of [`compose`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Composition {
    /// The component.
    pub wasm: Vec<u8>,
    /// The native components that were translated, since others speak the split ABI.
    pub translated: Vec<String>,
    /// What the host that runs it has to bridge; nothing, mostly.
    pub bridged: Vec<Bridged>,
}

/// A bridged import: an async import with a sync provider, or the other way round (see [`bridges`](crate::bridges)).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bridged {
    /// The component that imports.
    pub importer: String,
    /// Its import.
    pub import: String,
    /// The component that serves it.
    pub plug: String,
    /// Whether the import is async, and not the export.
    pub is_async: bool,
}

/// Composes `main` with `plugs` behind its imports. Each plug is one instance. In their order,
///
/// - a plug with names serves the imports of these names that are still open, those of `main` and of the plugs before it;
/// - a plug without names serves the imports still open there that have the name of one of its exports, in a compatible
///   version; if there is none, the only import under a label that has the type of one of its exports.
///
/// No import is served twice, and a plug must serve at least one. Imports that are left open become imports of the composition,
/// once for each name. The composition exports what `main` exports.
///
/// An export that matches an import except for `async` serves it over a bridge. The composition then carries the component of
/// the export with it, for a host that [bridges](crate::bridges) the two.
///
/// # Errors
/// If a plug has nothing to serve, or could serve several; if the types do not fit; if a plug needs what only a component
/// provides that needs the plug; and if some of the components speak the split ABI and a native one cannot be translated to it.
pub fn compose(main: Part, plugs: Vec<Plug>) -> Result<Composition, Error> {
    let (mut parts, mut names) = (vec![main], vec![Vec::new()]);
    for plug in plugs {
        parts.push(plug.part);
        names.push(plug.imports);
    }
    let translated = translated::translate_native(&mut parts)?;
    patch_versions::unite(&mut parts);
    // The main part serves no import.
    supply::supply(&mut parts, |number| number > 0)?;

    let mut graph = CompositionGraph::new();
    let packages = register(&mut graph, &parts)?;
    let worlds: Vec<_> = packages.iter().map(|it| graph[*it].ty()).collect();
    let forms = SyncForms::of(graph.types_mut(), worlds.into_iter());
    let mut wiring = Wiring::new(&graph, &parts, &packages, &forms);
    for (plug, names) in names.iter().enumerate().skip(1) {
        wiring.plug(plug, names)?;
    }
    let wires = wiring.finish()?;
    let composer = Composer {
        graph: &graph,
        parts: &parts,
        packages: &packages,
        wires: &wires,
        forms: &forms,
    };
    Ok(Composition {
        translated,
        ..composer.compose()?
    })
}

/// Registers the components. A component that is given twice is in the composition once, and instantiated twice.
fn register(graph: &mut CompositionGraph, parts: &[Part]) -> Result<Vec<PackageId>, Error> {
    let mut packages: Vec<PackageId> = Vec::with_capacity(parts.len());
    for (number, part) in parts.iter().enumerate() {
        let same = parts[..number]
            .iter()
            .position(|it| it.wasm() == part.wasm());
        packages.push(match same {
            Some(same) => packages[same],
            None => {
                // The names of components in the composition, which must differ.
                let name = format!("{}-{number}", part.label());
                Package::from_bytes(&name, None, part.wasm().to_vec(), graph.types_mut())
                    .and_then(|package| Ok(graph.register_package(package)?))
                    .map_err(|error| refusal::not_understood(part.name(), error))?
            }
        });
    }
    Ok(packages)
}

/// The parts of a composition, and their wires.
struct Composer<'a> {
    graph: &'a CompositionGraph,
    parts: &'a [Part],
    packages: &'a [PackageId],
    wires: &'a [Wire],
    forms: &'a SyncForms,
}

impl Composer<'_> {
    fn compose(&self) -> Result<Composition, Error> {
        let members = islands::divide(self.parts.len(), self.wires)
            .map_err(|wire| refusal::across_a_bridge(self.parts, wire))?;
        let mut bridges = Bridges::default();
        let mut bridged = Vec::new();
        for (number, wire) in self.bridges().into_iter().enumerate() {
            let island_of = |part| members.iter().position(|it| it.contains(&part));
            let known = "every part is in an island";
            bridges.bridges.push(Bridge {
                importer: island_of(wire.importer).expect(known),
                import: label(number),
                provider: island_of(wire.plug).expect(known),
                export: self.export_label(wire),
                original: original_function(&wire.import).to_owned(),
            });
            bridged.push(self.bridged(wire));
        }
        let mut components = Vec::with_capacity(members.len());
        for (island, members) in members.iter().enumerate() {
            let component = self.encode(island, members, &bridges);
            let name = self.parts[members[0]].name();
            components.push(component.map_err(|error| refusal::not_encoded(name, error))?);
        }
        let mut components = components.into_iter();
        let mut wasm = components.next().expect("part 0 is in an island");
        bridges.islands = components
            .zip(&members[1..])
            .map(|(wasm, members)| Island {
                name: self.names(members),
                wasm,
            })
            .collect();
        if !bridges.islands.is_empty() {
            bridges.append(&mut wasm);
        }
        Ok(Composition {
            wasm,
            translated: Vec::new(),
            bridged,
        })
    }

    /// The wires that are bridges; for the halves of one function, only the first wire.
    fn bridges(&self) -> Vec<&Wire> {
        let mut firsts: Vec<&Wire> = Vec::new();
        for wire in self.wires.iter().filter(|it| it.join == Join::Bridged) {
            if !firsts.iter().any(|it| from(it) == from(wire)) {
                firsts.push(wire);
            }
        }
        firsts
    }

    /// The name of the export at a bridge. Bridges to one export share the name of the first.
    fn export_label(&self, wire: &Wire) -> String {
        let bridges = self.bridges();
        let first = bridges.iter().position(|it| to(it) == to(wire));
        label(first.unwrap_or_default())
    }

    fn bridged(&self, wire: &Wire) -> Bridged {
        let world = self.graph[self.packages[wire.importer]].ty();
        let is_async = match self.graph.types()[world].imports[&wire.import] {
            ItemKind::Instance(interface) => matches!(self.forms.interface(interface), Ok(Some(_))),
            _ => {
                let form = self.forms.function(world, Side::Import, &wire.import);
                matches!(form, Ok(Some(_)))
            }
        };
        Bridged {
            importer: self.parts[wire.importer].name().to_owned(),
            import: original_function(&wire.import).to_owned(),
            plug: self.parts[wire.plug].name().to_owned(),
            is_async,
        }
    }

    fn names(&self, members: &[usize]) -> String {
        let names: Vec<_> = members.iter().map(|it| self.parts[*it].name()).collect();
        names.join(", ")
    }

    /// Encodes the component of one island. The first island exports what the main part exports. The others export the targets
    /// of the bridges to them, under the bridges' names.
    fn encode(
        &self,
        island: usize,
        members: &[usize],
        bridges: &Bridges,
    ) -> anyhow::Result<Vec<u8>> {
        let mut graph = self.graph.clone();
        let instances = members
            .iter()
            .map(|it| graph.instantiate(self.packages[*it]));
        let instances: Vec<_> = instances.collect();
        let instance = |part: usize| {
            let at = members.iter().position(|it| *it == part);
            at.map(|at| instances[at])
        };
        let starts = self.bridges();
        for wire in self.wires {
            let bridge = match wire.join {
                Join::Direct => None,
                Join::Bridged => {
                    let number = starts.iter().position(|it| from(it) == from(wire));
                    number.map(|it| &bridges.bridges[it])
                }
            };
            let (importer, plug) = (instance(wire.importer), instance(wire.plug));
            match (importer, plug, bridge) {
                (Some(importer), Some(plug), None) => {
                    let export = graph.alias_instance_export(plug, &wire.export)?;
                    graph.set_instantiation_argument(importer, &wire.import, export)?;
                }
                (Some(importer), None, Some(bridge)) => {
                    let kind = unnamed(&mut graph, self.packages[wire.importer], &wire.import)?;
                    let import = half_of(&bridge.import, &wire.import);
                    let import = graph.import(import, kind)?;
                    graph.set_instantiation_argument(importer, &wire.import, import)?;
                }
                (None, Some(plug), Some(bridge)) => {
                    for name in self.parts[wire.plug].exports() {
                        let export = half_of(&bridge.export, name);
                        if original_function(name) == original_function(&wire.export)
                            && graph.get_export(&export).is_none()
                        {
                            let item = graph.alias_instance_export(plug, name)?;
                            graph.export(item, export)?;
                        }
                    }
                }
                _ => {}
            }
        }
        if island == 0 {
            for name in self.parts[0].exports() {
                let export = graph.alias_instance_export(instances[0], name)?;
                graph.export(export, name)?;
            }
        }
        Ok(graph.encode(EncodeOptions::default())?)
    }
}

/// The start of a bridge: the part and the import. Both halves of a function are one import.
fn from(wire: &Wire) -> (usize, &str) {
    (wire.importer, original_function(&wire.import))
}

/// The target of a bridge.
fn to(wire: &Wire) -> (usize, &str) {
    (wire.plug, original_function(&wire.export))
}

/// The function `name` as it is called at the bridge `label`. A half of a function stays the same half.
fn half_of(label: &str, name: &str) -> String {
    let half = &name[original_function(name).len()..];
    format!("{label}{half}")
}

/// The type of an import. An interface becomes one without a name: otherwise it could not be imported under another name.
fn unnamed(
    graph: &mut CompositionGraph,
    package: PackageId,
    import: &str,
) -> anyhow::Result<ItemKind> {
    let world = graph[package].ty();
    let kind = graph.types()[world].imports[import];
    let ItemKind::Instance(interface) = kind else {
        return Ok(kind);
    };
    let interface = Interface {
        id: None,
        ..graph.types()[interface].clone()
    };
    Ok(ItemKind::Instance(
        graph.types_mut().add_interface(interface),
    ))
}
