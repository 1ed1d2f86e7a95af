//! The driver of HTTP for JavaScript, which never waits: `serve.wat`.

use crate::lower::HTTP;
use crate::lower::adapted::SERVER;
use crate::lower::part::{decode, encode};
use anyhow::{Context, Result};
use wit_parser::{Resolve, WorldId};

const MODULE: &str = include_str!("serve.wat");
const WIT: &str = include_str!("serve.wit");

/// Its component. Its WIT is that of the adapter, which has all functions for requests, and of the driver of HTTP for hosts of WASI
/// 0.2, which has the handler.
///
/// # Errors
/// Internal error: the component cannot be made.
pub fn component() -> Result<Vec<u8>> {
    let (mut resolve, _) = decode(SERVER)?;
    resolve.merge(renamed(decode(HTTP)?))?;
    let package = resolve.push_source("serve.wit", WIT)?;
    let world = resolve.packages[package].worlds["serving"];
    let module = wat::parse_str(MODULE).context("failed to make the module")?;
    encode(module, &resolve, world)
}

/// The WIT of a component, whose own package has another name than in the WIT of other components.
fn renamed((mut resolve, world): (Resolve, WorldId)) -> Resolve {
    if let Some(package) = resolve.worlds[world].package {
        let name = &mut resolve.packages[package].name;
        resolve.package_names.shift_remove(name);
        name.name.push_str("-http");
        resolve.package_names.insert(name.clone(), package);
    }
    resolve
}
