//! Work left for the driver of an instance: jobs that need the store, and handles to drop.

use std::any::Any;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use wasmtime::component::ResourceAny;
use wasmtime::{AsContextMut, Result, StoreContextMut, bail};

use crate::core::{Queue, Wake};

/// A job to be done where the store is at hand.
pub(crate) type Job<S> = Box<dyn FnOnce(StoreContextMut<'_, S>) -> Result<()> + Send>;

/// Work to be done where the store is at hand, by the driver of the instance.
pub(crate) struct Later {
    /// Whether the driver is a native one, which does not read the queue.
    native: AtomicBool,
    /// Whether the inbox has something: most rounds of a driver need not lock it.
    filled: AtomicBool,
    inbox: Mutex<Inbox>,
    queue: Arc<Queue>,
    notify: Notify,
}

/// The work that has come since the last time.
#[derive(Default)]
pub(crate) struct Inbox {
    /// [`Job`]s for the store's data.
    jobs: Vec<Box<dyn Any + Send>>,
    /// Guest resources that the host does not use any more.
    dropped: Vec<ResourceAny>,
}

impl Inbox {
    /// Whether nothing has come.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.dropped.is_empty()
    }

    /// The handles to be dropped.
    pub fn take_dropped(&mut self) -> Vec<ResourceAny> {
        std::mem::take(&mut self.dropped)
    }

    /// Does all jobs.
    ///
    /// # Errors
    ///
    /// The error of a job: a trap.
    pub fn run<S: 'static>(self, mut store: StoreContextMut<'_, S>) -> Result<()> {
        for job in self.jobs {
            match job.downcast::<Job<S>>() {
                Ok(job) => job(store.as_context_mut())?,
                Err(_) => bail!("a job for a store with other data"),
            }
        }
        Ok(())
    }
}

impl Later {
    /// An empty list of work. The driver of the instance reads `queue`.
    pub fn new(queue: &Arc<Queue>) -> Self {
        Later {
            native: AtomicBool::new(false),
            filled: AtomicBool::new(false),
            inbox: Mutex::default(),
            queue: queue.clone(),
            notify: Notify::new(),
        }
    }

    /// Leaves a job.
    pub fn push<S: 'static>(
        &self,
        job: impl FnOnce(StoreContextMut<'_, S>) -> Result<()> + Send + 'static,
    ) {
        let job: Job<S> = Box::new(job);
        self.change(|inbox| inbox.jobs.push(Box::new(job)));
    }

    /// Leaves a handle to be dropped.
    pub fn drop_handles(&self, handles: impl IntoIterator<Item = ResourceAny>) {
        self.change(|inbox| inbox.dropped.extend(handles));
    }

    /// Takes everything.
    pub fn take(&self) -> Inbox {
        if !self.filled.load(Acquire) {
            return Inbox::default();
        }
        let mut inbox = self.lock();
        self.filled.store(false, Release);
        std::mem::take(&mut inbox)
    }

    /// Waits until there is something.
    pub async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Whether the store's guest has the native ABI.
    pub fn is_native(&self) -> bool {
        self.native.load(Relaxed)
    }

    /// Notes that the store's guest has the native ABI.
    pub fn set_native(&self) {
        self.native.store(true, Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inbox)) {
        {
            let mut inbox = self.lock();
            change(&mut inbox);
            self.filled.store(true, Release);
        }
        if self.is_native() {
            self.notify.notify_one();
        } else {
            self.queue.push(Wake::Look);
        }
    }
}
