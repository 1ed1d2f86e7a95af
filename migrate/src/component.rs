//! The imports and exports of WASI in a component: what each becomes in 0.3, and which of them the toolchain's standard library imports.

use crate::moves::{TO, moves};
use anyhow::{Context, Result, bail};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldItem, WorldKey};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub is_export: bool,
    /// `wasi:http/types`
    pub interface: String,
    pub version: Option<semver::Version>,
    /// Its name in 0.3. `None` if it is gone, or is not in the table of moves.
    pub becomes: Option<String>,
    /// The standard library of Rust (or C) imports it for any program; the author may have asked for it as well.
    pub from_std: bool,
}

/// All interfaces by name that the component imports and exports.
pub fn uses(bytes: &[u8]) -> Result<Vec<Use>> {
    if bytes.starts_with(b"\0asm\x01\0\0\0") {
        bail!("it is a core module, not a component");
    }
    let (resolve, world) = match wit_component::decode(bytes).context("it is not a component")? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => bail!("it is a WIT package, not a component"),
    };
    let world = &resolve.worlds[world];
    let named = |is_export| {
        let resolve = &resolve;
        move |(key, item): (&WorldKey, &WorldItem)| {
            matches!(item, WorldItem::Interface { .. })
                .then(|| used(resolve, key, is_export))
                .flatten()
        }
    };
    Ok(world
        .imports
        .iter()
        .filter_map(named(false))
        .chain(world.exports.iter().filter_map(named(true)))
        .collect())
}

fn used(resolve: &Resolve, key: &WorldKey, is_export: bool) -> Option<Use> {
    let WorldKey::Interface(id) = key else {
        return None;
    };
    let interface = &resolve.interfaces[*id];
    let package = &resolve.packages[interface.package?].name;
    let name = format!(
        "{}:{}/{}",
        package.namespace,
        package.name,
        interface.name.as_ref()?
    );
    let version = package.version.clone();
    let is_old = version
        .as_ref()
        .is_some_and(|version| (version.major, version.minor) == (0, 2));
    let becomes = moves()
        .target(&name)
        .filter(|_| is_old)
        .map(|to| format!("{to}@{TO}"));
    Some(Use {
        is_export,
        from_std: !is_export && is_old && from_std(&name),
        interface: name,
        version,
        becomes,
    })
}

/// The interfaces that std's start-up, files, clocks, sockets and random numbers import on `wasm32-wasip2`.
fn from_std(name: &str) -> bool {
    let Some((package, interface)) = name.trim_start_matches("wasi:").split_once('/') else {
        return false;
    };
    match package {
        "cli" => interface != "run",
        "io" | "filesystem" => true,
        "clocks" => interface != "timezone",
        "random" => matches!(interface, "random" | "insecure-seed"),
        "sockets" => true,
        _ => false,
    }
}
