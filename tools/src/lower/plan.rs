//! The plan of a lowering: the parts that guests need, by their imports and exports.

use super::core::{IDLE, with_core};
use super::fit::{self, Side};
use super::part::{self, Functions, Part, imported};
use super::pipe;
use super::plain::{is_moved, plain};
use super::root::{Root, root};
use super::sync::{Driven, bridge, driver};
use super::{Error, HTTP, Options, adapted::Adapted};
use crate::abi::{InterfaceName, Shape};
use crate::artifact::Artifact;
use anyhow::Context;
use isyswasfa_wit::names::{
    CLI_RUN, HTTP_HANDLER, HTTP_INCOMING_HANDLER, NAMESPACE, PIPES, PIPES_VERSION, POLL, Role,
    TASKS,
};
use semver::Version;
use wit_parser::{InterfaceId, PackageName, Resolve, WorldItem, WorldKey};

/// A member of the composition, as importer or provider.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Peer {
    Guests,
    /// A part of the adapter, by its number.
    Adapter(usize),
    Http,
    Driver,
    Bridge,
    Core,
}

/// The parts that are needed beside the guests.
pub struct Plan {
    /// The exports of the guests.
    exports: Vec<String>,
    /// The export that handles HTTP.
    handler: Option<String>,
    /// The driver: its exported ordinary functions call the guests' async ones.
    pub driver: Option<Part>,
    /// The bridge: its async functions, which guests import, call ordinary ones of the host.
    pub bridge: Option<Part>,
    /// The guests' exports that the lowered component exports unchanged.
    pub forwarded: Vec<String>,
    /// The parts of the adapter.
    pub adapted: Adapted,
}

impl Plan {
    pub fn of(artifact: &Artifact, options: &Options) -> Result<Plan, Error> {
        let file = || artifact.name().to_owned();
        let shape = artifact.shape();
        let (resolve, world) = crate::surface::decode(artifact).map_err(|error| Error::NotWit {
            file: file(),
            reason: error.into(),
        })?;
        let (mut resolve, remap) = with_core(resolve).map_err(|error| Error::OtherVersion {
            file: file(),
            reason: error.into(),
        })?;
        let internal = |error: anyhow::Error| super::internal(artifact, error);
        let world = remap.map_world(world, Default::default());
        let world = world.map_err(|error| internal(anyhow::anyhow!("{error}")))?;
        let root = |items: &wit_parser::IndexMap<_, _>, side| -> Result<_, Error> {
            const WORLD: &str = "the world itself";
            let root = root(&resolve, items);
            let root = root.map_err(|error| unsupported(artifact, WORLD, error))?;
            if let Some(root) = &root {
                let has = items
                    .keys()
                    .map(|key| resolve.name_world_key(key))
                    .collect();
                let fits = fit::check(&resolve, &root.driven, &has, side);
                fits.map_err(|error| misfit(artifact, WORLD, error))?;
            }
            Ok(root)
        };
        let world = &resolve.worlds[world];
        // Interfaces under a label, which only a component can be plugged into.
        let labels = world
            .imports
            .iter()
            .filter_map(|(key, item)| match (key, item) {
                (WorldKey::Name(name), WorldItem::Interface { id, .. }) => {
                    let functions = &resolve.interfaces[*id].functions;
                    functions.contains_key(POLL).then(|| name.clone())
                }
                _ => None,
            });
        let labels: Vec<_> = labels.collect();
        let root_exports = root(&world.exports, Side::Exports)?;
        let root_imports = root(&world.imports, Side::Imports)?;
        for (key, item) in &world.imports {
            let name = resolve.name_world_key(key);
            if let (true, WorldItem::Interface { id, .. }) = (name.starts_with(PIPES), item) {
                pipe::check(&resolve, &name, *id)
                    .map_err(|error| misfit(artifact, &name, error))?;
            }
        }

        let (mut handler, mut driven, mut forwarded) = (None, Vec::new(), Vec::new());
        let left_out = left_out(shape);
        for export in &shape.exports {
            let split = InterfaceName::parse(export).filter(|name| name.is_split());
            match split {
                Some(name) if name.is(HTTP_HANDLER) => handler = Some(export.clone()),
                Some(name) if name.is(CLI_RUN) => {
                    let package = PackageName {
                        namespace: "wasi".to_owned(),
                        name: "cli".to_owned(),
                        version: Some(Version::new(0, 2, 0)),
                    };
                    driven.push(Driven {
                        drain: options.until_idle,
                        ..self::driven(
                            artifact,
                            &mut resolve,
                            export,
                            Some(package),
                            Side::Exports,
                        )?
                    });
                }
                Some(_) => {
                    driven.push(self::driven(
                        artifact,
                        &mut resolve,
                        export,
                        None,
                        Side::Exports,
                    )?);
                }
                // A function of the world itself: see below.
                None if Role::of(export).is_some() => {}
                None if left_out.contains(export) => {}
                None => forwarded.push(export.clone()),
            }
        }
        if shape.exports.is_empty() {
            return Err(Error::NoExports { file: file() });
        }

        let used = part::functions(crate::surface::imported(artifact).map_err(internal)?);
        let mut functions = used.clone();
        if handler.is_some() {
            let is_handler = |name: &str| is(name, HTTP_HANDLER);
            for (interface, names) in imported(HTTP).map_err(internal)? {
                if !is_handler(&interface) {
                    functions.entry(interface).or_default().extend(names);
                }
            }
        }
        let adapted = Adapted::new(functions).map_err(internal)?;
        let mut bridged = Vec::new();
        for import in &shape.imports {
            if labels.contains(import) {
                return Err(unanswered(artifact, import));
            }
            let Some(name) = InterfaceName::parse(import) else {
                continue;
            };
            let is_ours = name.package.starts_with(NAMESPACE);
            let is_known = !is_ours || (name.is_core() && name.version == Some(PIPES_VERSION));
            let is_0_3 = name.package.starts_with("wasi:")
                && name
                    .version
                    .as_ref()
                    .is_some_and(|version| (version.major, version.minor) >= (0, 3));
            if adapted.serving(import).is_some() || (is_ours && is_known) {
                continue;
            }
            if is_0_3 || !is_known {
                return Err(unanswered(artifact, import));
            }
            if is_moved(import) {
                let mut driven = self::driven(artifact, &mut resolve, import, None, Side::Imports)?;
                // The export with the same name may have more functions.
                driven.keep(used.get(import));
                bridged.push(driven);
            }
        }
        let driver = MadePart {
            world: "driver",
            driven,
            root: root_exports,
            make: driver,
            used: None,
        };
        let bridge = MadePart {
            world: "bridge",
            driven: bridged,
            root: root_imports,
            make: bridge,
            used: Some(used),
        };
        Ok(Plan {
            exports: shape.exports.clone(),
            driver: driver
                .part(&mut resolve, Split::Imported)
                .map_err(internal)?,
            bridge: bridge
                .part(&mut resolve, Split::Exported)
                .map_err(internal)?,
            handler,
            forwarded,
            adapted,
        })
    }

    /// The prebuilt driver, if it is needed.
    pub fn http(&self) -> Option<&'static [u8]> {
        self.handler.is_some().then_some(HTTP)
    }

    /// The provider of a member's import, and the name of its export. `None`: the core or the host.
    pub fn serving<'a>(&'a self, importer: Peer, import: &'a str) -> Option<(Peer, &'a str)> {
        let adapted = || {
            let (part, export) = self.adapted.serving(import)?;
            Some((Peer::Adapter(part), export))
        };
        match importer {
            Peer::Guests => adapted().or_else(|| {
                let bridge = self.bridge.as_ref()?;
                bridge.exports(import).then_some((Peer::Bridge, import))
            }),
            Peer::Http if is(import, HTTP_HANDLER) => {
                Some((Peer::Guests, self.handler.as_deref()?))
            }
            Peer::Http => adapted(),
            Peer::Driver => {
                let mut exports = self.exports.iter();
                let is_exported = exports.any(|export| export == import);
                is_exported.then_some((Peer::Guests, import))
            }
            Peer::Adapter(_) | Peer::Bridge | Peer::Core => None,
        }
    }
}

/// The exports that are replaced by lowered ones: `wasi:cli/run@0.2.6` beside `wasi:cli/run@0.3.2-isyswasfa`. A component with
/// both was made with two kinds of bindings: the author's own, which are async, and those of the toolchain's `main`.
pub fn left_out(shape: &Shape) -> Vec<String> {
    let names = || {
        shape
            .exports
            .iter()
            .filter_map(|it| InterfaceName::parse(it))
    };
    let split: Vec<_> = names().filter(InterfaceName::is_split).collect();
    let is_left_out = |export: &&String| {
        let Some(plain) = InterfaceName::parse(export).filter(|name| !name.is_split()) else {
            return false;
        };
        split.iter().any(|split| {
            if split.is(CLI_RUN) {
                plain.is(CLI_RUN)
            } else if split.is(HTTP_HANDLER) {
                plain.is(HTTP_INCOMING_HANDLER)
            } else {
                plain == split.original()
            }
        })
    };
    shape.exports.iter().filter(is_left_out).cloned().collect()
}

/// Whether `name` is the interface `path` in any version.
fn is(name: &str, path: &str) -> bool {
    InterfaceName::parse(name).is_some_and(|name| name.is(path))
}

fn unanswered(artifact: &Artifact, import: &str) -> Error {
    Error::Unanswered {
        file: artifact.name().to_owned(),
        import: import.to_owned(),
    }
}

fn unsupported(artifact: &Artifact, item: &str, error: anyhow::Error) -> Error {
    Error::Unsupported {
        file: artifact.name().to_owned(),
        item: item.to_owned(),
        reason: error.into(),
    }
}

fn misfit(artifact: &Artifact, item: &str, error: anyhow::Error) -> Error {
    Error::Misfit {
        file: artifact.name().to_owned(),
        reason: error.context(format!("`{item}`")).into(),
    }
}

fn driven(
    artifact: &Artifact,
    resolve: &mut Resolve,
    name: &str,
    package: Option<PackageName>,
    side: Side,
) -> Result<Driven, Error> {
    let id = find(resolve, name).with_context(|| format!("there is no WIT of `{name}`"));
    let id = id.map_err(|error| super::internal(artifact, error))?;
    let plain = plain(resolve, id, package).map_err(|error| unsupported(artifact, name, error))?;
    let driven = Driven {
        plain,
        split: name.to_owned(),
        drain: false,
    };
    let has = resolve.interfaces[id].functions.keys().cloned().collect();
    fit::check(resolve, &driven, &has, side).map_err(|error| misfit(artifact, name, error))?;
    Ok(driven)
}

fn find(resolve: &Resolve, name: &str) -> Option<InterfaceId> {
    let mut interfaces = resolve.interfaces.iter().map(|(id, _)| id);
    interfaces.find(|id| resolve.id_of(*id).as_deref() == Some(name))
}

/// The side of a made part that has the split form of an interface; the other side has the plain form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    Imported,
    Exported,
}

/// A part that is made here.
struct MadePart {
    world: &'static str,
    driven: Vec<Driven>,
    root: Option<Root>,
    make: fn(&Resolve, &[Driven]) -> anyhow::Result<Vec<u8>>,
    /// The needed functions of each interface, if not all.
    used: Option<Functions>,
}

impl MadePart {
    /// The part, if it is needed.
    fn part(self, resolve: &mut Resolve, split: Split) -> anyhow::Result<Option<Part>> {
        let MadePart {
            world,
            mut driven,
            root,
            make,
            used,
        } = self;
        if driven.is_empty() && root.is_none() {
            return Ok(None);
        }
        let mut text = format!("package isyswasfa:{world}-world;\nworld {world} {{\n");
        text.push_str(&format!("import {TASKS};\nimport {IDLE};\n"));
        for driven in &driven {
            let (import, export) = match split {
                Split::Imported => (&driven.split, &driven.plain.name),
                Split::Exported => (&driven.plain.name, &driven.split),
            };
            text.push_str(&format!("import {import};\nexport {export};\n"));
        }
        if let Some(root) = root {
            text.push_str(&format!("use {TASKS}.{{pending, ready}};\n"));
            let (of_split, of_plain) = match split {
                Split::Imported => ("import", "export"),
                Split::Exported => ("export", "import"),
            };
            for (functions, direction) in [(&root.split, of_split), (&root.plain, of_plain)] {
                for function in functions.lines() {
                    text.push_str(&format!("{direction} {function}\n"));
                }
            }
            driven.push(root.driven);
        }
        text.push('}');
        let package = resolve.push_source("world.wit", &text)?;
        let mut resolve = resolve.clone();
        for driven in &driven {
            keep_functions(&mut resolve, driven, used.as_ref());
        }
        let id = resolve.packages[package].worlds[world];
        let module =
            make(&resolve, &driven).with_context(|| format!("failed to make the {world}"))?;
        Ok(Some(Part {
            module,
            moved: None,
            resolve,
            world: id,
        }))
    }
}

/// Keeps only the used functions in both forms of an interface.
fn keep_functions(resolve: &mut Resolve, driven: &Driven, used: Option<&Functions>) {
    let Some(used) = used.and_then(|used| used.get(&driven.split)) else {
        return;
    };
    if let Some(id) = find(resolve, &driven.split) {
        let functions = &mut resolve.interfaces[id].functions;
        functions.retain(|name, _| used.contains(name));
    }
    if let Some(id) = find(resolve, &driven.plain.name) {
        let plain: Vec<_> = driven
            .plain
            .functions
            .iter()
            .map(|it| &it.plain.name)
            .collect();
        let functions = &mut resolve.interfaces[id].functions;
        functions.retain(|name, _| plain.contains(&name));
    }
}
