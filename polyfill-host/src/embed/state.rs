//! What an embedder's bindings keep in a store, whichever ABI its guest has.

use std::any::Any;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;
use tokio::sync::Notify;
use wasmtime::component::ResourceAny;
use wasmtime::{AsContextMut, Result, StoreContextMut, bail};

use crate::core::{Budget, Queue, Resources, Share, Wake};

/// The bindings' part of a store's data.
pub struct EmbedState {
    pub(super) resources: HostResources,
    pub(super) later: Arc<Later>,
}

impl EmbedState {
    /// `resources` counts those of all types. Whoever drives the instance reads `queue`.
    pub(crate) fn new(resources: &Resources, budget: &Budget, queue: &Arc<Queue>) -> Self {
        EmbedState {
            resources: HostResources {
                slab: Slab::new(),
                count: resources.clone(),
                share: budget.share(),
            },
            later: Arc::new(Later {
                native: AtomicBool::new(false),
                filled: AtomicBool::new(false),
                inbox: Mutex::default(),
                queue: queue.clone(),
                notify: Notify::new(),
            }),
        }
    }

    /// How many resources of the host's guests have handles of.
    pub(crate) fn handles(&self) -> usize {
        self.resources.slab.len()
    }

    /// What is to be done where the store is at hand.
    pub(crate) fn later(&self) -> &Arc<Later> {
        &self.later
    }
}

/// The resources that the host implements and guests have handles of.
pub(super) struct HostResources {
    slab: Slab<Arc<dyn Any + Send + Sync>>,
    count: Resources,
    /// For the table.
    share: Share,
}

impl HostResources {
    /// A guest gets a handle: its representation.
    pub fn push(&mut self, resource: Arc<dyn Any + Send + Sync>) -> Result<u32> {
        self.count.add()?;
        let index = self.slab.insert(resource) as u32;
        let weight = self.slab.capacity() * size_of::<Arc<dyn Any>>();
        self.share.hold(weight, "a resource of the host")?;
        Ok(index)
    }

    /// The resource behind a handle that a guest has lent.
    pub fn get<R: Send + Sync + 'static>(&self, rep: u32) -> Result<Arc<R>> {
        match self.slab.get(rep as usize) {
            Some(resource) => typed(resource.clone()),
            None => bail!("no resource {rep}"),
        }
    }

    /// The resource behind a handle that a guest has handed over, or dropped.
    pub fn take<R: Send + Sync + 'static>(&mut self, rep: u32) -> Result<Arc<R>> {
        match self.slab.try_remove(rep as usize) {
            Some(resource) => {
                self.count.remove();
                typed(resource)
            }
            None => bail!("no resource {rep}"),
        }
    }
}

fn typed<R: Send + Sync + 'static>(resource: Arc<dyn Any + Send + Sync>) -> Result<Arc<R>> {
    match resource.downcast() {
        Ok(resource) => Ok(resource),
        Err(_) => bail!("a resource of another type"),
    }
}

/// Something to be done where the store is at hand.
pub(crate) type Job<S> = Box<dyn FnOnce(StoreContextMut<'_, S>) -> Result<()> + Send>;

/// What is to be done where the store is at hand: by whoever drives the instance.
pub(crate) struct Later {
    /// The driver is a native one, which does not read the queue.
    native: AtomicBool,
    /// There is something in the inbox: most rounds of a driver need not look.
    filled: AtomicBool,
    inbox: Mutex<Inbox>,
    queue: Arc<Queue>,
    notify: Notify,
}

/// What has come since the last time.
#[derive(Default)]
pub(crate) struct Inbox {
    /// [`Job`]s of the store's data.
    jobs: Vec<Box<dyn Any + Send>>,
    /// Resources of guests' that nobody in the host has any more.
    dropped: Vec<ResourceAny>,
}

impl Inbox {
    /// Nothing has come.
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
    /// That of a job: a trap.
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

    /// Whether the store's guest speaks the native ABI.
    pub fn is_native(&self) -> bool {
        self.native.load(Relaxed)
    }

    /// The store's guest speaks the native ABI.
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
        match self.is_native() {
            true => self.notify.notify_one(),
            false => self.queue.push(Wake::Look),
        }
    }
}
