//! Compiles and links the islands behind the bridges of a composition.

use super::{Engines, LoadError};
use crate::abi::Abi;
use crate::bridge::section::Bridges;
use crate::bridge::{Code, Islands, Loaded};
use crate::engine::EngineOptions;
use crate::options::GuestOptions;
use crate::split::SplitPre;
use isyswasfa_tools::Artifact;
use std::path::Path;
use std::sync::Arc;

/// The islands behind the bridges of the composition in the file `path`. Takes as long as compiling does.
///
/// # Errors
/// If one of them cannot be loaded: the error says which, and why.
pub(crate) fn islands(
    path: &Path,
    bridges: &Bridges,
    engine: &EngineOptions,
    options: &GuestOptions,
) -> Result<Arc<Islands>, LoadError> {
    // Without a pool: otherwise compositions would wait for places that their own islands need.
    let engines = Engines::new(EngineOptions {
        pooling_allocator: Some(false),
        ..engine.clone()
    });
    let mut islands = Vec::new();
    for (at, island) in bridges.islands.iter().enumerate() {
        let name = format!("{} (in {})", island.name, path.display());
        let path = Path::new(&name);
        let artifact = Artifact::new(&name, island.wasm.clone())?;
        let abi = artifact.abi();
        let prepared = engines.prepare(&artifact, abi, options)?;
        let pre = prepared.link(path, bridges.from(at + 1))?;
        islands.push(Loaded {
            name: island.name.clone(),
            engine: pre.engine().clone(),
            code: match abi {
                Abi::Plain => Code::Plain(pre),
                Abi::Native => Code::Native(pre),
                Abi::Split => Code::Split(SplitPre::new(pre)),
            },
        });
    }
    Ok(Arc::new(Islands::new(islands, options.bridge_queue)))
}
