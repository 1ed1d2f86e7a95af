//! The core of one store: the state machine of components and tasks, and host futures.

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use isyswasfa_core::Cancelled;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use super::budget::Budget;
use super::calls::call;
use super::futures::{FutureId, Futures, Started};
use super::policy::{HostPolicy, Machine};
use super::queue::{Queue, Wake};
use super::trace::Trace;

/// What the guests of one store may use of the host. Beyond a limit they trap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Component instances.
    pub components: usize,
    /// Exported functions that tasks were made of, of all components together.
    pub functions: usize,
    /// Events that one component has not taken.
    pub events: usize,
    /// Calls under way.
    pub tasks: usize,
    /// Pipes of each kind.
    pub pipes: usize,
    /// Bytes that the host holds for all guests together, roughly. As they become many, a write of bytes is
    /// taken in smaller and smaller parts. Anything that can't be taken in part traps.
    pub host_memory: usize,
    /// Bytes that one call of the host may pass: wasmtime's hostcall fuel. `None`: `host_memory`, so that the two never
    /// contradict each other.
    pub hostcall_fuel: Option<usize>,
    /// Resources of the host, of all types together (fields, requests, ...).
    pub resources: usize,
    /// How long a guest may run without returning to the host, before it is interrupted. Measured in ticks of the engine's
    /// epoch, so only while the guest really runs. `None`: for ever.
    pub max_run: Option<Duration>,
    /// Whether an instance ends when its guests wait and nothing is under way that could wake them. That is a deadlock if
    /// nobody else calls the instance. A guest in `block-on` lets nobody else in, so there it always ends the instance.
    pub deadlock: bool,
    /// Bytes that one write offers at once, 1 MiB at most; a longer write is taken in part, without a trap. Values without
    /// handles are taken up to this weight, but at least one.
    pub write_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            components: 1_000,
            functions: 100_000,
            events: 1_000_000,
            tasks: 100_000,
            pipes: 100_000,
            host_memory: 128 << 20,
            hostcall_fuel: None,
            resources: 100_000,
            max_run: None,
            deadlock: false,
            write_bytes: 1 << 20,
        }
    }
}

/// `isyswasfa:core/tasks.pending`, as a resource's type parameter. It is represented by its task.
pub struct Pending;

/// The number of a call that the host has under way. It is never reused, so a late result finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// The one that waits at the end of a pipe.
pub type Waiter = isyswasfa_core::Waiter<()>;

/// The core of one store.
pub struct Core {
    pub(crate) machine: Machine,
    futures: Futures,
    queue: Arc<Queue>,
    budget: Budget,
    /// Calls of the host that nobody waits for any more.
    abandoned: Vec<CallId>,
}

impl Core {
    /// A core without any components yet.
    pub fn new(limits: Limits) -> Self {
        let budget = Budget::new(limits.host_memory);
        Core {
            machine: Machine::new(HostPolicy::new(limits, &budget)),
            futures: Futures::new(&budget),
            queue: Arc::new(Queue::new(&budget)),
            budget,
            abandoned: Vec::new(),
        }
    }

    /// Reports to a trace what happens from now on.
    pub(crate) fn set_trace(&mut self, trace: Box<dyn Trace>) {
        self.machine.policy.trace = Some(trace);
    }

    /// Reports something to the trace, if there is one.
    pub(crate) fn traced(&mut self, tell: impl FnOnce(&mut dyn Trace)) {
        if let Some(trace) = &mut self.machine.policy.trace {
            tell(&mut **trace);
        }
    }

    /// Whether there is a trace, for reports that cost something to make.
    pub(crate) fn is_traced(&self) -> bool {
        self.machine.policy.trace.is_some()
    }

    /// The inbox for wakers.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// What guests may use.
    pub fn limits(&self) -> &Limits {
        &self.machine.policy.limits
    }

    /// What the host holds for the guests.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// How many tasks there are.
    pub fn task_count(&self) -> usize {
        self.machine.task_count()
    }

    /// How many host futures are under way.
    pub fn future_count(&self) -> usize {
        self.futures.len()
    }

    /// Starts a host future for the import `name`. Returns its output, if it is done at once, or a task.
    ///
    /// # Errors
    ///
    /// The future's own error, or too many tasks: a trap.
    pub fn start<R, F>(&mut self, name: &str, future: F) -> Result<Result<R, Resource<Pending>>>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        match self.futures.start(&self.queue, future) {
            Started::Ready(result) => {
                call!("start: `{name}` of the host is done at once");
                result.map(Ok)
            }
            Started::Pending(id) => {
                let task = self.machine.make_work_task(id, name)?;
                self.futures.set_task(id, task);
                Ok(Err(Resource::new_own(task)))
            }
        }
    }

    /// The output of a host future, for the import's result half.
    ///
    /// # Errors
    ///
    /// If the task is of another function, or not done: the guest's mistake, a trap.
    pub fn finish<R: 'static>(&mut self, ready: Resource<Pending>) -> Result<R> {
        let task = ready.rep();
        match self.machine.finish_work(task)?.downcast() {
            Ok(result) => Ok(*result),
            Err(_) => bail!(
                "the result of task {task} was fetched from another function than the one that was called"
            ),
        }
    }

    /// Calls of the host that were done since the last time.
    pub(crate) fn take_done(&mut self, done: &mut Vec<CallId>) {
        done.append(&mut self.machine.policy.done);
    }

    /// Notes that a call of the host was done before anybody waited for it.
    pub(crate) fn call_done(&mut self, call: CallId) {
        self.machine.policy.done.push(call);
    }

    /// Notes that nobody waits for a call of the host any more.
    pub(crate) fn abandon(&mut self, call: CallId) {
        self.abandoned.push(call);
    }

    /// The calls of the host that were abandoned since the last time.
    pub(crate) fn take_abandoned(&mut self, abandoned: &mut Vec<CallId>) {
        abandoned.append(&mut self.abandoned);
    }

    /// Polls a woken host future.
    pub(crate) fn poll_future(&mut self, id: FutureId) -> Result<()> {
        if let Poll::Ready((task, result)) = self.futures.poll(id) {
            self.machine.complete_work(task, result?)?;
        }
        Ok(())
    }

    /// Notifies the one that waits at a pipe. The caller takes care of the host's own ends.
    pub(crate) fn notify(&mut self, waiter: Option<Waiter>) -> Result<()> {
        self.machine.notify(waiter)
    }

    /// A guest as a waiter, by its mailbox.
    pub(crate) fn waiter(&self, mailbox: u64, token: u32) -> Result<Waiter> {
        self.machine.waiter(mailbox, token)
    }

    /// Ends the host future of a cancelled task, if it has one. Returns the number of the component to enter; 0: none.
    pub(crate) fn end(&mut self, cancelled: Cancelled<FutureId>) -> u32 {
        if let Cancelled::Work(future) = cancelled {
            self.futures.cancel(future);
        }
        cancelled.number()
    }

    /// A waker of this store.
    pub(crate) fn waker(&self, wake: Wake) -> std::task::Waker {
        self.queue.waker(wake)
    }
}
