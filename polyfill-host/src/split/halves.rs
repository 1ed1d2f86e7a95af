//! Calls an async function that a component exports as two halves: starts it, waits for its task, fetches the result.

use std::future::Future;

use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::{ComponentNamedList, Lift, Lower, Resource, TypedFunc};

use super::ctx::SplitView;
use super::driver::Alive;
use super::instance::{Died, SplitInstance};
use crate::core::{CallId, Pending, Queue, Wake};
use crate::trace::call;
use std::sync::Arc;

/// The results of an async function: `()` or `(T,)`.
pub trait Results: ComponentNamedList + Lift + Lower + Send + Sync + 'static {
    /// `T`, or `()`: the payload of the `result` that the start half returns.
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

/// One call of a function through its halves.
pub(crate) trait Halves<T: 'static>: Send + 'static {
    /// The results of the function.
    type Results: Send + 'static;

    /// The function's name in the log.
    fn name(&self) -> &str;

    /// Calls the start half. Returns the results, or the task that will have them.
    fn start(
        &mut self,
        alive: &mut Alive<T>,
    ) -> impl Future<Output = Result<Result<Self::Results, Resource<Pending>>>> + Send;

    /// Calls the result half, when the task is done.
    fn result(
        self,
        alive: &mut Alive<T>,
        ready: Resource<Pending>,
    ) -> impl Future<Output = Result<Self::Results>> + Send;
}

/// The halves of a function whose types are known when the host is compiled.
pub(crate) struct TypedHalves<P, R: Results> {
    start: Start<P, R>,
    result: End<R>,
}

type Start<P, R> = TypedFunc<P, (Result<<R as Results>::Value, Resource<Pending>>,)>;
type End<R> = TypedFunc<(Resource<Pending>,), R>;

impl<P, R: Results> Clone for TypedHalves<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R: Results> Copy for TypedHalves<P, R> {}

impl<P, R> TypedHalves<P, R>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Results,
{
    /// The halves of a function.
    pub fn new(start: Start<P, R>, result: End<R>) -> Self {
        TypedHalves { start, result }
    }

    /// A call. `arguments` makes the arguments where the store is at hand, and a value that lives until the guest has taken
    /// them.
    pub fn call<T, A, L>(self, arguments: A) -> TypedCall<P, R, A>
    where
        T: 'static,
        A: FnOnce(&mut Alive<T>) -> Result<(P, L)>,
    {
        TypedCall {
            halves: self,
            name: "an export",
            origin: None,
            arguments: Some(arguments),
        }
    }
}

/// One call of a function whose types are known.
pub(crate) struct TypedCall<P, R: Results, A> {
    halves: TypedHalves<P, R>,
    name: &'static str,
    origin: Option<u64>,
    /// The start half takes them.
    arguments: Option<A>,
}

impl<P, R: Results, A> TypedCall<P, R, A> {
    /// Sets the function's name in the log.
    pub fn named(self, name: &'static str) -> Self {
        TypedCall { name, ..self }
    }

    /// Makes the call for `origin`.
    pub fn on_behalf_of(self, origin: u64) -> Self {
        TypedCall {
            origin: Some(origin),
            ..self
        }
    }
}

/// Enters one of the halves.
async fn enter<T, P, R>(
    alive: &mut Alive<T>,
    origin: Option<u64>,
    what: &str,
    half: TypedFunc<P, R>,
    params: P,
) -> Result<R>
where
    T: SplitView,
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift + 'static,
{
    match origin {
        Some(origin) => alive.enter_for(origin, what, half, params).await,
        None => alive.enter(what, half, params).await,
    }
}

impl<T, P, R, A, L> Halves<T> for TypedCall<P, R, A>
where
    T: SplitView,
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: Results,
    A: FnOnce(&mut Alive<T>) -> Result<(P, L)> + Send + 'static,
    L: Send,
{
    type Results = R;

    fn name(&self) -> &str {
        self.name
    }

    async fn start(&mut self, alive: &mut Alive<T>) -> Result<Result<R, Resource<Pending>>> {
        let arguments = self.arguments.take().expect("a call is started once");
        let (params, lent) = arguments(alive)?;
        let (started,) = enter(alive, self.origin, "start", self.halves.start, params).await?;
        drop(lent);
        Ok(started.map(R::from_value))
    }

    async fn result(self, alive: &mut Alive<T>, ready: Resource<Pending>) -> Result<R> {
        enter(alive, self.origin, "result", self.halves.result, (ready,)).await
    }
}

impl<T: SplitView> SplitInstance<T> {
    /// Calls a function through its halves, and waits for its task if there is one. `finish` takes the results where the store
    /// is at hand.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before. An error of `finish` or of a half ends the instance.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels the call: the guest drops its task at its next turn.
    pub(crate) async fn call_halves<H: Halves<T>, R: Send + 'static>(
        &self,
        mut halves: H,
        finish: impl FnOnce(&mut Alive<T>, H::Results) -> Result<R> + Send + 'static,
    ) -> Result<R, Died> {
        let started = self.enter(move |alive| {
            Box::pin(async move {
                match halves.start(alive).await? {
                    Ok(results) => {
                        call!("start: {} is done at once", halves.name());
                        Ok(Started::Done(finish(alive, results)?))
                    }
                    Err(pending) => {
                        call!("start: {} is task {}", halves.name(), pending.rep());
                        alive.wait_for(pending, move |alive, ready| {
                            Box::pin(async move {
                                call!("result: of {}, task {}", halves.name(), ready.rep());
                                let results = halves.result(alive, ready).await?;
                                finish(alive, results)
                            })
                        })
                    }
                }
            })
        });
        match started.await? {
            Started::Done(result) => Ok(result),
            Started::Waiting(id, told) => wait(self.queue(), id, told).await,
        }
    }
}

/// The outcome of a start half.
pub(crate) enum Started<R> {
    /// It was done at once.
    Done(R),
    /// Its task goes on; the driver sends the result.
    Waiting(CallId, oneshot::Receiver<Result<R, Died>>),
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
