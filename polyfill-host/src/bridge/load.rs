//! The islands of a composition, compiled and linked: what all its instances share.

use super::island::Target;
use super::section::Bridges;
use crate::abi::Abi;
use crate::bad_input::BadInput;
use crate::engine::EngineOptions;
use crate::guest::Guest;
use crate::load::Engines;
use crate::options::GuestOptions;
use crate::split::{SplitPre, split_name};
use isyswasfa_tools::Artifact;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

/// All islands of a composition but the first.
pub(crate) struct Islands {
    islands: Vec<Loaded>,
    queue: NonZeroUsize,
}

struct Loaded {
    name: String,
    engine: Engine,
    code: Code,
}

/// An island that is ready to be instantiated.
pub(super) enum Code {
    Plain(InstancePre<Guest>),
    Native(InstancePre<Guest>),
    Split(SplitPre<Guest>),
}

impl Islands {
    /// The islands behind the bridges of the composition in the file `path`. Takes as long as compiling does.
    ///
    /// # Errors
    /// If one of them cannot be loaded: says which, and why.
    pub fn load(
        path: &Path,
        bridges: &Bridges,
        engine: &EngineOptions,
        options: &GuestOptions,
    ) -> Result<Arc<Self>, BadInput> {
        // Without a pool: its places are for compositions, which would otherwise wait for those that their own islands need.
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
        Ok(Arc::new(Self {
            islands,
            queue: options.bridge_queue,
        }))
    }

    pub(super) fn len(&self) -> usize {
        self.islands.len()
    }

    /// The islands' names for people.
    pub(super) fn name(&self, number: usize) -> &str {
        &self.islands[number].name
    }

    pub(super) fn code(&self, number: usize) -> (&Engine, &Code) {
        let island = &self.islands[number];
        (&island.engine, &island.code)
    }

    /// How many calls may wait for an island.
    pub(super) fn queue(&self) -> usize {
        self.queue.get()
    }

    /// Whether a function is exported as two halves.
    pub(super) fn is_split(&self, number: usize, target: &Target) -> bool {
        let Code::Split(pre) = &self.islands[number].code else {
            return false;
        };
        let component: &Component = pre.component();
        let (start, _) = split_name(&target.function);
        let interface = target.interface.as_deref();
        let interface = interface.map(|it| component.get_export_index(None, it));
        match interface {
            Some(None) => false,
            Some(Some(it)) => component.get_export_index(Some(&it), &start).is_some(),
            None => component.get_export_index(None, &start).is_some(),
        }
    }
}
