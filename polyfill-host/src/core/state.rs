//! The core of one store: components, tasks and host futures together.

use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use super::budget::Budget;
use super::components::{Cancelled, ComponentIndex, Components, Event, Next, SPINS, VALUE_LIMIT};
use super::functions::Functions;
use super::futures::{FutureId, Futures, Started};
use super::queue::{Queue, Wake};
use super::tasks::{CallId, Caller, Dropped, Pending, Refused, Tasks, WaitedFor};
use crate::trace::{InstanceTrace, call};

/// What the guests of one store may use of the host. Beyond a limit they trap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Component instances.
    pub components: usize,
    /// Exported functions that tasks were made of, of all components together.
    pub functions: usize,
    /// Events that one component leaves lying.
    pub events: usize,
    /// Calls under way.
    pub tasks: usize,
    /// Pipes of each kind.
    pub pipes: usize,
    /// Bytes that the host holds for the guests, all together, roughly: see [`Budget`]. A write of bytes is taken in smaller and
    /// smaller parts when they become many; what can't be taken in part traps.
    pub host_memory: usize,
    /// Bytes that one call of the host may bring with it: wasmtime's hostcall fuel. `None`: `host_memory`, so that the two never
    /// contradict each other.
    pub hostcall_fuel: Option<usize>,
    /// Resources of the host, of all types together (fields, requests, ...).
    pub resources: usize,
    /// How long a guest may run without returning to the host; beyond it is interrupted. Measured in ticks of the
    /// engine's epoch, so only while it really runs. `None`: as long as it likes.
    pub max_run: Option<Duration>,
    /// Whether it ends the instance that guests wait and nothing is under way that could wake them, for an instance which
    /// nobody else calls, so that this can only be a deadlock. A guest in `block-on` keeps everybody else out: there it
    /// always does.
    pub deadlock: bool,
    /// Bytes that one write offers at once, 1 MiB at most; a longer write is taken in part. No trap. Of values that have no
    /// handles in them, as many as weigh so much, but one at least.
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

/// Who waits at the end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter {
    /// A guest, which gets the token.
    Guest {
        /// The component's place.
        component: ComponentIndex,
        /// Its own number for what waits.
        token: u32,
    },
    /// The host's end.
    Host,
}

/// The core of one store.
pub struct Core {
    components: Components,
    functions: Functions,
    tasks: Tasks,
    futures: Futures,
    queue: Arc<Queue>,
    limits: Limits,
    budget: Budget,
    /// Calls of the host whose results can be fetched.
    done: Vec<CallId>,
    /// Calls of the host that nobody waits for any more.
    abandoned: Vec<CallId>,
    /// What components have told that their tasks wait for; none: they were not asked.
    waits: Option<Vec<Wait>>,
    trace: Option<Box<InstanceTrace>>,
}

/// What a task waits for that is no task of another component.
pub(crate) struct Wait {
    pub component: ComponentIndex,
    /// The function that it is a call of. None: it was spawned.
    pub function: Option<u32>,
    /// As the component tells it.
    pub what: String,
}

/// So many waits are reported; more tell nobody anything.
const MAX_WAITS: usize = 20;
/// So long a line of a component's own is taken into a report.
const MAX_WAIT_LEN: usize = 200;

impl Core {
    /// A core without any components yet.
    pub fn new(limits: Limits) -> Self {
        let budget = Budget::new(limits.host_memory);
        Core {
            components: Components::new(limits.components, limits.events, &budget),
            functions: Functions::new(limits.functions, &budget),
            tasks: Tasks::new(limits.tasks, &budget),
            futures: Futures::new(&budget),
            queue: Arc::new(Queue::new(&budget)),
            limits,
            budget,
            done: Vec::new(),
            abandoned: Vec::new(),
            waits: None,
            trace: None,
        }
    }

    /// Tells a trace what happens from now on.
    pub(crate) fn set_trace(&mut self, trace: InstanceTrace) {
        self.trace = Some(Box::new(trace));
    }

    /// Tells the trace something, if there is one.
    pub(crate) fn traced(&mut self, tell: impl FnOnce(&mut InstanceTrace)) {
        if let Some(trace) = &mut self.trace {
            tell(trace);
        }
    }

    /// Whether there is a trace, for what would cost something to find out.
    pub(crate) fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    /// Where wakers leave word.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// What guests may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the host holds for the guests.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// How many tasks there are.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// The tasks that somebody waits for.
    pub(crate) fn waited_for(&self) -> impl Iterator<Item = WaitedFor> {
        self.tasks.waited_for()
    }

    /// Asks all components what their tasks wait for, which they tell when they are entered. `false`: they have told already.
    pub(crate) fn ask_what_waits(&mut self) -> Result<bool> {
        if self.waits.is_some() {
            return Ok(false);
        }
        self.waits = Some(Vec::new());
        self.components.ask_what_waits()?;
        Ok(true)
    }

    /// What components have told that their tasks wait for.
    pub(crate) fn waits(&self) -> &[Wait] {
        self.waits.as_deref().unwrap_or_default()
    }

    /// A component tells what one of its tasks waits for.
    pub(crate) fn tell_wait(
        &mut self,
        component: u64,
        task: Option<u32>,
        mut what: String,
    ) -> Result<()> {
        let component = self.components.index(component)?;
        let function = task.and_then(|task| self.tasks.function(component, task));
        if let Some(waits) = &mut self.waits
            && waits.len() < MAX_WAITS
        {
            what.truncate(what.floor_char_boundary(MAX_WAIT_LEN));
            // It goes to a log or a terminal.
            what.retain(|c| !c.is_control());
            waits.push(Wait {
                component,
                function,
                what,
            });
        }
        Ok(())
    }

    /// What people call a component's function.
    pub(crate) fn function(&self, function: u32) -> &str {
        self.functions.display(function)
    }

    /// How many host futures are under way.
    pub fn future_count(&self) -> usize {
        self.futures.len()
    }

    /// Starts a host future for the import `name`: its output at once, or a task.
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
                let task = self.tasks.make_host(id)?;
                call!("start: `{name}` of the host becomes task {task}");
                self.traced(|trace| trace.made(task, 0, name));
                self.futures.set_task(id, task);
                Ok(Err(Resource::new_own(task)))
            }
        }
    }

    /// What a host future came to, for the import's `-result`.
    ///
    /// # Errors
    ///
    /// If the task is another's, or not done: the guest's mistake, a trap.
    pub fn finish<R: 'static>(&mut self, ready: Resource<Pending>) -> Result<R> {
        call!("result: of task {}, from the host", ready.rep());
        let task = ready.rep();
        match self.tasks.finish_host(task).map(|result| result.downcast()) {
            Ok(Ok(result)) => {
                self.traced(|trace| trace.fetched(task));
                Ok(*result)
            }
            Ok(Err(_)) => bail!(
                "the result of task {task} was asked of another function of the host than the one that was called"
            ),
            Err(refused) => bail!(self.refusal(task, "the host", &refused)),
        }
    }

    /// The host waits for a task that a guest made; `true` if it is done already.
    pub(crate) fn subscribe_host(
        &mut self,
        task: &Resource<Pending>,
        call: CallId,
    ) -> Result<bool> {
        self.traced(|trace| trace.host_waits(task.rep()));
        self.tasks.subscribe(task.rep(), Caller::Host(call))
    }

    /// A call of the host was done before it was waited for.
    pub(crate) fn call_done(&mut self, call: CallId) {
        self.done.push(call);
    }

    /// The calls of the host that were done since the last time.
    pub(crate) fn take_done(&mut self, done: &mut Vec<CallId>) {
        done.append(&mut self.done);
    }

    /// Nobody waits for a call of the host any more.
    pub(crate) fn abandon(&mut self, call: CallId) {
        self.abandoned.push(call);
    }

    /// The calls of the host that were abandoned since the last time.
    pub(crate) fn take_abandoned(&mut self, abandoned: &mut Vec<CallId>) {
        abandoned.append(&mut self.abandoned);
    }

    /// The numbers of the components to enter.
    pub(crate) fn take_roots(&mut self, numbers: &mut Vec<u32>) {
        self.components.take_roots(numbers);
    }

    /// Whether there are components to enter.
    pub(crate) fn has_roots(&self) -> bool {
        self.components.has_roots()
    }

    /// Goes on with a woken host future.
    pub(crate) fn poll_future(&mut self, id: FutureId) -> Result<()> {
        if let Poll::Ready((task, result)) = self.futures.poll(id) {
            self.traced(|trace| trace.done(task));
            if let Some(caller) = self.tasks.complete_host(task, result?) {
                self.tell(caller)?;
            }
        }
        Ok(())
    }

    /// Tells who waits at a pipe. The host's own ends are looked after by the caller.
    pub(crate) fn notify(&mut self, waiter: Option<Waiter>) -> Result<()> {
        match waiter {
            Some(Waiter::Guest { component, token }) => self.post_token(component, token),
            Some(Waiter::Host) | None => Ok(()),
        }
    }

    /// A guest as the one who waits, by its mailbox.
    pub(crate) fn waiter(&self, mailbox: u64, token: u32) -> Result<Waiter> {
        Ok(Waiter::Guest {
            component: self.components.by_mailbox(mailbox)?,
            token: value(token)?,
        })
    }

    pub(crate) fn mailbox(&self, component: u64) -> Result<u64> {
        Ok(self.components.mailbox(self.components.index(component)?))
    }

    pub(crate) fn post(&mut self, mailbox: u64, token: u32) -> Result<()> {
        let waiter = self.waiter(mailbox, token)?;
        self.notify(Some(waiter))
    }

    pub(crate) fn register(&mut self) -> Result<u64> {
        let key = self.components.register()?;
        // The lower half of a key is the component's place.
        self.traced(|trace| trace.registered(key as u32 + 1));
        Ok(key)
    }

    pub(crate) fn number(&self, component: u64) -> Result<u32> {
        Ok(self.components.index(component)? + 1)
    }

    pub(crate) fn link(&mut self, component: u64, child: u32) -> Result<()> {
        let component = self.components.index(component)?;
        self.traced(|trace| trace.linked(component + 1, child));
        self.components.link(component, child)
    }

    pub(crate) fn name_function(&mut self, component: u64, name: &str) -> Result<u32> {
        let component = self.components.index(component)?;
        self.functions.name(component, name)
    }

    pub(crate) fn make_task(
        &mut self,
        component: u64,
        function: u32,
        key: u32,
        poll: bool,
    ) -> Result<(Resource<Pending>, u32)> {
        let component = self.components.index(component)?;
        self.functions.check(component, function)?;
        let task = self.tasks.make_guest(component, function, value(key)?)?;
        call!(
            "start: component {} makes task {task} of `{}`",
            component + 1,
            self.functions.display(function)
        );
        if let Some(trace) = self.trace.as_deref_mut() {
            trace.made(task, component + 1, self.functions.display(function));
        }
        if poll {
            self.components.wake(component)?;
        }
        self.components.goes_on(component);
        Ok((Resource::new_own(task), task))
    }

    pub(crate) fn complete(&mut self, component: u64, task: u32) -> Result<()> {
        let component = self.components.index(component)?;
        call!(
            "complete: component {} is done with task {task}",
            component + 1
        );
        self.traced(|trace| trace.done(task));
        self.components.goes_on(component);
        match self.tasks.complete_guest(component, task)? {
            Some(caller) => self.tell(caller),
            None => Ok(()),
        }
    }

    pub(crate) fn finish_guest(
        &mut self,
        component: u64,
        function: u32,
        done: Resource<Pending>,
    ) -> Result<u32> {
        let component = self.components.index(component)?;
        call!(
            "result: of task {}, from component {}",
            done.rep(),
            component + 1
        );
        let task = done.rep();
        match self.tasks.finish_guest(component, function, task) {
            Ok(key) => {
                self.traced(|trace| trace.fetched(task));
                Ok(key)
            }
            Err(refused) => {
                let asked = format!("`{}`", self.functions.display(function));
                bail!(self.refusal(task, &asked, &refused))
            }
        }
    }

    /// Why `asked` does not have the result of `task`.
    fn refusal(&self, task: u32, asked: &str, refused: &Refused) -> String {
        let why = match refused {
            Refused::Unknown => "no such task is under way".to_string(),
            Refused::OtherComponent => "it is a task of another component".to_string(),
            Refused::OtherFunction(called) => {
                format!("it is a task of `{}`", self.functions.display(*called))
            }
            Refused::NotDone => "it is not done".to_string(),
        };
        format!("the result of task {task} was asked of {asked}, but {why}")
    }

    pub(crate) fn subscribe(
        &mut self,
        task: &Resource<Pending>,
        component: u64,
        token: u32,
    ) -> Result<()> {
        let component = self.components.index(component)?;
        let caller = Caller::Guest {
            component,
            token: value(token)?,
        };
        self.traced(|trace| trace.waits(task.rep(), component + 1, token));
        if self.tasks.subscribe(task.rep(), caller)? {
            self.tell(caller)?;
        }
        Ok(())
    }

    pub(crate) fn wake(&mut self, component: u64) -> Result<()> {
        let component = self.components.index(component)?;
        if self.components.wake(component)? {
            self.warn_of_spinning(component);
        }
        Ok(())
    }

    /// A component has yielded for a long time, and nothing else has happened: says who waits for what, so that it can be found.
    #[cold]
    fn warn_of_spinning(&self, component: ComponentIndex) {
        let mut names: Vec<_> = self
            .tasks
            .running(component)
            .map(|function| format!("`{}`", self.functions.display(function)))
            .collect();
        names.dedup();
        names.truncate(MAX_WAITS);
        let calls = match names.is_empty() {
            true => "a task that it has spawned".to_string(),
            false => names.join(", "),
        };
        tracing::warn!(
            "component {} has yielded {SPINS} times in {calls}, and nothing else has happened: what it looks for may never come",
            component + 1
        );
    }

    pub(crate) fn next_event(&mut self, component: u64) -> Result<u64> {
        let component = self.components.index(component)?;
        let next = self.components.next_event(component);
        self.traced(|trace| {
            if let Some(event) = Event::of(next.word() as u32) {
                trace.takes(component + 1, event);
            }
        });
        match next {
            Next::Event(_, 0) | Next::WhatWaits => self.tasks.forget_cancelled(component),
            Next::Cancelled(Cancelled { task, .. }) => self.tasks.forget(task),
            Next::Event(..) | Next::NoMoreCancels => {}
        }
        Ok(next.word())
    }

    pub(crate) fn has_events(&self, component: u64) -> Result<bool> {
        Ok(self
            .components
            .has_events(self.components.index(component)?))
    }

    pub(crate) fn drop_pending(&mut self, task: u32) -> Result<()> {
        self.traced(|trace| trace.cancelled(task));
        match self.tasks.drop_pending(task) {
            Dropped::Nothing => {}
            Dropped::CancelGuest(component, key) => {
                call!("cancel: task {task} of component {}", component + 1);
                self.components.post_cancel(component, key)?;
            }
            Dropped::CancelHost(future) => {
                call!("cancel: task {task} of the host");
                self.futures.cancel(future);
            }
        }
        Ok(())
    }

    /// As `drop_pending`; the answer is the number of the component that the caller enters next. 0: none.
    pub(crate) fn cancel(&mut self, task: Resource<Pending>) -> Result<u32> {
        let task = task.rep();
        self.traced(|trace| trace.cancelled(task));
        match self.tasks.cancel(task) {
            Dropped::Nothing => Ok(0),
            Dropped::CancelGuest(component, key) => {
                call!("cancel: task {task} of component {}", component + 1);
                self.components.cancel(component, Cancelled { key, task })?;
                Ok(component + 1)
            }
            Dropped::CancelHost(future) => {
                call!("cancel: task {task} of the host");
                self.futures.cancel(future);
                Ok(0)
            }
        }
    }

    /// A waker of this store.
    pub(crate) fn waker(&self, wake: Wake) -> std::task::Waker {
        self.queue.waker(wake)
    }

    fn post_token(&mut self, component: ComponentIndex, token: u32) -> Result<()> {
        self.traced(|trace| trace.sent(component + 1, token));
        self.components.post_token(component, token)
    }

    fn tell(&mut self, caller: Caller) -> Result<()> {
        match caller {
            Caller::Guest { component, token } => self.post_token(component, token),
            Caller::Host(call) => {
                self.done.push(call);
                Ok(())
            }
        }
    }
}

/// Tokens and keys share a word with the kind of the event.
fn value(value: u32) -> Result<u32> {
    if value >= VALUE_LIMIT {
        bail!("{value} is not below 2^30");
    }
    Ok(value)
}
