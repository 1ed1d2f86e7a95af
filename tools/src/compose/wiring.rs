//! Connects exports with imports.

use super::Error;
use super::fit::{self, Join};
use super::part::Part;
use super::refusal;
use super::sync_form::{Side, SyncForms};
use wac_graph::types::{ItemKind, Type, Types, WorldId};
use wac_graph::{CompositionGraph, PackageId};

/// A wire: an export of a plug that serves an import of another part. Parts are numbers; 0 is the main part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wire {
    pub importer: usize,
    pub import: String,
    pub plug: usize,
    pub export: String,
    pub join: Join,
}

/// An import: its part's number, its name, its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Import<'a> {
    pub part: usize,
    pub name: &'a str,
    kind: ItemKind,
}

/// The kind of dependency of a part on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Functions, or resources.
    Calls,
    /// Functions, resources or only types.
    Anything,
}

/// The wires so far.
pub(super) struct Wiring<'a> {
    graph: &'a CompositionGraph,
    pub(super) parts: &'a [Part],
    packages: &'a [PackageId],
    forms: &'a SyncForms,
    pub(super) wires: Vec<Wire>,
}

/// An export that serves an import.
struct Server {
    export: String,
    join: Join,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(
        graph: &'a CompositionGraph,
        parts: &'a [Part],
        packages: &'a [PackageId],
        forms: &'a SyncForms,
    ) -> Self {
        Self {
            graph,
            parts,
            packages,
            forms,
            wires: Vec::new(),
        }
    }

    /// Connects the exports of part `plug` with imports of the parts before it.
    pub(super) fn plug(&mut self, plug: usize, names: &[String]) -> Result<(), Error> {
        if names.is_empty() {
            return self.plug_where_it_fits(plug);
        }
        for name in names {
            let open = self.open(0..plug);
            let named: Vec<_> = open
                .into_iter()
                .filter(|import| fit::is_named(import.name, name))
                .collect();
            if named.is_empty() {
                return Err(refusal::no_such_import(self, plug, name));
            }
            for import in named {
                let server = self.export_for(plug, import)?;
                self.wire(import, plug, server);
            }
        }
        Ok(())
    }

    fn plug_where_it_fits(&mut self, plug: usize) -> Result<(), Error> {
        let open = self.open(0..plug);
        let mut misfit = None;
        let mut found = Vec::new();
        for import in &open {
            match self.export_named_as(plug, *import) {
                Some(Ok(server)) => found.push((*import, server)),
                Some(Err(reason)) => misfit = Some((*import, reason)),
                None => {}
            }
        }
        if let Some((import, reason)) = misfit {
            return Err(refusal::misfit(self, plug, import, reason));
        }
        if found.is_empty() {
            found = self.label_that_fits(plug, &open)?;
        }
        for (import, server) in found {
            self.wire(import, plug, server);
        }
        Ok(())
    }

    /// The only import under a label that an export fits.
    fn label_that_fits(
        &self,
        plug: usize,
        open: &[Import<'a>],
    ) -> Result<Vec<(Import<'a>, Server)>, Error> {
        let labels = open
            .iter()
            .filter(|import| fit::is_label(import.name, import.kind));
        let fitting: Vec<_> = labels
            .flat_map(|import| {
                let exports = self.exports_that_fit(plug, *import).into_iter();
                exports.map(|server| (*import, server))
            })
            .collect();
        match fitting.len() {
            0 => Err(refusal::nothing_takes(self, plug)),
            1 => Ok(fitting),
            _ => {
                let imports: Vec<_> = fitting.iter().map(|(import, _)| *import).collect();
                Err(refusal::ambiguous(self, plug, &imports))
            }
        }
    }

    /// The export for a named import: the one with the same name, or else the only one of its type.
    fn export_for(&self, plug: usize, import: Import<'a>) -> Result<Server, Error> {
        if let Some(server) = self.export_named_as(plug, import) {
            return server.map_err(|reason| refusal::misfit(self, plug, import, reason));
        }
        let mut fitting = self.exports_that_fit(plug, import);
        match (fitting.pop(), fitting.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                fitting.push(last);
                let exports: Vec<_> = fitting.into_iter().map(|it| it.export).collect();
                Err(refusal::several_exports(self, plug, import, exports))
            }
            (None, _) => {
                // If there is only one export, the reason can be reported.
                let reason = match self.parts[plug].exports() {
                    [only] => self.fits(plug, only, import).err(),
                    _ => None,
                };
                Err(refusal::no_export_fits(self, plug, import, reason))
            }
        }
    }

    /// All wires.
    ///
    /// # Errors
    /// If the wires would form a cycle.
    pub(super) fn finish(self) -> Result<Vec<Wire>, Error> {
        for import in self.open(1..self.parts.len()) {
            // Interfaces with only types are never called: they stay imports, which every host serves.
            if self.is_only_types(import.kind) {
                continue;
            }
            match self.provider_above(import) {
                Some((provider, Need::Calls)) => {
                    return Err(refusal::cycle(&self, import, provider));
                }
                Some((provider, Need::Anything)) => {
                    return Err(refusal::too_early(&self, import, provider));
                }
                None => {}
            }
        }
        Ok(self.wires)
    }

    /// Whether the interface has only types: no function, and no resource, which belongs to one instance. Types are the same
    /// from every provider.
    fn is_only_types(&self, kind: ItemKind) -> bool {
        let types = self.graph.types();
        let is_type = |kind: &ItemKind| match kind {
            ItemKind::Type(Type::Resource(_)) => false,
            ItemKind::Type(_) => true,
            _ => false,
        };
        match kind {
            ItemKind::Instance(interface) => types[interface].exports.values().all(is_type),
            _ => false,
        }
    }

    /// A part that exports the import, but needs the importer itself: calls it, or uses its types. An importer that exports the
    /// same interface is one of a chain, and is not served by those before it.
    fn provider_above(&self, import: Import<'_>) -> Option<(usize, Need)> {
        let exports = |part: usize| {
            let names = self.parts[part].exports().iter();
            names
                .filter(|export| fit::is_compatible(export, import.name))
                .count()
                > 0
        };
        if exports(import.part) {
            return None;
        }
        [Need::Calls, Need::Anything].into_iter().find_map(|need| {
            let mut parts = 0..import.part;
            let part = parts.find(|part| exports(*part) && self.needs(*part, import.part, need))?;
            Some((part, need))
        })
    }

    /// Whether `plug` serves an import of `part`, directly or through other parts.
    fn needs(&self, part: usize, plug: usize, need: Need) -> bool {
        let world = |part: usize| self.graph[self.packages[part]].ty();
        let counts = |wire: &&Wire| {
            let kind = self.graph.types()[world(wire.importer)].imports[&wire.import];
            wire.importer == part && !(need == Need::Calls && self.is_only_types(kind))
        };
        let mut wires = self.wires.iter().filter(counts);
        wires.any(|wire| wire.plug == plug || self.needs(wire.plug, plug, need))
    }

    /// The imports of these parts that are not served yet.
    pub(super) fn open(&self, parts: std::ops::Range<usize>) -> Vec<Import<'a>> {
        let mut imports = self.imports(parts);
        imports.retain(|import| self.server_of(import.part, import.name).is_none());
        imports
    }

    /// All imports of these parts, but for types that the world itself imports: those come with the interfaces that use them.
    pub(super) fn imports(&self, parts: std::ops::Range<usize>) -> Vec<Import<'a>> {
        let graph = self.graph;
        parts
            .flat_map(|part| {
                let imports = &graph.types()[graph[self.packages[part]].ty()].imports;
                imports.iter().map(move |(name, kind)| Import {
                    part,
                    name,
                    kind: *kind,
                })
            })
            .filter(|import| !matches!(import.kind, ItemKind::Type(_)))
            .collect()
    }

    /// The plug that serves an import.
    pub(super) fn server_of(&self, part: usize, import: &str) -> Option<usize> {
        let mut wires = self.wires.iter();
        wires
            .find(|wire| wire.importer == part && wire.import == import)
            .map(|wire| wire.plug)
    }

    fn wire(&mut self, import: Import<'_>, plug: usize, server: Server) {
        let Server { export, join } = server;
        self.wires.push(Wire {
            importer: import.part,
            import: import.name.to_owned(),
            plug,
            export,
            join,
        });
    }

    /// The export with the same name, or else with a compatible version, or else the one that differs only in `async`.
    fn export_named_as(&self, plug: usize, import: Import<'_>) -> Option<anyhow::Result<Server>> {
        let exports = self.parts[plug].exports();
        let exact = exports.iter().find(|export| *export == import.name);
        let named = exact.or_else(|| {
            exports
                .iter()
                .find(|export| fit::is_compatible(export, import.name))
        });
        let other = exports
            .iter()
            .find(|export| fit::is_bridgeable(export, import.name));
        let export = named.or(other)?;
        let export = export.clone();
        let joined = self.fits(plug, &export, import);
        Some(joined.map(|join| Server { export, join }))
    }

    fn exports_that_fit(&self, plug: usize, import: Import<'_>) -> Vec<Server> {
        let exports = self.parts[plug].exports().iter();
        exports
            .filter_map(|export| {
                let join = self.fits(plug, export, import).ok()?;
                let export = export.clone();
                Some(Server { export, join })
            })
            .collect()
    }

    /// # Errors
    /// The reason why not: for a bridge, if only a bridge is possible; otherwise for a direct connection.
    fn fits(&self, plug: usize, export: &str, import: Import<'_>) -> anyhow::Result<Join> {
        let types: &Types = self.graph.types();
        let world = |part: usize| self.graph[self.packages[part]].ty();
        let export_kind = types[world(plug)].exports[export];
        let Err(reason) = fit::is_subtype(types, export_kind, import.kind) else {
            return Ok(Join::Direct);
        };
        let export_form = self.sync_form(world(plug), Side::Export, export, export_kind);
        let import_form =
            self.sync_form(world(import.part), Side::Import, import.name, import.kind);
        match fit::is_bridged(
            types,
            (export_kind, export_form),
            (import.kind, import_form),
        ) {
            Some(Ok(())) => Ok(Join::Bridged),
            Some(Err(unbridged)) => Err(unbridged),
            None => Err(reason),
        }
    }

    fn sync_form(
        &self,
        world: WorldId,
        side: Side,
        name: &str,
        kind: ItemKind,
    ) -> anyhow::Result<Option<ItemKind>> {
        Ok(match kind {
            ItemKind::Instance(interface) => {
                self.forms.interface(interface)?.map(ItemKind::Instance)
            }
            ItemKind::Func(_) => self.forms.function(world, side, name)?.map(ItemKind::Func),
            _ => None,
        })
    }
}
