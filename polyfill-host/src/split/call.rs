//! Calls of a guest's async exports.

use std::marker::PhantomData;

use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::{ComponentNamedList, Lift, Lower, Resource, TypedFunc};

use super::ctx::SplitView;
use super::driver::Alive;
use super::instance::{Died, SplitInstance};
use crate::core::{CallId, Pending, Queue, Wake};
use crate::exports;
use crate::trace::call;
use std::sync::Arc;

/// The results of an async function: `()` or `(T,)`.
pub trait Results: ComponentNamedList + Lift + Lower + Send + Sync + 'static {
    /// `T`, or `()`: what is in the `result` that the function's first half answers.
    type Value: Lift + Lower + Send + Sync + 'static;

    /// From the value.
    fn from_value(value: Self::Value) -> Self;

    /// To the value.
    fn into_value(self) -> Self::Value;
}

impl Results for () {
    type Value = ();

    fn from_value((): ()) -> Self {}

    fn into_value(self) -> Self::Value {}
}

impl<T: Lift + Lower + Send + Sync + 'static> Results for (T,) {
    type Value = T;

    fn from_value(value: T) -> Self {
        (value,)
    }

    fn into_value(self) -> T {
        self.0
    }
}

/// An async function that a component exports: `foo: async func(P) -> R`.
pub struct AsyncFunc<T: 'static, P, R: Results> {
    start: Start<P, R>,
    result: TypedFunc<(Resource<Pending>,), R>,
    instance: SplitInstance<T>,
    params: PhantomData<fn(P)>,
}

impl<T: 'static, P, R: Results> Clone for AsyncFunc<T, P, R> {
    fn clone(&self) -> Self {
        AsyncFunc {
            start: self.start,
            result: self.result,
            instance: self.instance.clone(),
            params: PhantomData,
        }
    }
}

impl<T: SplitView> SplitInstance<T> {
    /// Looks up the async function `name` (or `[method]r.name`) of an exported interface, or of the world itself.
    ///
    /// # Errors
    ///
    /// If there is none, or it has other types. The instance stays usable.
    pub async fn async_func<P, R>(
        &self,
        interface: Option<&str>,
        name: &str,
    ) -> Result<AsyncFunc<T, P, R>>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: Results,
    {
        let (start, result) = split_name(name);
        let interface = interface.map(str::to_string);
        let found = self
            .enter(move |alive| {
                Box::pin(async move { Ok(look_up(alive, interface.as_deref(), &start, &result)) })
            })
            .await?;
        let (start, result) = found?;
        Ok(AsyncFunc {
            start,
            result,
            instance: self.clone(),
            params: PhantomData,
        })
    }
}

type Start<P, R> = TypedFunc<P, (Result<<R as Results>::Value, Resource<Pending>>,)>;
type Halves<P, R> = (Start<P, R>, TypedFunc<(Resource<Pending>,), R>);

fn look_up<T, P, R>(
    alive: &mut Alive<T>,
    interface: Option<&str>,
    start: &str,
    result: &str,
) -> Result<Halves<P, R>>
where
    T: SplitView,
    P: ComponentNamedList + Lower,
    R: Results,
{
    let Alive {
        store, instance, ..
    } = alive;
    let start = exports::index(&mut *store, instance, interface, start)?;
    let result = exports::index(&mut *store, instance, interface, result)?;
    Ok((
        instance.get_typed_func(&mut *store, start)?,
        instance.get_typed_func(&mut *store, result)?,
    ))
}

pub(crate) use isyswasfa_wit::split_name;

impl<T, P, R> AsyncFunc<T, P, R>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Results,
{
    /// Calls the function. Many calls can be under way at once, on clones too.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels the call: the guest drops its task at its next turn.
    pub async fn call(&self, params: P) -> Result<R, Died> {
        let (start, result) = (self.start, self.result);
        let started = self
            .instance
            .enter(move |alive| {
                Box::pin(async move {
                    let (started,) = alive.enter("start", start, params).await?;
                    match started {
                        Ok(value) => {
                            call!("start: an export is done at once");
                            Ok(Started::Done(R::from_value(value)))
                        }
                        Err(pending) => {
                            call!("start: an export is task {}", pending.rep());
                            alive.wait_for(pending, move |alive, ready| {
                                Box::pin(alive.enter("result", result, (ready,)))
                            })
                        }
                    }
                })
            })
            .await?;
        started.end(self.instance.queue()).await
    }
}

/// What came of a call's first half.
pub(crate) enum Started<R> {
    /// It was done at once.
    Done(R),
    /// Its task goes on; the driver tells the result.
    Waiting(CallId, oneshot::Receiver<Result<R, Died>>),
}

impl<R> Started<R> {
    /// The call's result. Gives the call up if dropped before.
    pub async fn end(self, queue: &Arc<Queue>) -> Result<R, Died> {
        match self {
            Started::Done(result) => Ok(result),
            Started::Waiting(id, told) => wait(queue, id, told).await,
        }
    }
}

/// Waits for a call's result; gives the call up if dropped.
async fn wait<R>(
    queue: &Arc<Queue>,
    id: CallId,
    told: oneshot::Receiver<Result<R, Died>>,
) -> Result<R, Died> {
    let guard = Abandon { queue, id };
    let result = match told.await {
        Ok(result) => result,
        Err(_) => Err(Died::new(wasmtime::format_err!(
            "the call's task was dropped"
        ))),
    };
    std::mem::forget(guard);
    result
}

struct Abandon<'a> {
    queue: &'a Arc<Queue>,
    id: CallId,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        self.queue.push(Wake::Abandon(self.id));
    }
}
