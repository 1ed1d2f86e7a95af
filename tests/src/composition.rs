//! Compositions, made in this process.

use crate::{Backend, composable, lower_bytes};
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
    Ok(polyfill_host::compose::compose(main, vec![plug])?)
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
    Ok(polyfill_host::compose::compose(
        Part::from_file(main)?,
        plugs,
    )?)
}

/// The guest `main` with other guests behind its imports, as `compose_files` takes them, for `backend`: what is lowered is so
/// as a whole.
pub fn compose_guests(backend: Backend, main: &str, plugs: &[(&str, &str)]) -> Result<Vec<u8>> {
    let files: Vec<_> = plugs
        .iter()
        .map(|(imports, name)| (*imports, composable(name, backend)))
        .collect();
    let plugs: Vec<_> = files
        .iter()
        .map(|(imports, file)| (*imports, file.as_path()))
        .collect();
    let composed = compose_files(&composable(main, backend), &plugs)?;
    Ok(finished(backend, composed))
}

/// A composition, for `backend`.
pub fn finished(backend: Backend, composed: Vec<u8>) -> Vec<u8> {
    match backend {
        Backend::Lowered => lower_bytes("the composition".as_ref(), &composed),
        Backend::Isyswasfa | Backend::Native => composed,
    }
}
