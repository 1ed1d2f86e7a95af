//! Compositions, made in this process.

use anyhow::Result;
use polyfill_host::compose::{Part, Plug};
use std::path::Path;

/// The component `main` with `plug` behind those imports that it fits.
pub fn compose(main: &[u8], plug: &[u8]) -> Result<Vec<u8>> {
    let plug = Plug {
        part: Part::new("plug", plug.to_vec())?,
        imports: vec![],
    };
    let main = Part::new("main", main.to_vec())?;
    Ok(polyfill_host::compose::compose(main, vec![plug])?.wasm)
}

/// The component in the file `main` with others behind its imports, each with the names of those, separated by commas;
/// without a name, behind those that it fits.
pub fn compose_files(main: &Path, plugs: &[(&str, &Path)]) -> Result<Vec<u8>> {
    let plugs = plugs.iter().map(|(imports, file)| {
        let names = imports.split(',').filter(|name| !name.is_empty());
        anyhow::Ok(Plug {
            part: Part::from_file(file)?,
            imports: names.map(str::to_owned).collect(),
        })
    });
    let plugs = plugs.collect::<Result<_>>()?;
    let main = Part::from_file(main)?;
    Ok(polyfill_host::compose::compose(main, plugs)?.wasm)
}
