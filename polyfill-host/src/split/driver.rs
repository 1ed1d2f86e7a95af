//! Drives an instance: enters the components that have events, and hands out the results of calls.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use slab::Slab;
use tokio::sync::{oneshot, watch};
use wasmtime::component::{
    ComponentNamedList, Func, Instance, Lift, Lower, Resource, TypedFunc, Val,
};
use wasmtime::{AsContextMut, Result, Store, bail};

use super::ctx::{SplitView, set_origin};
use super::halves::Started;
use super::instance::{Died, PollExport};
use super::run::{self, Interrupt};
use crate::core::{CallId, Pending, Queue, wait_for_pollables};
use crate::trace::call;

/// How many rounds one turn has, before others get a chance to use the instance.
const ROUNDS: usize = 64;
/// How long one turn is at most: a round can be long.
const SLICE: Duration = Duration::from_millis(1);
/// The clock is read once in this many rounds. Most turns end before, and reading it costs as much as a small call.
const ROUNDS_PER_CLOCK: usize = 4;
/// Pollables are checked once in this many rounds although there is other work.
const ROUNDS_PER_LOOK: usize = 16;

/// An instance and its store, alive or not.
pub(crate) struct Driver<T: 'static> {
    alive: Result<Alive<T>, Died>,
    queue: Arc<Queue>,
    interrupt: Arc<Interrupt>,
    death: watch::Sender<Option<Died>>,
}

/// An instance that has not trapped.
pub(crate) struct Alive<T: 'static> {
    pub store: Store<T>,
    pub instance: Instance,
    polls: Vec<Poll32>,
    calls: Slab<Call<T>>,
    generation: u32,
    numbers: Vec<u32>,
    ids: Vec<CallId>,
}

/// An exported `isyswasfa-poll`.
struct Poll32 {
    export: PollExport,
    /// The function, looked up when it is first needed.
    func: Option<TypedFunc<(), (u32,)>>,
    /// The component's number, known after the first call.
    number: Option<u32>,
}

/// A call of the host that waits for its task.
struct Call<T: 'static> {
    generation: u32,
    task: u32,
    then: Box<dyn Finish<T>>,
}

/// The end of a call whose task is done.
trait Finish<T: 'static>: Send {
    /// Fetches the result and hands it to the caller.
    fn finish<'a>(
        self: Box<Self>,
        alive: &'a mut Alive<T>,
        ready: Resource<Pending>,
    ) -> BoxFuture<'a, Result<()>>;

    /// Tells the caller that there will be no result.
    fn fail(self: Box<Self>, died: Died);
}

/// The function that fetches a result, and the channel to the caller.
struct Fetch<F, R> {
    fetch: F,
    tell: oneshot::Sender<Result<R, Died>>,
}

impl<T: SplitView, F, R> Finish<T> for Fetch<F, R>
where
    F: for<'a> FnOnce(&'a mut Alive<T>, Resource<Pending>) -> BoxFuture<'a, Result<R>> + Send,
    F: 'static,
    R: Send + 'static,
{
    fn finish<'a>(
        self: Box<Self>,
        alive: &'a mut Alive<T>,
        ready: Resource<Pending>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let result = (self.fetch)(alive, ready).await?;
            // If the caller is gone, nobody needs the result.
            let _ = self.tell.send(Ok(result));
            Ok(())
        })
    }

    fn fail(self: Box<Self>, died: Died) {
        let _ = self.tell.send(Err(died));
    }
}

/// Why waiting for pollables has ended.
pub(crate) enum Idle {
    /// Pollables are ready.
    Ready,
    /// There are messages in the queue, or somebody wants the instance.
    Word,
    /// The queue was closed.
    Closed,
}

impl Idle {
    fn of_word(open: bool) -> Idle {
        if open { Idle::Word } else { Idle::Closed }
    }
}

impl<T: SplitView> Driver<T> {
    pub fn new(mut store: Store<T>, instance: Instance, polls: &[PollExport]) -> Self {
        let ctx = store.data_mut().split();
        let (queue, interrupt) = (ctx.core.queue().clone(), ctx.run.interrupt.clone());
        Driver {
            alive: Ok(Alive {
                store,
                instance,
                polls: polls
                    .iter()
                    .map(|&export| Poll32 {
                        export,
                        func: None,
                        number: None,
                    })
                    .collect(),
                calls: Slab::new(),
                generation: 0,
                numbers: Vec::new(),
                ids: Vec::new(),
            }),
            queue,
            interrupt,
            death: watch::Sender::new(None),
        }
    }

    /// The instance's inbox, and the means to end it from outside.
    pub fn ends(&self) -> (Arc<Queue>, Arc<Interrupt>) {
        (self.queue.clone(), self.interrupt.clone())
    }

    /// A channel that gets the reason when the instance has died.
    pub fn death(&self) -> watch::Receiver<Option<Died>> {
        self.death.subscribe()
    }

    /// The instance, unless it has died.
    pub fn alive(&mut self) -> Result<&mut Alive<T>, Died> {
        self.alive.as_mut().map_err(|died| died.clone())
    }

    /// Why the instance has died, if it has.
    pub fn died(&self) -> Option<&Died> {
        self.alive.as_ref().err()
    }

    /// Calls `what` with the instance, and then does all work that follows from it, until others should have a turn.
    ///
    /// An error of `what`, or of any guest code that runs, ends the instance.
    pub async fn drive<R>(
        &mut self,
        what: impl for<'a> FnOnce(&'a mut Alive<T>) -> BoxFuture<'a, Result<R>>,
    ) -> Result<R, Died> {
        let queue = self.queue.clone();
        let alive = self.alive.as_mut().map_err(|died| died.clone())?;
        queue.start_driving();
        let interrupt = self.interrupt.clone();
        let done = {
            let mut work = std::pin::pin!(async {
                let result = what(alive).await?;
                alive.turn(&queue).await?;
                Ok(result)
            });
            std::future::poll_fn(|cx| {
                if let Some(reason) = interrupt.reason() {
                    return Poll::Ready(Err(wasmtime::format_err!("interrupted: {reason}")));
                }
                interrupt.register(cx.waker());
                work.as_mut().poll(cx)
            })
            .await
        };
        done.map_err(|error| self.die(error))
    }

    /// Whether guests wait for pollables, which have to be checked while nothing else happens.
    pub fn awaits_pollables(&mut self) -> bool {
        match &mut self.alive {
            Ok(alive) => alive.store.data_mut().split().pollables.any(),
            Err(_) => false,
        }
    }

    /// Waits for the pollables or for messages, whichever comes first.
    pub async fn idle(&mut self) -> Idle {
        let queue = self.queue.clone();
        let Ok(alive) = &mut self.alive else {
            return Idle::of_word(queue.wait_beside_pollables().await);
        };
        let result = {
            let word = std::pin::pin!(queue.wait_beside_pollables());
            let ready = std::pin::pin!(wait_for_pollables(alive.store.data_mut()));
            match select(word, ready).await {
                Either::Left((open, _)) => return Idle::of_word(open),
                Either::Right((result, _)) => result,
            }
        };
        if let Err(error) = result {
            self.die(error);
        }
        Idle::Ready
    }

    /// Ends the instance: all callers get the reason, and everything that it has is dropped.
    fn die(&mut self, error: wasmtime::Error) -> Died {
        let died = Died::new(error);
        // Sent before callers hear of it, and before bodies end with the store.
        self.death.send_replace(Some(died.clone()));
        if let Ok(mut alive) = std::mem::replace(&mut self.alive, Err(died.clone())) {
            for call in alive.calls.drain() {
                call.then.fail(died.clone());
            }
        }
        self.queue.hand_over();
        died
    }
}

impl<T: SplitView> Alive<T> {
    /// Calls a function of the guest. `what` names the function and its half, for a trace.
    pub async fn enter<P, R>(&mut self, what: &str, func: TypedFunc<P, R>, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        self.begin();
        let result = func.call_async(&mut self.store, params).await;
        self.end(what);
        result
    }

    /// The same for `origin`, which the guest's new tasks inherit.
    pub async fn enter_for<P, R>(
        &mut self,
        origin: u64,
        what: &str,
        func: TypedFunc<P, R>,
        params: P,
    ) -> Result<R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        set_origin(self.store.data_mut(), origin);
        let result = self.enter(what, func, params).await;
        set_origin(self.store.data_mut(), 0);
        result
    }

    /// Calls a function whose types are known at run time only.
    pub async fn enter_dynamic(
        &mut self,
        what: &str,
        func: Func,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        self.begin();
        let result = func.call_async(&mut self.store, params, results).await;
        self.end(what);
        result
    }

    fn begin(&mut self) {
        run::begin(&mut self.store);
        let core = &mut self.store.data_mut().split().core;
        core.traced(|trace| trace.enter());
    }

    fn end(&mut self, what: &str) {
        let core = &mut self.store.data_mut().split().core;
        core.traced(|trace| trace.leave(what));
    }

    /// Waits for the task of a call of the host; `fetch` calls the function's result half.
    pub fn wait_for<R: Send + 'static>(
        &mut self,
        pending: Resource<Pending>,
        fetch: impl for<'a> FnOnce(&'a mut Alive<T>, Resource<Pending>) -> BoxFuture<'a, Result<R>>
        + Send
        + 'static,
    ) -> Result<Started<R>> {
        let (tell, told) = oneshot::channel();
        self.generation = self.generation.wrapping_add(1);
        let index = self.calls.insert(Call {
            generation: self.generation,
            task: pending.rep(),
            then: Box::new(Fetch { fetch, tell }),
        });
        let id = CallId {
            index: index as u32,
            generation: self.generation,
        };
        let core = &mut self.store.data_mut().split().core;
        if core.machine.subscribe_call(pending.rep(), id)? {
            core.call_done(id);
        }
        Ok(Started::Waiting(id, told))
    }

    /// Does all work that can be done, or as much as one turn allows.
    async fn turn(&mut self, queue: &Queue) -> Result<()> {
        let mut since = None;
        for round in 0.. {
            let busy = self.round().await?;
            let is_long = round % ROUNDS_PER_CLOCK == ROUNDS_PER_CLOCK - 1
                && since.get_or_insert_with(Instant::now).elapsed() > SLICE;
            if round >= ROUNDS || (busy && is_long) {
                queue.hand_over();
                return Ok(());
            }
            if busy && round % ROUNDS_PER_LOOK != ROUNDS_PER_LOOK - 1 {
                continue;
            }
            if self.store.data_mut().split().pollables.any() {
                if let Some(result) = wait_for_pollables(self.store.data_mut()).now_or_never() {
                    result?;
                    continue;
                }
                if !busy {
                    queue.hand_over_pollables();
                    return Ok(());
                }
            }
            if !busy && queue.stop_driving() {
                if !self.check_deadlock()? {
                    return Ok(());
                }
                queue.start_driving();
            }
        }
        Ok(())
    }

    /// Checks, when nothing is left to do, whether anything can still come. If not, asks the guests what they wait for, and
    /// returns `true`.
    fn check_deadlock(&mut self) -> Result<bool> {
        let ctx = self.store.data_mut().split();
        if !ctx.core.limits().deadlock || self.calls.is_empty() {
            return Ok(false);
        }
        let Some(report) = super::deadlock::report(ctx) else {
            return Ok(false);
        };
        if ctx.core.machine.ask_what_waits()? {
            Ok(true)
        } else {
            bail!(report)
        }
    }

    /// Does everything that is waiting, once. Returns whether there was anything.
    async fn round(&mut self) -> Result<bool> {
        let mut busy = false;
        let ctx = self.store.data_mut().split();
        ctx.process()?;
        let mut inbox = ctx.later.take();
        let mut handles = ctx.pipes.take_lost_handles();
        handles.extend(inbox.take_dropped());
        if !inbox.is_empty() {
            busy = true;
            inbox.run(self.store.as_context_mut())?;
        }
        for handle in handles {
            busy = true;
            run::begin(&mut self.store);
            handle.resource_drop_async(&mut self.store).await?;
        }

        let mut ids = std::mem::take(&mut self.ids);
        let core = &mut self.store.data_mut().split().core;
        core.take_abandoned(&mut ids);
        for id in ids.drain(..) {
            busy = true;
            if let Some(call) = self.take_call(id) {
                let core = &mut self.store.data_mut().split().core;
                let cancelled = core.machine.drop_pending(call.task)?;
                core.end(cancelled);
            }
        }
        self.store.data_mut().split().core.take_done(&mut ids);
        for id in ids.drain(..) {
            busy = true;
            if let Some(call) = self.take_call(id) {
                call.then.finish(self, Resource::new_own(call.task)).await?;
            }
        }
        self.ids = ids;

        let mut numbers = std::mem::take(&mut self.numbers);
        self.store
            .data_mut()
            .split()
            .core
            .machine
            .take_roots(&mut numbers);
        for number in numbers.drain(..) {
            busy = true;
            self.enter_component(number).await?;
        }
        self.numbers = numbers;
        Ok(busy)
    }

    /// Calls a component's poll function. Only a call shows which export belongs to which component.
    async fn enter_component(&mut self, number: u32) -> Result<()> {
        if let Some(at) = self
            .polls
            .iter()
            .position(|poll| poll.number == Some(number))
        {
            return self.enter_poll(at).await.map(drop);
        }
        for at in 0..self.polls.len() {
            if self.polls[at].number.is_none() && self.enter_poll(at).await? == number {
                break;
            }
        }
        // A component without an exported poll function is run by its importers, or not at all.
        Ok(())
    }

    async fn enter_poll(&mut self, at: usize) -> Result<u32> {
        let func = match self.polls[at].func {
            Some(func) => func,
            None => {
                let export = self.polls[at].export;
                let func = self.instance.get_typed_func(&mut self.store, export)?;
                self.polls[at].func = Some(func);
                func
            }
        };
        let (number,) = self.enter_for(0, "poll", func, ()).await?;
        call!("poll: component {number}");
        self.polls[at].number = Some(number);
        Ok(number)
    }

    fn take_call(&mut self, id: CallId) -> Option<Call<T>> {
        match self.calls.get(id.index as usize) {
            Some(call) if call.generation == id.generation => {
                Some(self.calls.remove(id.index as usize))
            }
            _ => None,
        }
    }
}
