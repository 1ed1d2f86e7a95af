//! Makes a component of a compiled core module.

use anyhow::{Context, Result};
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::{Resolve, WorldKey};

/// Encodes `module` to the file `component`, which is replaced as a whole: a server may be using it.
pub fn encode(module: &Path, component: &Path) -> Result<()> {
    let core =
        fs::read(module).with_context(|| format!("failed to read `{}`", module.display()))?;
    let bytes = of(&core)
        .with_context(|| format!("failed to make a component of `{}`", module.display()))?;
    isyswasfa_output::write(component, &bytes)
        .with_context(|| format!("failed to write `{}`", component.display()))
}

/// Encodes a module that was built with the guest macro.
pub fn of(module: &[u8]) -> Result<Vec<u8>> {
    let encode = |module: &[u8]| {
        let module = without_main(module)?;
        ComponentEncoder::default()
            .validate(true)
            .module(&module)?
            .encode()
    };
    match std_on_first_release(module)? {
        // If `std` uses items of a later release, that release is kept.
        Some(first) => encode(&first).or_else(|_| encode(module)),
        None => encode(module),
    }
}

/// The module with imports of WASI 0.2.0 where Rust's `std` imports a later release of 0.2: all hosts know the first one, and
/// the functions are the same. `None`: it has no such imports.
///
/// `std` is linked with two libraries of bindings: libc's, of 0.2.0, which has all interfaces of a command, and its own.
fn std_on_first_release(module: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut first = Module::new();
    let mut is_changed = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name().starts_with("component-type:")
            && section.name().ends_with("-in-libstd")
        {
            is_changed = true;
            continue;
        }
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let range = range.start as usize..range.end as usize;
        if let Payload::ImportSection(section) = payload {
            let mut imports = module[range.clone()].to_vec();
            for import in section.into_imports() {
                let name = import?.module;
                let is_release = name.strip_prefix("wasi:").is_some_and(|name| {
                    let release = name.split_once("@0.2.").map(|(_, patch)| patch);
                    // A patch version as long as `0` can be overwritten.
                    release.is_some_and(|patch| patch.len() == 1)
                });
                if is_release {
                    let at = name.as_ptr() as usize + name.len() - 1 - module.as_ptr() as usize;
                    imports[at - range.start] = b'0';
                }
            }
            first.section(&RawSection { id, data: &imports });
        } else {
            let data = &module[range];
            first.section(&RawSection { id, data });
        }
    }
    Ok(is_changed.then(|| first.finish()))
}

/// Removes `wasi:cli/run` of WASI 0.2 from a program that also exports that of WASI 0.3, in either ABI. Its `main` exists only
/// because Rust wants one, and no host should call it.
fn without_main(module: &[u8]) -> Result<Cow<'_, [u8]>> {
    let (stripped, mut bindgen) = metadata::decode(module)?;
    let (Some(mut stripped), world) = (stripped, bindgen.world) else {
        return Ok(module.into());
    };
    let exports = &bindgen.resolve.worlds[world].exports;
    let runs: Vec<_> = exports
        .keys()
        .filter_map(|key| Some((key.clone(), minor_of_run(&bindgen.resolve, key)?)))
        .collect();
    let exports_run = |of: u64| runs.iter().any(|(_, minor)| *minor == of);
    if !exports_run(2) || !exports_run(3) {
        return Ok(module.into());
    }
    let exports = &mut bindgen.resolve.worlds[world].exports;
    exports.retain(|key, _| !runs.contains(&(key.clone(), 2)));
    let encoding = StringEncoding::UTF8;
    embed_component_metadata(&mut stripped, &bindgen.resolve, world, encoding, false)?;
    Ok(stripped.into())
}

/// The minor version of WASI, if an export is its `wasi:cli/run`.
fn minor_of_run(resolve: &Resolve, key: &WorldKey) -> Option<u64> {
    let WorldKey::Interface(id) = key else {
        return None;
    };
    let interface = &resolve.interfaces[*id];
    let package = &resolve.packages[interface.package?].name;
    let is_run = (package.namespace.as_str(), package.name.as_str()) == ("wasi", "cli")
        && interface.name.as_deref() == Some("run");
    is_run.then_some(package.version.as_ref()?.minor)
}
