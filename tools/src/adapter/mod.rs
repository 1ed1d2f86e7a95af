//! The embedded adapter, which implements WASI 0.3 in its split form on WASI 0.2, and code that plugs it into components.

mod error;

pub use error::Error;

use crate::abi::{InterfaceName, Shape};
use crate::artifact;
use semver::Version;
use std::borrow::Cow;
use std::path::Path;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// A component that implements some of WASI 0.3, as `cargo xtask embedded` has built it from the folder `adapter`.
pub struct Part {
    /// The package that it implements, or the first of several.
    pub package: &'static str,
    /// The component.
    pub component: &'static [u8],
}

/// All parts of the adapter. No part needs another. Each imports only interfaces of WASI 0.2 like those that it exports: a
/// program that reads files needs no sockets.
pub const PARTS: [Part; 4] = [
    Part {
        package: "wasi:cli",
        component: include_bytes!("cli.wasm"),
    },
    Part {
        package: "wasi:filesystem",
        component: include_bytes!("filesystem.wasm"),
    },
    Part {
        package: "wasi:sockets",
        component: include_bytes!("sockets.wasm"),
    },
    Part {
        package: "wasi:http",
        component: include_bytes!("http.wasm"),
    },
];

/// The packages whose split interfaces the adapter implements for this host.
const LEFT_TO_ADAPTER: [&str; 2] = ["wasi:filesystem", "wasi:sockets"];

/// The component with the adapter plugged behind imports that this host does not implement itself. Without such imports, the
/// same component.
///
/// # Errors
/// If the component cannot be composed, since it uses a feature that the composer does not know.
pub fn plug(component: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    plug_where(component, |name| LEFT_TO_ADAPTER.contains(&name.package))
}

/// The component with the adapter plugged behind those imports of WASI 0.3 that `wanted` selects and the adapter provides.
/// Interfaces that the split does not change are among them.
///
/// # Errors
/// As for [`plug`].
pub fn plug_where(
    component: &[u8],
    wanted: impl Fn(&InterfaceName<'_>) -> bool,
) -> Result<Cow<'_, [u8]>, Error> {
    let imports = shape("component", component)?.imports;
    let wanted: Vec<_> = imports
        .iter()
        .filter_map(|import| {
            Some((
                import,
                InterfaceName::parse(import).filter(|name| wanted(name))?,
            ))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Cow::Borrowed(component));
    }
    composed(component, wanted)
}

/// Plugs the adapter behind these imports, if it provides any of them.
fn composed<'a>(
    component: &'a [u8],
    wanted: Vec<(&String, InterfaceName<'_>)>,
) -> Result<Cow<'a, [u8]>, Error> {
    let mut graph = CompositionGraph::new();
    let (plugged, exports) = add(&mut graph, "component", component)?;
    let mut left = wanted;
    let wanted = left.len();
    for part in &PARTS {
        let provided = shape(part.package, part.component)?.exports;
        let mut instance = None;
        let mut others = Vec::new();
        for (import, name) in left {
            let Some(export) = provided.iter().find(|export| serves(export, &name)) else {
                others.push((import, name));
                continue;
            };
            let instance = match instance {
                Some(instance) => instance,
                None => {
                    let (added, _) = add(&mut graph, part.package, part.component)?;
                    *instance.insert(added)
                }
            };
            let export = graph
                .alias_instance_export(instance, export)
                .map_err(misfit)?;
            graph
                .set_instantiation_argument(plugged, import, export)
                .map_err(misfit)?;
        }
        left = others;
    }
    if left.len() == wanted {
        return Ok(Cow::Borrowed(component));
    }
    for name in exports {
        let export = graph
            .alias_instance_export(plugged, &name)
            .map_err(misfit)?;
        graph.export(export, &name).map_err(misfit)?;
    }
    let composed = graph.encode(EncodeOptions::default()).map_err(misfit)?;
    Ok(Cow::Owned(composed))
}

fn misfit(error: impl Into<anyhow::Error>) -> Error {
    error.into().into()
}

fn shape(name: &str, bytes: &[u8]) -> Result<Shape, artifact::Error> {
    Shape::read(Path::new(name), bytes)
}

/// Adds an instance of the component. Returns its node and its exports.
pub(crate) fn add(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: &[u8],
) -> anyhow::Result<(NodeId, Vec<String>)> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
    let package = graph.register_package(package)?;
    let exports = &graph.types()[graph[package].ty()].exports;
    let exports = exports.keys().cloned().collect();
    Ok((graph.instantiate(package), exports))
}

/// Whether an export of the adapter serves an import: the same interface, in the same or an earlier patch version. Engines
/// match pre-releases exactly, so this has to be decided here.
pub(crate) fn serves(export: &str, import: &InterfaceName<'_>) -> bool {
    let Some(export) = InterfaceName::parse(export) else {
        return false;
    };
    let versions = (&export.version, &import.version);
    export.package == import.package
        && export.interface == import.interface
        && matches!(versions, (Some(export), Some(import)) if is_at_least(export, import))
}

fn is_at_least(export: &Version, import: &Version) -> bool {
    (export.major, export.minor, &export.pre) == (import.major, import.minor, &import.pre)
        && export.patch >= import.patch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_patch_versions_are_served() {
        let name = |name| InterfaceName::parse(name).unwrap();
        let export = "wasi:filesystem/types@0.3.2-isyswasfa";
        assert!(serves(
            export,
            &name("wasi:filesystem/types@0.3.0-isyswasfa")
        ));
        assert!(serves(export, &name(export)));
        for other in [
            "wasi:filesystem/types@0.3.3-isyswasfa",
            "wasi:filesystem/types@0.3.2",
            "wasi:filesystem/preopens@0.3.2-isyswasfa",
            "wasi:sockets/types@0.3.2-isyswasfa",
            "wasi:filesystem/types",
        ] {
            assert!(!serves(export, &name(other)), "{other}");
        }
    }

    #[test]
    fn a_component_that_needs_no_adapter_is_unchanged() {
        let wasm =
            wat::parse_str(r#"(component (import "wasi:cli/stdin@0.3.2-isyswasfa" (instance)))"#)
                .unwrap();
        assert!(matches!(plug(&wasm).unwrap(), Cow::Borrowed(same) if same == wasm));
    }

    #[test]
    fn each_part_imports_only_interfaces_like_its_exports() {
        for part in &PARTS {
            let own: &[&str] = match part.package {
                "wasi:cli" => &["wasi:cli", "wasi:random"],
                package => &[package],
            };
            for import in shape(part.package, part.component).unwrap().imports {
                let name = InterfaceName::parse(&import).unwrap();
                let is_core = name.is_core();
                let is_0_2_0 = name.version == Some(Version::new(0, 2, 0));
                // Every world of 0.2 has stderr: messages of panics go there.
                let is_stderr = (name.package, name.interface) == ("wasi:cli", "stderr");
                let is_like = is_stderr
                    || [own, &["wasi:io", "wasi:clocks"]]
                        .concat()
                        .contains(&name.package);
                assert!(
                    is_core || (is_0_2_0 && is_like),
                    "{}: {import}",
                    part.package
                );
            }
        }
    }

    #[test]
    fn all_of_wasi_0_3_is_provided() {
        let provided: Vec<_> = PARTS
            .iter()
            .flat_map(|part| shape(part.package, part.component).unwrap().exports)
            .collect();
        for (package, interfaces) in [
            (
                "cli",
                "environment exit types stdin stdout stderr terminal-input terminal-output terminal-stdin terminal-stdout terminal-stderr",
            ),
            ("clocks", "types monotonic-clock system-clock"),
            ("filesystem", "types preopens"),
            ("http", "types client"),
            ("random", "random insecure insecure-seed"),
            ("sockets", "types ip-name-lookup"),
        ] {
            for interface in interfaces.split(' ') {
                let name = format!("wasi:{package}/{interface}@0.3.2");
                let split = format!("{name}-isyswasfa");
                assert!(
                    provided.contains(&name) || provided.contains(&split),
                    "{name}"
                );
            }
        }
    }
}
