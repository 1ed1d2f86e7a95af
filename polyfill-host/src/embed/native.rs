//! A native instance that many tasks can use at once: one task has the store, and runs the jobs that the others send.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};
use wasmtime::component::{self, Accessor, AccessorTask, InstancePre};
use wasmtime::{AsContextMut, Result, Store, StoreContextMut, format_err};

use crate::split::{Died, Later, SplitView, set_hostcall_fuel};

/// A native component that is ready to be instantiated.
pub struct NativePre<T: 'static>(InstancePre<T>);

impl<T: 'static> Clone for NativePre<T> {
    fn clone(&self) -> Self {
        NativePre(self.0.clone())
    }
}

impl<T: SplitView> NativePre<T> {
    /// Of a component whose imports are all defined.
    pub fn new(pre: InstancePre<T>) -> Self {
        NativePre(pre)
    }

    /// Instantiates the component in a store of its own, which is driven by a task from then on.
    pub async fn instantiate(&self, mut store: Store<T>) -> Result<NativeInstance<T>> {
        store.data_mut().split().later.set_native();
        set_hostcall_fuel(&mut store);
        // On an engine with a ticker, a guest that computes yields to others.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let instance = self.0.instantiate_async(&mut store).await?;
        let (jobs, inbox) = mpsc::unbounded_channel();
        let death = watch::Sender::new(None);
        let died = death.subscribe();
        tokio::spawn(drive(store, instance, inbox, death));
        Ok(NativeInstance { jobs, died })
    }
}

/// A job for the instance. Jobs run concurrently; the error of a job ends the instance.
type Job<T> = Box<
    dyn for<'a> FnOnce(&'a Accessor<T>, component::Instance) -> BoxFuture<'a, Result<()>> + Send,
>;

/// A handle on a native instance, which ends when the last one is dropped.
pub struct NativeInstance<T: 'static> {
    jobs: mpsc::UnboundedSender<Job<T>>,
    died: watch::Receiver<Option<Died>>,
}

impl<T: 'static> Clone for NativeInstance<T> {
    fn clone(&self) -> Self {
        NativeInstance {
            jobs: self.jobs.clone(),
            died: self.died.clone(),
        }
    }
}

impl<T: SplitView> NativeInstance<T> {
    /// Runs `what`, a future, beside everything else. `what` goes on if this future is dropped: a native call can't be
    /// cancelled from outside.
    ///
    /// # Errors
    ///
    /// If the instance dies, or had died before.
    pub async fn run<R: Send + 'static>(
        &self,
        what: impl for<'a> FnOnce(&'a Accessor<T>, component::Instance) -> BoxFuture<'a, Result<R>>
        + Send
        + 'static,
    ) -> Result<R, Died> {
        let (tell, told) = oneshot::channel();
        let job: Job<T> = Box::new(move |store, instance| {
            async move {
                let done = what(store, instance).await?;
                // The caller may have stopped waiting.
                let _ = tell.send(done);
                Ok(())
            }
            .boxed()
        });
        if self.jobs.send(job).is_err() {
            return Err(self.end().await);
        }
        match told.await {
            Ok(done) => Ok(done),
            Err(_) => Err(self.end().await),
        }
    }

    /// Calls `what` with the store, at once.
    ///
    /// # Errors
    ///
    /// If the instance has died.
    pub async fn with_store<R: Send + 'static>(
        &self,
        what: impl FnOnce(StoreContextMut<'_, T>, component::Instance) -> R + Send + 'static,
    ) -> Result<R, Died> {
        self.run(move |store, instance| {
            let done = store.with(|mut access| what(access.as_context_mut(), instance));
            Box::pin(async { Ok(done) })
        })
        .await
    }

    /// Why the instance has died, if it has.
    pub fn died(&self) -> Option<Died> {
        self.died.borrow().clone()
    }

    /// Why it has died, once that is known.
    async fn end(&self) -> Died {
        let mut died = self.died.clone();
        match died.wait_for(Option::is_some).await {
            Ok(died) => died.clone().expect("what was waited for"),
            // The task that has the store was dropped with tokio's runtime.
            Err(_) => Died::new(format_err!("the runtime has shut down")),
        }
    }
}

/// Runs the instance until nobody can use it any more.
async fn drive<T: SplitView>(
    mut store: Store<T>,
    instance: component::Instance,
    mut jobs: mpsc::UnboundedReceiver<Job<T>>,
    death: watch::Sender<Option<Died>>,
) {
    let later = store.data_mut().split().later.clone();
    if let Err(error) = serve(&mut store, instance, &mut jobs, &later).await {
        death.send_replace(Some(Died::new(error)));
        // Callers whose jobs were never begun learn it now.
        jobs.close();
    }
}

async fn serve<T: SplitView>(
    store: &mut Store<T>,
    instance: component::Instance,
    jobs: &mut mpsc::UnboundedReceiver<Job<T>>,
    later: &Arc<Later>,
) -> Result<()> {
    loop {
        let ended = store
            .run_concurrent(async |store| {
                loop {
                    tokio::select! {
                        job = jobs.recv() => match job {
                            Some(job) => {
                                store.spawn(Task { job, instance })?;
                            }
                            None => return Ok(true),
                        },
                        () = later.wait() => return Ok::<_, wasmtime::Error>(false),
                    }
                }
            })
            .await??;
        if ended {
            return Ok(());
        }
        // Destructors are guest code, and can run only while no other guest code runs. Calls under way stay as they are.
        let mut inbox = later.take();
        for handle in inbox.take_dropped() {
            handle.resource_drop_async(&mut *store).await?;
        }
        inbox.run(store.as_context_mut())?;
    }
}

/// A job that goes on whatever else the task with the store does.
struct Task<T: 'static> {
    job: Job<T>,
    instance: component::Instance,
}

impl<T: SplitView> AccessorTask<T> for Task<T> {
    async fn run(self, store: &Accessor<T>) -> Result<()> {
        (self.job)(store, self.instance).await
    }
}
