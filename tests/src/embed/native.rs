//! A native instance that many tasks can use at once: one task has the store, and runs the calls that the others send.

use super::state::State;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::{Accessor, ComponentNamedList, Lift, Lower, TypedFunc};
use wasmtime::{Store, component};

type Job =
    Box<dyn for<'a> FnOnce(&'a Accessor<State>, component::Instance) -> BoxFuture<'a, ()> + Send>;

/// A native instance.
pub struct Instance {
    jobs: mpsc::UnboundedSender<Job>,
    /// Why the instance has ended.
    end: Shared<BoxFuture<'static, String>>,
}

impl Instance {
    pub(super) fn new(mut store: Store<State>, instance: component::Instance) -> Self {
        let (jobs, mut inbox) = mpsc::unbounded_channel::<Job>();
        let running = tokio::spawn(async move {
            let ran = store.run_concurrent(async |store| {
                let mut running = FuturesUnordered::new();
                loop {
                    tokio::select! {
                        job = inbox.recv() => match job {
                            Some(job) => running.push(job(store, instance)),
                            None => return,
                        },
                        Some(()) = running.next() => {}
                    }
                }
            });
            match ran.await {
                Ok(()) => "it was dropped".to_owned(),
                Err(error) => format!("{error:#}"),
            }
        });
        let end = async move {
            running
                .await
                .unwrap_or_else(|error| format!("its task has ended: {error}"))
        };
        Instance {
            jobs,
            end: end.boxed().shared(),
        }
    }

    /// Calls a function; the error is why the instance has ended, or that there is no such function.
    pub(super) async fn call<P, R>(
        &self,
        interface: &str,
        name: &str,
        params: P,
    ) -> Result<R, String>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (tell, told) = oneshot::channel();
        let (interface, name) = (interface.to_owned(), name.to_owned());
        let job: Job = Box::new(move |store, instance| {
            async move {
                let called = match look_up(store, instance, &interface, &name) {
                    Ok(function) => function.call_concurrent(store, params).await,
                    Err(error) => Err(error),
                };
                // The caller may have stopped waiting.
                let _ = tell.send(called.map_err(|error| format!("{error:#}")));
            }
            .boxed()
        });
        if self.jobs.send(job).is_err() {
            return Err(self.end.clone().await);
        }
        match told.await {
            Ok(called) => called,
            Err(_) => Err(self.end.clone().await),
        }
    }
}

fn look_up<P, R>(
    store: &Accessor<State>,
    instance: component::Instance,
    interface: &str,
    name: &str,
) -> wasmtime::Result<TypedFunc<P, R>>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    store.with(|mut store| {
        let missing =
            || wasmtime::format_err!("the component exports no `{name}` of `{interface}`");
        let interface = instance
            .get_export_index(&mut store, None, interface)
            .ok_or_else(missing)?;
        let function = instance
            .get_export_index(&mut store, Some(&interface), name)
            .ok_or_else(missing)?;
        instance.get_typed_func(&mut store, function)
    })
}
