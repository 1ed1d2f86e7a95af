//! Host futures: the futures of async imports that the host implements.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use slab::Slab;
use wasmtime::Result;

use super::budget::{Budget, Share};
use super::queue::{Queue, Wake};

/// A host future with its output's type forgotten; an error traps the instance.
pub type HostFuture = Pin<Box<dyn Future<Output = Result<Box<dyn Any + Send>>> + Send>>;

/// The number of a host future under way. It is never reused, so a late waker finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FutureId {
    index: u32,
    generation: u32,
}

/// The host futures of one store. Nothing is spawned: the driver of the instance polls them.
pub struct Futures {
    slab: Slab<Running>,
    generation: u32,
    budget: Budget,
}

struct Running {
    generation: u32,
    future: HostFuture,
    waker: Waker,
    task: u32,
    /// The budget for its state, while it runs.
    _share: Share,
}

/// How a future's first poll went.
pub enum Started<R> {
    Ready(Result<R>),
    Pending(FutureId),
}

/// The size of a future beside its state: its place in the table, its waker, two allocations.
const OVERHEAD: usize = size_of::<Running>() + 128;

impl Futures {
    pub fn new(budget: &Budget) -> Self {
        Futures {
            slab: Slab::new(),
            generation: 0,
            budget: budget.clone(),
        }
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Polls a future once. A future that is not done is kept, and needs a task.
    pub fn start<R, F>(&mut self, queue: &Arc<Queue>, future: F) -> Started<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        self.generation = self.generation.wrapping_add(1);
        let id = FutureId {
            index: self.slab.vacant_key() as u32,
            generation: self.generation,
        };
        let waker = queue.waker(Wake::Future(id));
        let mut future = Box::pin(future);
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Started::Ready(result);
        }
        let mut share = self.budget.share();
        if let Err(full) = share.hold(size_of::<F>() + OVERHEAD, "a call of the host") {
            return Started::Ready(Err(full));
        }
        self.slab.insert(Running {
            generation: self.generation,
            future: Box::pin(async move { Ok(Box::new(future.await?) as Box<dyn Any + Send>) }),
            waker,
            task: 0,
            _share: share,
        });
        Started::Pending(id)
    }

    /// The task that the future completes.
    pub fn set_task(&mut self, id: FutureId, task: u32) {
        if let Some(running) = self.get(id) {
            running.task = task;
        }
    }

    /// Polls a woken future. Once it is done: its task and output.
    pub fn poll(&mut self, id: FutureId) -> Poll<(u32, Result<Box<dyn Any + Send>>)> {
        let Some(running) = self.get(id) else {
            return Poll::Pending;
        };
        let mut cx = Context::from_waker(&running.waker);
        match running.future.as_mut().poll(&mut cx) {
            Poll::Ready(result) => {
                let running = self.slab.remove(id.index as usize);
                Poll::Ready((running.task, result))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Drops a future, which cancels it.
    pub fn cancel(&mut self, id: FutureId) {
        if self.get(id).is_some() {
            self.slab.remove(id.index as usize);
        }
    }

    fn get(&mut self, id: FutureId) -> Option<&mut Running> {
        self.slab
            .get_mut(id.index as usize)
            .filter(|running| running.generation == id.generation)
    }
}
