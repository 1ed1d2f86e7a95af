//! Defines the functions that the host implements in a linker, for components of both ABIs.

use std::future::Future;

use wasmtime::component::{
    ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
};
use wasmtime::{AsContextMut, Engine, Result, StoreContextMut};

use super::host_resource;
use super::value::Value;
use crate::core::{Pending, Share};
use crate::pipes::{Names, add_value_pipe};
use crate::split::{Results, SplitView, add_poll, split_name};

/// An import while its functions are being defined, in one of its forms.
pub struct Imports<'a, T: 'static> {
    instance: LinkerInstance<'a, T>,
    /// Whether to define the native form: the name is a native component's, and the engine knows async functions.
    native: bool,
    /// Whether to define the split form: the name is a split component's.
    split: bool,
}

/// Defines an interface that the host implements, under its name in native components and its name in split ones. Both may be
/// the same.
///
/// # Errors
///
/// If it is defined already.
pub fn interface<T: SplitView>(
    linker: &mut Linker<T>,
    native: &str,
    split: &str,
    define: impl Fn(&mut Imports<'_, T>) -> Result<()>,
) -> Result<()> {
    let concurrent = is_concurrent(linker.engine());
    let same = native == split;
    define(&mut Imports {
        instance: linker.instance(split)?,
        native: same && concurrent,
        split: true,
    })?;
    if same || !concurrent {
        return Ok(());
    }
    define(&mut Imports {
        instance: linker.instance(native)?,
        native: true,
        split: false,
    })
}

/// Defines the functions of the world itself that the host implements.
///
/// # Errors
///
/// If it is defined already.
pub fn world<T: SplitView>(
    linker: &mut Linker<T>,
    define: impl Fn(&mut Imports<'_, T>) -> Result<()>,
) -> Result<()> {
    let native = is_concurrent(linker.engine());
    define(&mut Imports {
        instance: linker.root(),
        native,
        split: true,
    })
}

/// Whether an engine runs native components. If not, wasmtime refuses to define a concurrent function.
pub(super) fn is_concurrent(engine: &Engine) -> bool {
    let mut probe = Linker::<()>::new(engine);
    let defined = probe
        .root()
        .func_wrap_concurrent("probe", |_, (): ()| Box::pin(async { Ok(()) }));
    defined.is_ok()
}

/// The budget's share for the arguments of an async function while it runs.
///
/// # Errors
///
/// If the host holds too much with them: a trap.
fn held<T: SplitView, P: Value>(data: &mut T, params: &P) -> Result<Option<Share>> {
    if !P::POINTS {
        return Ok(None);
    }
    let mut share = data.split().budget.share();
    share.hold(params.weight(), "the arguments of a call")?;
    Ok(Some(share))
}

impl<T: SplitView> Imports<'_, T> {
    /// The poll `name` of a split import.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn poll(&mut self, name: &str) -> Result<()> {
        if self.split {
            add_poll(&mut self.instance, name)
        } else {
            Ok(())
        }
    }

    /// A resource that the host implements as an `R`.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn resource<R: Send + Sync + 'static>(&mut self, name: &str) -> Result<()> {
        self.instance.resource(
            name,
            ResourceType::host::<R>(),
            host_resource::dropped::<T, R>,
        )
    }

    /// A pipe that the split has put into this interface, since its payload has a resource of the interface.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn pipe(&mut self, name: &str) -> Result<()> {
        if self.split {
            add_value_pipe(&mut self.instance, &Names::prefixed(name))
        } else {
            Ok(())
        }
    }

    /// A function that is not async.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn func<H, P, R>(
        &mut self,
        name: &str,
        host: impl Fn(&mut T) -> H + Send + Sync + 'static,
        call: impl Fn(H, P) -> Result<R> + Send + Sync + 'static,
    ) -> Result<()>
    where
        P: ComponentNamedList + Lift + Value,
        R: ComponentNamedList + Lower + Value,
    {
        self.instance.func_wrap(
            name,
            move |mut store: StoreContextMut<'_, T>, mut params: P| {
                params.arrive(&mut store)?;
                let mut results = call(host(store.data_mut()), params)?;
                results.leave(&mut store)?;
                Ok(results)
            },
        )
    }

    /// A function that is not async, but whose implementation is: the whole instance waits for it.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn blocking_func<H, P, R, F>(
        &mut self,
        name: &str,
        host: impl Fn(&mut T) -> H + Send + Sync + 'static,
        call: impl Fn(H, P) -> F + Send + Sync + 'static,
    ) -> Result<()>
    where
        P: ComponentNamedList + Lift + Value,
        R: ComponentNamedList + Lower + Value,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        self.instance.func_wrap_async(
            name,
            move |mut store: StoreContextMut<'_, T>, mut params: P| {
                let arrived = params.arrive(&mut store);
                let running = arrived.map(|()| call(host(store.data_mut()), params));
                Box::new(async move {
                    let mut results = running?.await?;
                    results.leave(&mut store)?;
                    Ok(results)
                })
            },
        )
    }

    /// An async function. The future that `call` makes runs beside the guest; it is dropped if the guest gives up the call.
    ///
    /// # Errors
    ///
    /// If it is defined already.
    pub fn async_func<H, P, R, F>(
        &mut self,
        name: &str,
        host: impl Fn(&mut T) -> H + Clone + Send + Sync + 'static,
        call: impl Fn(H, P) -> F + Clone + Send + Sync + 'static,
    ) -> Result<()>
    where
        P: ComponentNamedList + Lift + Value,
        R: Results + Value,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        if self.native {
            let (host, call) = (host.clone(), call.clone());
            self.instance
                .func_wrap_concurrent(name, move |store, mut params: P| {
                    let running = store.with(|mut access| {
                        let share = held(access.data_mut(), &params)?;
                        params.arrive(&mut access.as_context_mut())?;
                        Ok((call(host(access.data_mut()), params), share))
                    });
                    Box::pin(async move {
                        let running: Result<(F, Option<Share>)> = running;
                        let (running, share) = running?;
                        let mut results = running.await?;
                        drop(share);
                        store.with(|mut access| results.leave(&mut access.as_context_mut()))?;
                        Ok(results)
                    })
                })?;
        }
        if !self.split {
            return Ok(());
        }
        let (start, result) = split_name(name);
        let name = name.to_string();
        self.instance.func_wrap(
            &start,
            move |mut store: StoreContextMut<'_, T>, mut params: P| {
                let share = held(store.data_mut(), &params)?;
                params.arrive(&mut store)?;
                let running = call(host(store.data_mut()), params);
                let future = async move {
                    let _share = share;
                    running.await
                };
                Ok((match store.data_mut().split().core.start(&name, future)? {
                    Ok(mut results) => {
                        results.leave(&mut store)?;
                        Ok(results.into_value())
                    }
                    Err(pending) => Err(pending),
                },))
            },
        )?;
        self.instance.func_wrap(
            &result,
            |mut store: StoreContextMut<'_, T>, (ready,): (Resource<Pending>,)| {
                let mut results = store.data_mut().split().core.finish::<R>(ready)?;
                results.leave(&mut store)?;
                Ok(results)
            },
        )
    }
}
