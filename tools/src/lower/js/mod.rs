//! `lower --for js`: turns guests of the split ABI into a component whose host is JavaScript, which must never block.
//!
//! Nothing in it waits. It exports the start half, the result half and the poll function of each async function, and imports
//! `isyswasfa:core`: the package in the folder `js` has both the core and the driver, and awaits promises when no task can run.
//!
//! (1) Imports that a browser cannot have are refused.
//! (2) The imports decide on the parts of the adapter, as for hosts of WASI 0.2.
//! (3) Guests and adapter are plugged together. The remaining imports are the core, WASI 0.2 and users' interfaces.
//! (4) One more export tells the package which functions are async: see [`about`].

mod about;
mod serve;

use super::adapted::Adapted;
use super::part::{self, Functions, imported};
use super::place::Place;
use super::plug::Plugged;
use super::{Error, Lowered, check_input, features, internal, strip};
use crate::abi::{InterfaceName, Shape};
use crate::artifact::Artifact;
use anyhow::{Context, Result};
use isyswasfa_wit::names::{HTTP_HANDLER, is_moved};
use std::collections::{BTreeSet, HashMap};
use wac_graph::{CompositionGraph, EncodeOptions};
use wasmparser::Validator;

/// The packages whose interfaces a browser cannot have, and what they stand for.
const NOT_THERE: [(&str, &str); 2] = [
    ("wasi:filesystem", "no file system"),
    ("wasi:sockets", "no sockets"),
];

/// Lowers a component of the split ABI, or a composition of such components, for the package in the folder `js`. With `strip`, the
/// names of functions are left out.
///
/// # Errors
/// If the input is no such component, or imports something that JavaScript in a browser cannot have.
pub fn lower_for_js(artifact: &Artifact, strip: bool) -> Result<Lowered, Error> {
    let file = || artifact.name().to_owned();
    if artifact.has_bridges() {
        return Err(Error::Bridged { file: file() });
    }
    check_input(artifact)?;
    if artifact.shape().exports.is_empty() {
        return Err(Error::NoExports { file: file() });
    }
    // (1)
    refuse_imports(artifact)?;
    let (resolve, world) = crate::surface::decode(artifact).map_err(|error| Error::NotWit {
        file: file(),
        reason: error.into(),
    })?;
    // (2)
    let internal = |error| internal(artifact, error);
    let adapted = adapted(artifact).map_err(internal)?;
    for import in &artifact.shape().imports {
        if adapted.serving(import).is_none() && is_unanswered(import) {
            return Err(Error::Unanswered {
                file: file(),
                import: import.clone(),
            });
        }
    }
    let about = about::component(&resolve, world).map_err(internal)?;
    // (3), (4)
    let wasm = plug(artifact, &adapted, &about);
    let mut wasm = wasm.map_err(|error| Error::Misfit {
        file: file(),
        reason: error.into(),
    })?;
    if strip {
        wasm = strip::strip(&wasm).map_err(internal)?;
    }
    check(&wasm).map_err(internal)?;
    let left_out = Vec::new();
    Ok(Lowered { wasm, left_out })
}

/// Refuses a component by its imports that a browser cannot have, all of them at once.
fn refuse_imports(artifact: &Artifact) -> Result<(), Error> {
    let imports = &artifact.shape().imports;
    let mut lacks = BTreeSet::new();
    let refused = imports.iter().filter(|import| {
        let name = InterfaceName::parse(import);
        let lack = NOT_THERE
            .iter()
            .find(|(package, _)| name.as_ref().is_some_and(|name| name.package == *package));
        lacks.extend(lack.map(|(_, lack)| *lack));
        lack.is_some()
    });
    let refused: Vec<_> = refused.map(|import| format!("`{import}`")).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Error::NotInJs {
        file: artifact.name().to_owned(),
        imports: refused.join(", "),
        lacks: Vec::from_iter(lacks).join(" and "),
    })
}

/// Whether an import that no part of the adapter serves is of WASI 0.3: JavaScript implements WASI 0.2 and users' interfaces.
fn is_unanswered(import: &str) -> bool {
    InterfaceName::parse(import).is_some_and(|name| {
        let is_0_3 = |version: &semver::Version| (version.major, version.minor) >= (0, 3);
        name.package.starts_with("wasi:") && name.version.as_ref().is_some_and(is_0_3)
    })
}

/// The parts of the adapter for the guests' imports, and for requests if they handle those.
fn adapted(artifact: &Artifact) -> Result<Adapted> {
    let mut functions: Functions = part::functions(crate::surface::imported(artifact)?);
    if handler(artifact.shape()).is_some() {
        for (interface, names) in imported(&serve::component()?)? {
            if !is_handler(&interface) {
                functions.entry(interface).or_default().extend(names);
            }
        }
    }
    Adapted::new(functions)
}

/// The export that handles HTTP.
fn handler(shape: &Shape) -> Option<&str> {
    let mut exports = shape.exports.iter();
    exports.find(|it| is_handler(it)).map(String::as_str)
}

fn is_handler(name: &str) -> bool {
    InterfaceName::parse(name).is_some_and(|name| name.is_split() && name.is(HTTP_HANDLER))
}

fn plug(artifact: &Artifact, adapted: &Adapted, about: &[u8]) -> Result<Vec<u8>> {
    let mut plugged = Plugged::new(CompositionGraph::new());
    let mut parts = HashMap::new();
    for (place, name, part) in adapted.parts(&mut Place::Apart)? {
        parts.insert(place, plugged.add(name, &part.component()?)?.0);
    }
    let connect = |plugged: &mut Plugged, to, imports: &[String]| -> Result<()> {
        for import in imports {
            if let Some((part, export)) = adapted.serving(import) {
                plugged.connect(to, import, parts[&part], export)?;
            }
        }
        Ok(())
    };
    let (guests, mut exports) = plugged.add("guests", artifact.wasm())?;
    connect(&mut plugged, guests, &artifact.shape().imports)?;
    if let Some(handler) = handler(artifact.shape()) {
        // Requests and responses stay inside: jco loses handles of one component that JavaScript gives to another one.
        exports.retain(|export| export != handler);
        let serve = serve::component()?;
        let imports = Shape::read("serve".as_ref(), &serve)?.imports;
        let (serve, serve_exports) = plugged.add("serve", &serve)?;
        connect(&mut plugged, serve, &imports)?;
        let import = imports.iter().find(|it| is_handler(it));
        plugged.connect(
            serve,
            import.context("it calls no handler")?,
            guests,
            handler,
        )?;
        plugged.export_all(serve, &serve_exports)?;
    }
    let (about, about_exports) = plugged.add("about", about)?;
    plugged.export_all(guests, &exports)?;
    plugged.export_all(about, &about_exports)?;
    Ok(plugged.graph.encode(EncodeOptions::default())?)
}

/// Checks that the result is valid, and imports nothing of WASI 0.3.
fn check(wasm: &[u8]) -> Result<()> {
    Validator::new_with_features(features())
        .validate_all(wasm)
        .context("what was made is not valid WASI 0.2")?;
    let shape = Shape::read("the lowered component".as_ref(), wasm)?;
    for name in &shape.imports {
        let is_wasi = name.starts_with("wasi:");
        let version = InterfaceName::parse(name).and_then(|name| name.version);
        let is_split = is_wasi && version.as_ref().is_some_and(is_moved);
        anyhow::ensure!(!is_split, "what was made still imports `{name}`");
    }
    Ok(())
}
