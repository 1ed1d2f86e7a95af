//! Chooses the parts of the adapter that are needed, and their functions.

use super::part::{self, Functions, prune};
use super::place::Place;
use crate::abi::InterfaceName;
use crate::adapter::{PARTS, Part, serves};
use anyhow::Result;
use isyswasfa_wit::names::{CORE, PIPES_PACKAGE};
use std::collections::{HashMap, HashSet};

/// The part for `wasi:http` without its client, as `cargo xtask embedded` has built it from the folder `adapter`.
pub const SERVER: &[u8] = include_bytes!("server.wasm");

/// Parts of the adapter, with the functions that are needed.
pub struct Adapted {
    /// By import: the part's number, and the name of its export.
    served: HashMap<String, (usize, String)>,
    /// The imported functions, by interface.
    functions: Functions,
}

impl Adapted {
    /// Chooses parts for these imports. Imports that no part serves are left out.
    ///
    /// # Errors
    /// Internal error: a part of the adapter is malformed.
    pub fn new(functions: Functions) -> Result<Adapted> {
        let exports: Result<Vec<_>> = PARTS.iter().map(exports).collect();
        let exports = exports?;
        let mut several = Vec::new();
        let mut served: HashMap<String, (usize, String)> = HashMap::new();
        for import in functions.keys() {
            let Some(name) = InterfaceName::parse(import) else {
                continue;
            };
            let mut parts: Vec<_> = exports
                .iter()
                .enumerate()
                .filter_map(|(part, exports)| {
                    let export = exports.iter().find(|export| serves(export, &name))?;
                    Some((part, export.clone()))
                })
                .collect();
            match parts.len() {
                0 => {}
                1 => {
                    served.insert(import.to_owned(), parts.remove(0));
                }
                _ => several.push((import.to_owned(), parts)),
            }
        }
        // Types that several parts have come from one that is needed anyway.
        for (import, parts) in several {
            let there = |(part, _): &&(usize, String)| served.values().any(|(p, _)| p == part);
            let part = parts.iter().find(there).or(parts.first()).cloned();
            served.extend(part.map(|part| (import, part)));
        }
        Ok(Adapted { served, functions })
    }

    /// The provider of an import: the part's number, and the name of its export.
    pub fn serving(&self, import: &str) -> Option<(usize, &str)> {
        let (part, export) = self.served.get(import)?;
        Some((*part, export))
    }

    /// The needed parts, by number, pruned.
    ///
    /// # Errors
    /// Internal error: a part of the adapter is malformed.
    pub fn parts(&self, at: &mut Place<'_>) -> Result<Vec<(usize, &'static str, part::Part)>> {
        let mut parts = Vec::new();
        for (place, part) in PARTS.iter().enumerate() {
            let mut wanted = Functions::new();
            for (import, (of, export)) in &self.served {
                if *of == place {
                    let functions = wanted.entry(export.clone()).or_default();
                    functions.extend(self.functions[import].iter().cloned());
                }
            }
            if !wanted.is_empty() {
                let sends = |export: &String| export.starts_with("wasi:http/client@");
                let reads = |functions: &HashSet<String>| {
                    READS.iter().any(|function| functions.contains(*function))
                };
                let serves = part.package == "wasi:http" && !wanted.keys().any(sends);
                // A guest that neither sends requests nor reads bodies of incoming ones never reads a body.
                let has_bodies = !serves || wanted.values().any(reads);
                let component = if serves { SERVER } else { part.component };
                let stays = |import: &str, function: &str, exports: &HashSet<String>| {
                    (has_bodies || !is_of_body(import, function)) && stays(part, import, exports)
                };
                let pruned = prune(component, &wanted, stays, at)?;
                parts.push((place, part.package, pruned));
            }
        }
        Ok(parts)
    }
}

/// The functions that return the body of a message.
const READS: [&str; 2] = [
    "[static]request.consume-body",
    "[static]response.consume-body",
];

/// Whether a function is needed only to read the body of an incoming message.
fn is_of_body(import: &str, function: &str) -> bool {
    let Some(import) = InterfaceName::parse(import) else {
        return false;
    };
    let of = function.split_once(']').map_or(function, |(_, of)| of);
    let resource = of.split_once('.').map_or(of, |(resource, _)| resource);
    match (import.package, import.interface) {
        ("wasi:http", "types") => {
            ["incoming-body", "future-trailers"].contains(&resource) || of.ends_with(".consume")
        }
        ("wasi:io", "streams") => resource == "input-stream",
        _ => false,
    }
}

fn exports(part: &Part) -> Result<Vec<String>> {
    let shape = crate::abi::Shape::read(part.package.as_ref(), part.component)?;
    Ok(shape.exports)
}

/// Whether a part needs an import for its exports. In `wasi:cli` and `wasi:http`, each interface is implemented on the one like
/// it; other parts need all of their imports.
fn stays(part: &Part, import: &str, exports: &HashSet<String>) -> bool {
    let Some(import) = InterfaceName::parse(import) else {
        return true;
    };
    if !["wasi:cli", "wasi:http"].contains(&part.package) {
        return true;
    }
    let like = match (import.package, import.interface) {
        // The core; streams; the types of every message; stderr for messages of panics.
        (CORE | PIPES_PACKAGE | "wasi:io", _) | ("wasi:http", "types") | ("wasi:cli", "stderr") => {
            return true;
        }
        ("wasi:clocks", "wall-clock") => "system-clock",
        ("wasi:http", "outgoing-handler") => "client",
        (_, interface) => interface,
    };
    exports
        .iter()
        .filter_map(|export| InterfaceName::parse(export))
        .any(|export| (export.package, export.interface) == (import.package, like))
}
