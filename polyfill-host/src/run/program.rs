//! A component that is ready to be run: read, plugged, compiled and linked.

use super::command::{Command, CommandAbi};
use super::options::RunOptions;
use super::{invoke, native, outcome::Outcome, plain, split};
use crate::abi::Shape;
use crate::bad_input::BadInput;
use crate::engine::{EngineOptions, Features};
use crate::guest::Guest;
use crate::link;
use crate::serve::load;
use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

/// Loads programs.
pub struct ProgramLoader {
    engine: EngineOptions,
    options: RunOptions,
}

/// A component that is ready to be run.
pub struct Program {
    engine: Engine,
    abi: CommandAbi,
    pre: InstancePre<Guest>,
    shape: Shape,
    options: RunOptions,
}

impl ProgramLoader {
    /// What the program may use is checked now.
    ///
    /// # Errors
    /// If a directory for it cannot be opened.
    pub fn new(mut engine: EngineOptions, options: RunOptions) -> Result<Self, BadInput> {
        options.guest.check()?;
        // A pool for one instance only costs time.
        engine.pooling_allocator.get_or_insert(false);
        Ok(Self { engine, options })
    }

    /// Loads the component in the file `path`. Takes as long as compiling does: seconds, perhaps.
    ///
    /// # Errors
    /// If there is no such file, or it is no component that can be run: says why, and what to do.
    pub fn load(&self, path: &Path) -> Result<Program, BadInput> {
        let wasm = load::read(path)?;
        let shape = Shape::read(path, &wasm)?;
        let abi = match Command::find(&shape, path) {
            Ok(command) => command.abi,
            Err(_) => CommandAbi::of(&shape),
        };
        let plugged = match abi {
            CommandAbi::Split if self.options.guest.cli => load::plug(path, &wasm)?,
            _ => (&wasm).into(),
        };
        let (engine, component, abi) = self.compile(path, &plugged, abi)?;
        let options = &self.options.guest;
        let linker = match abi {
            CommandAbi::Split => link::split_linker(&component, options),
            CommandAbi::Native => link::linker(&engine, Features::Async, options),
            CommandAbi::Plain => link::linker(&engine, Features::Plain, options),
        };
        let linker =
            linker.map_err(|error| BadInput::new(format!("failed to link WASI: {error:#}")))?;
        let needs = Shape::read(path, &plugged)?;
        let pre = link::instantiate_pre(&linker, &component, &needs, path)?;
        Ok(Program {
            engine,
            abi,
            pre,
            shape,
            options: self.options.clone(),
        })
    }

    /// A plain engine is faster, and for a split component the proof that it is valid 0.2. What needs more than its names
    /// say, a composition of native components, does not compile on it.
    fn compile(
        &self,
        path: &Path,
        wasm: &[u8],
        abi: CommandAbi,
    ) -> Result<(Engine, Component, CommandAbi), BadInput> {
        let engine = |features| {
            self.engine.engine(features).map_err(|error| {
                BadInput::new(format!("failed to set up the engine: {error:#}"))
                    .help("check the options `-C`, `-O` and `-W`")
            })
        };
        match abi {
            CommandAbi::Split => {
                let engine = engine(Features::Plain)?;
                let component = load::compile(&engine, path, wasm)?;
                Ok((engine, component, abi))
            }
            CommandAbi::Native => {
                let engine = engine(Features::Async)?;
                let component = load::compile(&engine, path, wasm)?;
                Ok((engine, component, abi))
            }
            CommandAbi::Plain => {
                let plain = engine(Features::Plain)?;
                if let Ok(component) = Component::new(&plain, wasm) {
                    return Ok((plain, component, abi));
                }
                let engine = engine(Features::Async)?;
                let component = load::compile(&engine, path, wasm)?;
                Ok((engine, component, abi))
            }
        }
    }
}

impl Program {
    /// Calls its `wasi:cli/run`.
    ///
    /// # Errors
    /// If it has none, or a directory cannot be opened any more.
    ///
    /// # Cancellation
    /// Dropping the future ends the program; if it is split, once it comes to wait.
    pub async fn run(self, path: &Path) -> Result<Outcome, BadInput> {
        let command = Command::find(&self.shape, path)?;
        let store = self.options.store(&self.engine)?;
        Ok(Outcome::of_run(match self.abi {
            CommandAbi::Split => split::run(self.pre, store, &command.export).await,
            CommandAbi::Native => native::run(self.pre, store).await,
            CommandAbi::Plain => plain::run(self.pre, store).await,
        }))
    }

    /// Calls the function `call`, `INTERFACE.FUNCTION(ARGUMENTS)` in WAVE: its result in WAVE, or how the guest ended.
    ///
    /// # Errors
    /// If there is no such function, or the arguments are not for it.
    pub async fn invoke(self, call: &str) -> Result<Result<String, Outcome>, BadInput> {
        let store = self.options.store(&self.engine)?;
        let called = match self.abi {
            CommandAbi::Split => invoke::split(self.pre, store, call).await,
            CommandAbi::Native => invoke::native(self.pre, store, call).await,
            CommandAbi::Plain => invoke::plain(self.pre, store, call).await,
        };
        match called {
            Ok(text) => Ok(Ok(text)),
            Err(invoke::Failure::BadInput(error)) => Err(error),
            Err(invoke::Failure::Ended(error)) => Ok(Err(Outcome::of_error(error))),
        }
    }
}
