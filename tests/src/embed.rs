//! Guests in this process, through the interfaces of an embedder: `polyfill_host`'s library for split components, plain
//! wasmtime for native ones.

mod lowered;
mod native;
mod state;

pub use state::State;

use crate::{Abi, Backend, lower_bytes};
use anyhow::{Result, anyhow};
use polyfill_host::engine::{EngineOptions, Features};
use polyfill_host::split::{Results, SplitInstance, SplitPre, async_import, async_imports};
use polyfill_host::wasi;
use std::borrow::Cow;
use std::sync::Mutex;
use wasmtime::component::{Component, ComponentNamedList, Lift, Linker, Lower};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store, StoreContextMut};

/// A linker with all of WASI but http, to which a test adds its imports.
pub struct Embedder {
    backend: Backend,
    engine: Engine,
    linker: Linker<State>,
    state: State,
}

/// An instance whose async exports can be called at the same time.
pub enum Embedded {
    Split(SplitInstance<State>),
    Native(native::Instance),
    Lowered(lowered::Instance),
}

impl Embedder {
    pub fn new(backend: Backend) -> Result<Self> {
        let engine = match backend.abi() {
            Abi::Split | Abi::Lowered => {
                let mut options = EngineOptions::unpooled();
                options.cache = true;
                options.engine(Features::Plain)?
            }
            Abi::Native => {
                let mut config = Config::new();
                config.wasm_component_model_async(true);
                config.cache(Some(Cache::new(CacheConfig::new())?));
                Engine::new(&config)?
            }
        };
        let mut linker = Linker::new(&engine);
        // An interface is opened again for each of its functions.
        linker.allow_shadowing(true);
        match backend.abi() {
            Abi::Split => {
                wasi::add_to_linker(&mut linker)?;
                wasi::add_p2_to_linker(&mut linker)?;
            }
            Abi::Lowered => wasmtime_wasi::p2::add_to_linker_async(&mut linker)?,
            Abi::Native => {
                wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
                wasmtime_wasi::p3::add_to_linker(&mut linker)?;
            }
        }
        Ok(Embedder {
            backend,
            engine,
            linker,
            state: State::default(),
        })
    }

    /// The data that the instance's store will have.
    pub fn state(&mut self) -> &mut State {
        &mut self.state
    }

    /// Defines `name: async func(P) -> R` of an interface, or of the world itself. An error of it traps the guest.
    pub fn import<P, R, F, Fut>(mut self, interface: Option<&str>, name: &str, f: F) -> Result<Self>
    where
        P: ComponentNamedList + Lift + Send + 'static,
        R: Results,
        F: Fn(P) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let interface = interface.map(|interface| interface_name(self.backend, interface));
        match self.backend.abi() {
            Abi::Split => {
                let f = move |_: StoreContextMut<'_, State>, params: P| f(params);
                match interface {
                    Some(interface) => {
                        async_imports(&mut self.linker, &interface)?.func(name, f)?
                    }
                    None => async_import(&mut self.linker, name, f)?,
                }
            }
            Abi::Lowered => {
                let mut instance = match interface {
                    Some(interface) => self.linker.instance(&interface)?,
                    None => self.linker.root(),
                };
                instance.func_wrap_async(name, move |_, params: P| Box::new(f(params)))?;
            }
            Abi::Native => {
                let mut instance = match interface {
                    Some(interface) => self.linker.instance(&interface)?,
                    None => self.linker.root(),
                };
                instance.func_wrap_concurrent(name, move |_, params: P| Box::pin(f(params)))?;
            }
        }
        Ok(self)
    }

    /// Instantiates a component.
    pub async fn instantiate(mut self, component: &[u8]) -> Result<Embedded> {
        let component = match self.backend.abi() {
            Abi::Lowered => Cow::Owned(lower_bytes("guest".as_ref(), component)),
            _ => Cow::Borrowed(component),
        };
        let component = {
            // One after the other: what is compiled is in the cache for the next one.
            static COMPILING: Mutex<()> = Mutex::new(());
            let _turn = COMPILING.lock();
            Component::new(&self.engine, component)?
        };
        let mut store = Store::new(&self.engine, self.state);
        store.limiter(|state| &mut state.memory);
        // The engine ticks, for the host's own stores; here nothing has to be interrupted.
        store.set_epoch_deadline(u64::MAX / 2);
        Ok(match self.backend.abi() {
            Abi::Split => {
                wasi::add_value_pipes(&mut self.linker, &component)?;
                let pre = SplitPre::new(self.linker.instantiate_pre(&component)?);
                Embedded::Split(pre.instantiate(store).await?)
            }
            abi => {
                let instance = self
                    .linker
                    .instantiate_async(&mut store, &component)
                    .await?;
                match abi {
                    Abi::Lowered => Embedded::Lowered(lowered::Instance::new(store, instance)),
                    _ => Embedded::Native(native::Instance::new(store, instance)),
                }
            }
        })
    }
}

impl Embedded {
    /// Calls the async function `name` of an exported interface.
    ///
    /// # Errors
    /// If there is none, or the guest traps, now or before.
    pub async fn call<P, R>(&self, interface: &str, name: &str, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: Results,
    {
        match self {
            Embedded::Split(instance) => {
                let interface = interface_name(Backend::Isyswasfa, interface);
                let function = instance.async_func::<P, R>(Some(&interface), name).await?;
                Ok(function.call(params).await?)
            }
            Embedded::Lowered(instance) => Ok(instance.call(interface, name, params).await?),
            Embedded::Native(instance) => instance
                .call(interface, name, params)
                .await
                .map_err(|reason| anyhow!("the instance has ended: {reason}")),
        }
    }
}

/// The name in components for `backend` of an interface, given with its name in the WIT.
fn interface_name(backend: Backend, interface: &str) -> String {
    match backend.abi() {
        Abi::Split => format!("{interface}-isyswasfa"),
        Abi::Native | Abi::Lowered => interface.to_owned(),
    }
}
