//! Reads, plugs, compiles and links components.

mod error;
mod islands;
mod link;

pub use error::{LoadError, MissingImport};
pub(crate) use islands::islands;

use crate::abi::{Abi, Shape};
use crate::adapter;
use crate::bridge::section::Bridge;
use crate::engine::{EngineOptions, Features};
use crate::guest::Guest;
use crate::options::GuestOptions;
use isyswasfa_tools::{Artifact, translate};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Mutex;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

/// The component in a file, translated if `options` say so.
///
/// # Errors
/// If there is none, or it cannot be translated.
pub(crate) fn open(path: &Path, options: &GuestOptions) -> Result<Artifact, LoadError> {
    let artifact = Artifact::open(path)?;
    if options.translate {
        Ok(translate::if_native(artifact)?)
    } else {
        Ok(artifact)
    }
}

/// The engines, made when they are needed and then kept, since their pools are large.
pub(crate) struct Engines {
    options: EngineOptions,
    made: Mutex<Vec<(Features, Engine)>>,
}

impl Engines {
    pub(crate) fn new(options: EngineOptions) -> Self {
        Self {
            options,
            made: Mutex::default(),
        }
    }

    fn get(&self, features: Features) -> Result<Engine, LoadError> {
        let mut made = self.made.lock().unwrap();
        if let Some((_, engine)) = made.iter().find(|(own, _)| *own == features) {
            return Ok(engine.clone());
        }
        let engine = self.options.engine(features).map_err(LoadError::Engine)?;
        made.push((features, engine.clone()));
        Ok(engine)
    }

    /// Makes a component ready to be linked, as one of the ABI `abi`: plugs the adapter behind imports that the host does not
    /// implement, and compiles the component.
    ///
    /// # Errors
    /// If the adapter does not fit, the options for engines contradict each other, the component cannot be compiled, or WASI
    /// cannot be linked.
    pub(crate) fn prepare(
        &self,
        artifact: &Artifact,
        abi: Abi,
        options: &GuestOptions,
    ) -> Result<Prepared, LoadError> {
        let path = artifact.path();
        let plugged = plug(path, artifact.wasm(), abi, options)?;
        let shape = match &plugged {
            Cow::Borrowed(_) => artifact.shape().clone(),
            Cow::Owned(plugged) => Shape::read(path, plugged)?,
        };
        let (component, features) = self.compile(path, &plugged, abi, &shape)?;
        let linker = link::linker_for(&component, abi, features, options)?;
        Ok(Prepared {
            component,
            features,
            linker,
            shape,
        })
    }

    /// Prefers a plain engine, which is faster, and proves that a split component is valid 0.2. A component may look like 0.2
    /// and still need more. Its imports show that or, if it is a composition of native components inside, an error of the plain
    /// engine.
    fn compile(
        &self,
        path: &Path,
        wasm: &[u8],
        abi: Abi,
        shape: &Shape,
    ) -> Result<(Component, Features), LoadError> {
        let features = match abi {
            Abi::Split => Features::Plain,
            Abi::Native => Features::Async,
            Abi::Plain if shape.mentions_native() => Features::Async,
            Abi::Plain => match Component::new(&self.get(Features::Plain)?, wasm) {
                Ok(component) => return Ok((component, Features::Plain)),
                Err(_) => Features::Async,
            },
        };
        let component = compile(&self.get(features)?, path, wasm)?;
        Ok((component, features))
    }
}

/// A compiled component, with a linker for its WASI imports.
pub(crate) struct Prepared {
    component: Component,
    /// The features of its engine.
    pub(crate) features: Features,
    pub(crate) linker: Linker<Guest>,
    /// Its shape, adapter included.
    shape: Shape,
}

impl Prepared {
    /// Links the component, also with the islands behind its bridges.
    ///
    /// # Errors
    /// If imports are missing: the error names each of them.
    pub(crate) fn link<'a>(
        mut self,
        path: &Path,
        bridges: impl Iterator<Item = &'a Bridge>,
    ) -> Result<InstancePre<Guest>, LoadError> {
        link::instantiate_pre(
            &mut self.linker,
            &self.component,
            &self.shape,
            path,
            bridges,
        )
    }
}

/// Plugs the adapter behind imports of a split component that this host does not implement itself.
fn plug<'a>(
    path: &Path,
    wasm: &'a [u8],
    abi: Abi,
    options: &GuestOptions,
) -> Result<Cow<'a, [u8]>, LoadError> {
    // The adapter uses interfaces of 0.2 that `cli` switches on.
    if abi != Abi::Split || !options.cli || !options.p3 {
        return Ok(wasm.into());
    }
    adapter::plug(wasm).map_err(|error| LoadError::Adapter {
        path: path.to_owned(),
        reason: wasmtime::Error::new(error),
    })
}

fn compile(engine: &Engine, path: &Path, wasm: &[u8]) -> Result<Component, LoadError> {
    Component::new(engine, wasm).map_err(|reason| LoadError::Invalid {
        path: path.to_owned(),
        reason,
    })
}
