//! WASI 0.3 in its split form on WASI 0.2: the embedded adapter component, and how it is plugged into others.

use crate::abi::{InterfaceName, Shape};
use semver::Version;
use std::borrow::Cow;
use std::path::Path;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// The adapter component, as `cargo xtask adapter` has built it from the folder `adapter`.
pub const ADAPTER: &[u8] = include_bytes!("adapter.wasm");

/// The packages whose split interfaces this host leaves to the adapter.
const LEFT_TO_ADAPTER: [&str; 2] = ["wasi:filesystem", "wasi:sockets"];

/// The component with the adapter behind those imports that this host does not implement itself; the same component, if
/// there are none.
///
/// # Errors
/// If the component cannot be composed: it uses a feature that the composer does not know.
pub fn plug(component: &[u8]) -> anyhow::Result<Cow<'_, [u8]>> {
    plug_where(component, |name| LEFT_TO_ADAPTER.contains(&name.package))
}

/// The component with the adapter behind all split imports for which `wanted` says so and that the adapter provides.
///
/// # Errors
/// As for [`plug`].
pub fn plug_where(
    component: &[u8],
    wanted: impl Fn(&InterfaceName<'_>) -> bool,
) -> anyhow::Result<Cow<'_, [u8]>> {
    let shape = |name: &str, bytes: &[u8]| {
        Shape::read(Path::new(name), bytes).map_err(|error| anyhow::anyhow!("{error}"))
    };
    let imports = shape("component", component)?.imports;
    if !imports.iter().any(|import| {
        InterfaceName::parse(import).is_some_and(|name| name.is_split() && wanted(&name))
    }) {
        return Ok(Cow::Borrowed(component));
    }
    let provided = shape("adapter", ADAPTER)?.exports;
    let plugs: Vec<(&String, &String)> = imports
        .iter()
        .filter_map(|import| {
            let name = InterfaceName::parse(import).filter(|name| wanted(name))?;
            let export = provided.iter().find(|export| serves(export, &name))?;
            Some((import, export))
        })
        .collect();
    if plugs.is_empty() {
        return Ok(Cow::Borrowed(component));
    }

    let mut graph = CompositionGraph::new();
    let (plugged, exports) = add(&mut graph, "component", component)?;
    let (adapter, _) = add(&mut graph, "adapter", ADAPTER)?;
    for (import, export) in plugs {
        let export = graph.alias_instance_export(adapter, export)?;
        graph.set_instantiation_argument(plugged, import, export)?;
    }
    for name in exports {
        let export = graph.alias_instance_export(plugged, &name)?;
        graph.export(export, &name)?;
    }
    Ok(Cow::Owned(graph.encode(EncodeOptions::default())?))
}

/// Adds an instance of the component: its node, and what it exports.
fn add(
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

/// Whether an export of the adapter serves an import: that of the same interface, at the same or an earlier patch version.
/// A pre-release is matched exactly by every engine, so this is for us to know.
fn serves(export: &str, import: &InterfaceName<'_>) -> bool {
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
    fn what_needs_no_adapter_stays_as_it_is() {
        let wasm =
            wat::parse_str(r#"(component (import "wasi:cli/stdin@0.3.2-isyswasfa" (instance)))"#)
                .unwrap();
        assert!(matches!(plug(&wasm).unwrap(), Cow::Borrowed(same) if same == wasm));
    }

    #[test]
    fn the_adapter_needs_nothing_but_wasi_0_2_0_and_the_core() {
        let shape = Shape::read(Path::new("adapter.wasm"), ADAPTER).unwrap();
        for import in &shape.imports {
            let name = InterfaceName::parse(import).unwrap();
            let is_core = ["isyswasfa:core", "isyswasfa:pipes"].contains(&name.package);
            let is_0_2_0 = name.version == Some(Version::new(0, 2, 0));
            assert!(is_core || is_0_2_0, "{import}");
        }
    }
}
