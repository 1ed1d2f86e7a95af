//! Programs: components that are ready to be run.

use super::command::{Command, abi_of};
use super::error::RunError;
use super::options::RunOptions;
use super::{invoke, native, outcome::Outcome, plain, split};
use crate::abi::{Abi, Shape};
use crate::bridge::{Behind, Islands, StoreMaker};
use crate::engine::EngineOptions;
use crate::guest::Guest;
use crate::load::{self, Engines};
use crate::options::DirectoryError;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::InstancePre;
use wasmtime::{Engine, Store};

/// Loads programs.
pub struct ProgramLoader {
    engines: Engines,
    engine: EngineOptions,
    options: RunOptions,
}

/// A component that is ready to be run.
pub struct Program {
    engine: Engine,
    abi: Abi,
    pre: InstancePre<Guest>,
    shape: Shape,
    islands: Arc<Islands>,
    options: RunOptions,
}

impl ProgramLoader {
    /// Checks now what programs may use.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub fn new(mut engine: EngineOptions, options: RunOptions) -> Result<Self, RunError> {
        options.guest.check()?;
        // A pool for one instance only costs time.
        engine.pooling_allocator.get_or_insert(false);
        Ok(Self {
            engines: Engines::new(engine.clone()),
            engine,
            options,
        })
    }

    /// Loads the component in the file `path`. Takes as long as compiling does: seconds, perhaps.
    ///
    /// # Errors
    /// If there is no such file, or it is no component that can be run. The error says why, and what to do.
    pub fn load(&self, path: &Path) -> Result<Program, RunError> {
        let options = &self.options.guest;
        let artifact = load::open(path, options)?;
        let shape = artifact.shape();
        let abi = match Command::find(shape, path) {
            Ok(command) => command.abi,
            Err(_) => abi_of(shape),
        };
        let bridges = artifact.bridges();
        let prepared = self.engines.prepare(&artifact, abi, options)?;
        let pre = prepared.link(path, bridges.from(0))?;
        Ok(Program {
            engine: pre.engine().clone(),
            abi,
            pre,
            shape: shape.clone(),
            islands: load::islands(path, bridges, &self.engine, options)?,
            options: self.options.clone(),
        })
    }
}

impl Program {
    fn store(&self) -> Result<Store<Guest>, DirectoryError> {
        let mut store = self.options.store(&self.engine)?;
        let options = self.options.clone();
        let maker: StoreMaker = Arc::new(move |engine| Ok(options.island_store(engine)?));
        let behind = Behind::first(&self.islands, &maker);
        store.data_mut().set_behind(Arc::new(behind));
        Ok(store)
    }

    /// Calls its `wasi:cli/run`.
    ///
    /// # Errors
    /// If the component has none, or a directory cannot be opened any more.
    ///
    /// # Cancellation
    /// Dropping the future ends the program; a split one ends when it next waits.
    pub async fn run(self, path: &Path) -> Result<Outcome, RunError> {
        let command = Command::find(&self.shape, path)?;
        let store = self.store()?;
        let until_idle = self.options.until_idle;
        Ok(Outcome::of_run(match self.abi {
            Abi::Split => split::run(self.pre, store, &command.export, until_idle).await,
            Abi::Native => native::run(self.pre, store, until_idle).await,
            Abi::Plain => plain::run(self.pre, store).await,
        }))
    }

    /// Calls a function: `call` is `INTERFACE.FUNCTION(ARGUMENTS)` in WAVE. Returns its result in WAVE, or how the guest ended.
    ///
    /// # Errors
    /// If there is no such function, or the arguments do not match it.
    pub async fn invoke(self, call: &str) -> Result<Result<String, Outcome>, RunError> {
        let store = self.store()?;
        let until_idle = self.options.until_idle;
        let called = match self.abi {
            Abi::Split => invoke::split(self.pre, store, call, until_idle).await,
            Abi::Native => invoke::native(self.pre, store, call, until_idle).await,
            Abi::Plain => invoke::plain(self.pre, store, call).await,
        };
        match called {
            Ok(text) => Ok(Ok(text)),
            Err(invoke::CallFailure::Invoke(error)) => Err(error.into()),
            Err(invoke::CallFailure::Ended(error)) => Ok(Err(Outcome::of_error(error))),
        }
    }
}
