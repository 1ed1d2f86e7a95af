//! A composition as a running program, on either ABI.

use crate::composition::Backend;
use crate::state::State;
use anyhow::{Context, Result};
use polyfill_host::engine::{EngineOptions, Features, tick};
use polyfill_host::split::{Results, SplitInstance, SplitPre};
use polyfill_host::wasi;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::{Component, ComponentNamedList, Instance, Linker, Lower, TypedFunc};
use wasmtime::{Config, Engine, ProfilingStrategy, Store};

pub enum Program {
    /// On `polyfill-host`, through its library.
    Split(SplitInstance<State>),
    /// On wasmtime.
    Native(Store<State>, Instance),
}

impl Program {
    /// Instantiates the composition.
    pub async fn new(backend: Backend, component: &[u8]) -> Result<Program> {
        match backend {
            Backend::Split | Backend::Translated => {
                // An engine without component-model-async.
                let engine = plain_engine()?;
                let component = Component::new(&engine, component)?;
                let mut linker = Linker::new(&engine);
                wasi::add_to_linker(&mut linker)?;
                wasi::add_p2_to_linker(&mut linker)?;
                wasi::add_value_pipes(&mut linker, &component)?;
                let pre = SplitPre::new(linker.instantiate_pre(&component)?);
                let store = Store::new(&engine, State::new());
                Ok(Program::Split(pre.instantiate(store).await?))
            }
            Backend::Native => {
                let engine = async_engine()?;
                let component = Component::new(&engine, component)?;
                let mut linker = Linker::new(&engine);
                wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
                let mut store = Store::new(&engine, State::new());
                let instance = linker.instantiate_async(&mut store, &component).await?;
                Ok(Program::Native(store, instance))
            }
        }
    }

    /// Calls a function of an interface.
    pub async fn call<P, R>(&mut self, interface: &str, name: &str, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: Results,
    {
        match self {
            Program::Split(instance) => {
                // The package has no version, which the split makes 0.0.0.
                let interface = format!("{interface}@0.0.0-isyswasfa");
                let function = instance.async_func::<P, R>(Some(&interface), name);
                Ok(function.await?.call(params).await?)
            }
            Program::Native(store, instance) => {
                let exported = instance
                    .get_export_index(&mut *store, None, interface)
                    .with_context(|| format!("the composition exports no `{interface}`"))?;
                let function = instance
                    .get_export_index(&mut *store, Some(&exported), name)
                    .with_context(|| format!("`{interface}` has no `{name}`"))?;
                let function: TypedFunc<P, R> = instance.get_typed_func(&mut *store, function)?;
                let result = store
                    .run_concurrent(async |store| function.call_concurrent(store, params).await)
                    .await??;
                Ok(result)
            }
        }
    }
}

/// Whether `perf` is to learn the names of functions in guests.
pub static IS_PROFILED: AtomicBool = AtomicBool::new(false);

/// Our engine for split components, without a pool.
pub fn plain_engine() -> Result<Engine> {
    let mut config = EngineOptions::unpooled().config(Features::Plain)?;
    if IS_PROFILED.load(Ordering::Relaxed) {
        config.profiler(ProfilingStrategy::PerfMap);
    }
    let engine = Engine::new(&config)?;
    tick(&engine)?;
    Ok(engine)
}

/// wasmtime's own engine for 0.3.
pub fn async_engine() -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Ok(Engine::new(&config)?)
}
