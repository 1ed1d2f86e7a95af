//! Async imports that the host implements.

use isyswasfa_wit::names::{POLL, poll_name};
use std::future::Future;

use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Resource};
use wasmtime::{AsContextMut, Result, StoreContextMut};

use super::call::split_name;
use super::ctx::SplitView;
use super::halves::Results;
use crate::core::{Pending, called};

/// An imported interface in which async functions can be defined.
pub struct AsyncImports<'a, T: 'static>(LinkerInstance<'a, T>);

/// Opens the interface `name` of a linker to define async functions in it. The name is the split one: `my:app/api@1.0.0-isyswasfa`.
///
/// # Errors
///
/// If the interface's `isyswasfa-poll` is defined already.
pub fn async_imports<'a, T: SplitView>(
    linker: &'a mut Linker<T>,
    name: &str,
) -> Result<AsyncImports<'a, T>> {
    let mut instance = linker.instance(name)?;
    add_poll(&mut instance, POLL)?;
    Ok(AsyncImports(instance))
}

/// Defines an async function that the world itself imports.
///
/// # Errors
///
/// If it is defined already.
pub fn async_import<T, P, R, F, Fut>(linker: &mut Linker<T>, name: &str, f: F) -> Result<()>
where
    T: SplitView,
    P: ComponentNamedList + Lift + 'static,
    R: Results,
    F: Fn(StoreContextMut<'_, T>, P) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R>> + Send + 'static,
{
    let mut root = linker.root();
    add_poll(&mut root, &poll_name(name))?;
    AsyncImports(root).func(name, f)
}

impl<'a, T: SplitView> AsyncImports<'a, T> {
    /// Defines `name` (or `[method]r.name`, `[static]r.name`): `f` is called when the guest calls, with the store, and makes
    /// the future; the future runs without the store, beside the guest. An error of it traps the guest.
    ///
    /// The future is dropped if the guest gives up the call.
    ///
    /// # Errors
    ///
    /// If the function is defined already.
    pub fn func<P, R, F, Fut>(&mut self, name: &str, f: F) -> Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: Results,
        F: Fn(StoreContextMut<'_, T>, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R>> + Send + 'static,
    {
        let (start, result) = split_name(name);
        let name = name.to_string();
        self.0.func_wrap(
            &start,
            move |mut store: StoreContextMut<'_, T>, params: P| {
                let future = f(store.as_context_mut(), params);
                let started = called(&mut store).core.start(&name, future)?;
                Ok((started.map(R::into_value),))
            },
        )?;
        self.0.func_wrap(
            &result,
            |mut store: StoreContextMut<'_, T>, (ready,): (Resource<Pending>,)| {
                called(&mut store).core.finish::<R>(ready)
            },
        )
    }

    /// The interface itself, for what is not async in it.
    pub fn instance(&mut self) -> &mut LinkerInstance<'a, T> {
        &mut self.0
    }
}

/// Defines the poll function of an interface that the host provides, which enters nothing.
pub(crate) fn add_poll<T: SplitView>(
    instance: &mut LinkerInstance<'_, T>,
    name: &str,
) -> Result<()> {
    instance.func_wrap(name, |_: StoreContextMut<'_, T>, ()| Ok((0u32,)))
}
