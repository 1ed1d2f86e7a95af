//! A function that a component exports.

use futures::FutureExt;
use wasmtime::component::{ComponentNamedList, Lower, Resource, TypedFunc};
use wasmtime::{AsContextMut, Result};

use super::instance::{Instance, InstanceOf};
use super::value::Value;
use crate::core::Pending;
use crate::split::{Died, Results, SplitInstance, SplitView, Started};

/// An exported function of an instance.
pub struct Export<T: 'static, P, R: Results> {
    instance: Instance<T>,
    function: Function<P, R>,
}

enum Function<P, R: Results> {
    /// An async one of a split component.
    Halves(Start<P, R>, End<R>),
    /// Any other.
    Whole(TypedFunc<P, R>),
}

type Start<P, R> = TypedFunc<P, (Result<<R as Results>::Value, Resource<Pending>>,)>;
type End<R> = TypedFunc<(Resource<Pending>,), R>;

impl<T, P, R> Export<T, P, R>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Value,
    R: Results + Value,
{
    pub(super) fn halves(instance: Instance<T>, start: Start<P, R>, end: End<R>) -> Self {
        Export {
            instance,
            function: Function::Halves(start, end),
        }
    }

    pub(super) fn whole(instance: Instance<T>, function: TypedFunc<P, R>) -> Self {
        Export {
            instance,
            function: Function::Whole(function),
        }
    }

    /// Calls the function; `lent` is what the arguments lend the guest for as long.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future gives up the call: a split component drops its task; a native one goes on with it, and what it comes
    /// to is dropped.
    pub async fn call<L: Send + 'static>(&self, params: P, lent: L) -> Result<R, Died> {
        match (&self.instance.0, &self.function) {
            (InstanceOf::Split(instance), Function::Halves(start, end)) => {
                call_halves(instance, *start, *end, params, lent).await
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
            (InstanceOf::Native(_), Function::Halves(..)) => {
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

async fn call_halves<T, P, R, L>(
    instance: &SplitInstance<T>,
    start: Start<P, R>,
    end: End<R>,
    mut params: P,
    lent: L,
) -> Result<R, Died>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Value,
    R: Results + Value,
    L: Send + 'static,
{
    let started = instance.enter(move |alive| {
        Box::pin(async move {
            params.leave(&mut alive.store.as_context_mut())?;
            let (started,) = alive.enter("start", start, params).await?;
            // In the split ABI what is lent is lent to the first half.
            drop(lent);
            match started {
                Ok(value) => {
                    let mut results = R::from_value(value);
                    results.arrive(&mut alive.store.as_context_mut())?;
                    Ok(Started::Done(results))
                }
                Err(pending) => alive.wait_for(pending, move |alive, ready| {
                    Box::pin(async move {
                        let mut results = alive.enter("result", end, (ready,)).await?;
                        results.arrive(&mut alive.store.as_context_mut())?;
                        Ok(results)
                    })
                }),
            }
        })
    });
    started.await?.end(instance.queue()).await
}
