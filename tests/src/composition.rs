//! Compositions, made in this process.

use anyhow::Result;
use polyfill_host::compose::{Part, Plug};
use std::path::Path;

/// Composes the component `main` with `plug` behind the imports that it fits.
pub fn compose(main: &[u8], plug: &[u8]) -> Result<Vec<u8>> {
    let plug = Plug {
        part: Part::new("plug", plug.to_vec())?,
        imports: vec![],
    };
    let main = Part::new("main", main.to_vec())?;
    Ok(polyfill_host::compose::compose(main, vec![plug])?.wasm)
}

/// Composes the component in the file `main` with others. Each has the names of the imports that it serves, separated by
/// commas; without a name, it serves those that it fits.
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
