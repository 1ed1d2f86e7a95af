//! A function that a component exports.

use futures::FutureExt;
use wasmtime::component::{ComponentNamedList, Lower, TypedFunc};
use wasmtime::{AsContextMut, Result};

use super::instance::{Instance, InstanceOf};
use super::value::Value;
use crate::split::{Alive, Died, Results, SplitInstance, SplitView, TypedHalves};

/// An exported function of an instance.
pub struct Export<T: 'static, P, R: Results> {
    instance: Instance<T>,
    function: Function<P, R>,
}

enum Function<P, R: Results> {
    /// An async function of a split component.
    Halves(TypedHalves<P, R>),
    /// Any other function.
    Whole(TypedFunc<P, R>),
}

impl<T, P, R> Export<T, P, R>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Value,
    R: Results + Value,
{
    pub(super) fn halves(instance: Instance<T>, halves: TypedHalves<P, R>) -> Self {
        Export {
            instance,
            function: Function::Halves(halves),
        }
    }

    pub(super) fn whole(instance: Instance<T>, function: TypedFunc<P, R>) -> Self {
        Export {
            instance,
            function: Function::Whole(function),
        }
    }

    /// Calls the function. `lent` has the things that the arguments lend the guest, and lives as long as they are lent.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future gives up the call: a split component drops its task; a native one goes on with it, and the result is
    /// dropped.
    pub async fn call<L: Send + 'static>(&self, params: P, lent: L) -> Result<R, Died> {
        match (&self.instance.0, &self.function) {
            (InstanceOf::Split(instance), Function::Halves(halves)) => {
                let mut params = params;
                // In the split ABI, things are lent to the start half.
                let call = halves.call(move |alive: &mut Alive<T>| {
                    params.leave(&mut alive.store.as_context_mut())?;
                    Ok((params, lent))
                });
                let called = instance.call_halves(call, |alive, mut results: R| {
                    results.arrive(&mut alive.store.as_context_mut())?;
                    Ok(results)
                });
                called.await
            }
            (InstanceOf::Split(instance), Function::Whole(function)) => {
                call_whole(instance, *function, params, lent).await
            }
            (InstanceOf::Native(instance), Function::Whole(function)) => {
                let (function, mut params) = (*function, params);
                let called = instance.run(move |store, _| {
                    async move {
                        store.with(|mut access| params.leave(&mut access.as_context_mut()))?;
                        let mut results = function.call_concurrent(store, params).await?;
                        store.with(|mut access| results.arrive(&mut access.as_context_mut()))?;
                        drop(lent);
                        Ok(results)
                    }
                    .boxed()
                });
                called.await
            }
            (InstanceOf::Native(_), Function::Halves(_)) => {
                unreachable!("only a split component's functions are looked up by halves")
            }
        }
    }
}

async fn call_whole<T, P, R, L>(
    instance: &SplitInstance<T>,
    function: TypedFunc<P, R>,
    mut params: P,
    lent: L,
) -> Result<R, Died>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Value,
    R: Results + Value,
    L: Send + 'static,
{
    let called = instance.enter(move |alive| {
        Box::pin(async move {
            params.leave(&mut alive.store.as_context_mut())?;
            let mut results = alive.enter("call", function, params).await?;
            results.arrive(&mut alive.store.as_context_mut())?;
            drop(lent);
            Ok(results)
        })
    });
    called.await
}
