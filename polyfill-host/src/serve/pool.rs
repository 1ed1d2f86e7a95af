//! Shares instances among requests: each instance works on several at once, and on a limited number in its life.

use super::exchange::{Exchange, Phase};
use super::handler::Failure;
use super::idle::{Slots, is_full};
use super::shares::Share;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long after its time a guest may yield; after that it never will.
const STUCK: Duration = Duration::from_secs(1);

/// How often to ask an instance that has to end whether its guest has finished.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// An instance that several requests can use at once.
pub(super) trait Instance: Send + Sync + 'static {
    /// Whether its guest computes at this moment, so that a further request would have to wait.
    fn is_running(&self) -> bool;

    /// Whether its guest has anything under way. Resolves when the guest gives control back.
    fn has_work(&self) -> impl Future<Output = bool> + Send;

    /// Ends the instance, whatever its guest does. Requests that use it fail.
    fn stop(&self, reason: &str);

    /// Resolves when the instance has trapped or was stopped, with the reason; or with `None` when it was dropped. Does not
    /// keep the instance.
    fn death(&self) -> impl Future<Output = Option<Arc<wasmtime::Error>>> + Send + 'static;

    /// A request begins to use the instance.
    fn begins(&self, request: u64);

    /// A request ends to use the instance.
    fn ends(&self, request: u64);

    /// Logs why the instance ended, and which requests failed with it.
    fn report(&self, requests: &[u64], reason: &wasmtime::Error, end: End);
}

/// How an instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The server has stopped it.
    Stopped,
    /// It has trapped.
    Trapped,
}

/// Makes instances.
pub(super) trait Make: Send + Sync + 'static {
    type Instance: Instance;

    /// A new instance.
    fn make(&self) -> impl Future<Output = wasmtime::Result<Self::Instance>> + Send;
}

/// How instances are shared and kept.
#[derive(Debug, Clone, Copy)]
pub struct Sharing {
    /// Requests that one instance answers in its life.
    pub max_reuse: usize,
    /// Requests that one instance works on at once.
    pub max_concurrent_reuse: usize,
    /// How long an instance without work is kept.
    pub idle_timeout: Duration,
    /// How long a guest may take to answer, and how long it may go on after its last response.
    pub request_timeout: Duration,
}

/// The instances of one component.
pub(super) struct Pool<M: Make> {
    shared: Arc<Shared<M>>,
}

struct Shared<M: Make> {
    make: M,
    sharing: Sharing,
    /// How many instances should compute at once: more would only share the same cores.
    parallel: usize,
    members: Mutex<Members<M::Instance>>,
    making: Semaphore,
    slots: Arc<Slots>,
}

struct Members<I> {
    /// The instances that accept requests.
    open: Vec<Arc<Member<I>>>,
    /// Whether a task exists that closes idle instances.
    swept: bool,
}

struct Member<I> {
    instance: I,
    state: Mutex<State>,
    /// Whether we have ended it.
    stopped: AtomicBool,
    slots: Arc<Slots>,
}

struct State {
    /// The requests that it works on, until their last byte was sent.
    exchanges: Vec<Arc<Exchange>>,
    /// How many requests it may still accept.
    left: usize,
    idle_since: Instant,
}

/// A request's share in an instance. Dropped when the instance is done with the request, or has died.
pub(super) struct Lease<M: Make> {
    shared: Arc<Shared<M>>,
    member: Arc<Member<M::Instance>>,
    exchange: Arc<Exchange>,
    share: Option<Arc<Share>>,
    died: bool,
    /// A lease may be dropped outside of the runtime.
    runtime: Handle,
}

impl<M: Make> Pool<M> {
    pub(super) fn new(make: M, sharing: Sharing) -> Self {
        let parallel = parallel();
        Self {
            shared: Arc::new(Shared {
                make,
                sharing,
                parallel,
                members: Mutex::new(Members {
                    open: Vec::new(),
                    swept: false,
                }),
                making: Semaphore::new(parallel),
                slots: Arc::default(),
            }),
        }
    }

    /// Waits for an instance for `exchange`.
    pub(super) async fn lease(&self, exchange: &Arc<Exchange>) -> Result<Lease<M>, Failure> {
        if let Some(lease) = self.shared.take(exchange) {
            return Ok(lease);
        }
        loop {
            // When many requests come at once, most find room in the instances that the first of them make.
            let turn = self.shared.making.acquire().await;
            if let Some(lease) = self.shared.take(exchange) {
                return Ok(lease);
            }
            let made = self.shared.make.make().await;
            match made {
                Ok(instance) => return Ok(self.shared.add(instance, exchange)),
                Err(error) if is_full(&error) => {
                    drop(turn);
                    self.shared.slots.wait_freed().await;
                }
                Err(error) => return Err(Failure::NoInstance(Arc::new(error))),
            }
        }
    }
}

impl<M: Make> Shared<M> {
    /// Finds room in an existing instance. Prefers one that does not compute, unless as many instances compute as can at once.
    fn take(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Option<Lease<M>> {
        let mut members = self.members();
        let mut chosen = None;
        // The last one was used most recently: so the others may grow old.
        for (index, member) in members.open.iter().enumerate().rev() {
            if member.state().exchanges.len() >= self.sharing.max_concurrent_reuse {
                continue;
            }
            if !member.instance.is_running() {
                chosen = Some(index);
                break;
            }
            if members.open.len() >= self.parallel {
                chosen = chosen.or(Some(index));
            }
        }
        let index = chosen?;
        let member = members.open[index].clone();
        let left = member.begin(exchange);
        if left == 0 {
            members.open.remove(index);
        }
        Some(self.lease(member, exchange))
    }

    /// Adds a new instance, and gives `exchange` a share in it.
    fn add(self: &Arc<Self>, instance: M::Instance, exchange: &Arc<Exchange>) -> Lease<M> {
        let member = Arc::new(Member {
            instance,
            state: Mutex::new(State {
                exchanges: Vec::new(),
                left: self.sharing.max_reuse,
                idle_since: Instant::now(),
            }),
            stopped: AtomicBool::new(false),
            slots: self.slots.clone(),
        });
        let left = member.begin(exchange);
        self.mourn(&member);
        if left > 0 {
            self.members().open.push(member.clone());
        }
        self.lease(member, exchange)
    }

    fn lease(
        self: &Arc<Self>,
        member: Arc<Member<M::Instance>>,
        exchange: &Arc<Exchange>,
    ) -> Lease<M> {
        Lease {
            shared: self.clone(),
            member,
            exchange: exchange.clone(),
            share: exchange.share(),
            died: false,
            runtime: Handle::current(),
        }
    }

    /// Waits for the instance's death. Then its requests fail, and it gets no more.
    fn mourn(self: &Arc<Self>, member: &Arc<Member<M::Instance>>) {
        let death = member.instance.death();
        let member = Arc::downgrade(member);
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            let Some(reason) = death.await else { return };
            let Some(member) = member.upgrade() else {
                return;
            };
            if let Some(shared) = shared.upgrade() {
                let mut members = shared.members();
                members.open.retain(|other| !Arc::ptr_eq(other, &member));
            }
            member.died(&reason);
        });
    }

    /// Handles an instance that has no requests any more.
    fn rest(self: &Arc<Self>, member: &Arc<Member<M::Instance>>, runtime: &Handle) {
        let mut members = self.members();
        if members.open.iter().any(|other| Arc::ptr_eq(other, member)) {
            if !members.swept {
                members.swept = true;
                runtime.spawn(self.clone().sweep());
            }
        } else {
            drop(members);
            runtime.spawn(retire(member.clone(), self.sharing.request_timeout));
        }
    }

    /// Removes instances that have been idle for too long, until none is idle.
    async fn sweep(self: Arc<Self>) {
        let timeout = self.sharing.idle_timeout;
        loop {
            let next = {
                let mut members = self.members();
                let now = Instant::now();
                let (old, open): (Vec<_>, Vec<_>) = members.open.drain(..).partition(|member| {
                    member
                        .idle_since()
                        .is_some_and(|since| now.duration_since(since) >= timeout)
                });
                members.open = open;
                for member in old {
                    tokio::spawn(retire(member, self.sharing.request_timeout));
                }
                let next = members
                    .open
                    .iter()
                    .filter_map(|member| member.idle_since())
                    .min();
                members.swept = next.is_some();
                next
            };
            match next {
                Some(since) => tokio::time::sleep_until(since + timeout).await,
                None => return,
            }
        }
    }

    fn members(&self) -> MutexGuard<'_, Members<M::Instance>> {
        self.members.lock().unwrap()
    }
}

/// How many instances can compute at once: one on each thread that runs tasks, if there is a core for it.
fn parallel() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match Handle::try_current() {
        Ok(runtime) => runtime.metrics().num_workers().min(cores),
        Err(_) => cores,
    }
}

/// Keeps an instance that accepts no more requests until its guest has finished, at most for `patience`.
async fn retire<I: Instance>(member: Arc<Member<I>>, patience: Duration) {
    let finished = async {
        while member.instance.has_work().await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    if tokio::time::timeout(patience, finished).await.is_err() {
        member.stop("its guest did not finish after its last response");
    }
}

impl<I: Instance> Member<I> {
    /// Notes that a request begins to use the instance. Returns how many more may.
    fn begin(&self, exchange: &Arc<Exchange>) -> usize {
        self.instance.begins(exchange.number());
        let mut state = self.state();
        state.exchanges.push(exchange.clone());
        state.left = state.left.saturating_sub(1);
        state.left
    }

    /// Notes that a request has ended. Returns whether the instance has no others.
    fn end(&self, exchange: &Arc<Exchange>) -> bool {
        self.instance.ends(exchange.number());
        let mut state = self.state();
        state
            .exchanges
            .retain(|other| !Arc::ptr_eq(other, exchange));
        state.idle_since = Instant::now();
        state.exchanges.is_empty()
    }

    fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        state.exchanges.is_empty().then_some(state.idle_since)
    }

    fn stop(&self, reason: &str) {
        self.stopped.store(true, Ordering::Relaxed);
        self.instance.stop(reason);
    }

    fn died(&self, reason: &wasmtime::Error) {
        let exchanges = std::mem::take(&mut self.state().exchanges);
        let mut requests: Vec<_> = exchanges.iter().map(|exchange| exchange.number()).collect();
        requests.sort_unstable();
        let end = if self.stopped.load(Ordering::Relaxed) {
            End::Stopped
        } else {
            End::Trapped
        };
        // Its memory is free already, although requests may still have their share.
        self.slots.freed();
        self.instance.report(&requests, reason, end);
        for exchange in exchanges {
            exchange.fail();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl<I> Drop for Member<I> {
    fn drop(&mut self) {
        self.slots.freed();
    }
}

impl<M: Make> Lease<M> {
    /// The instance.
    pub(super) fn instance(&self) -> &M::Instance {
        &self.member.instance
    }

    /// Ends the request because its instance has died. It stays on the list for the report of the death.
    pub(super) fn died(mut self) {
        self.died = true;
    }
}

impl<M: Make> Drop for Lease<M> {
    fn drop(&mut self) {
        if self.died {
            return;
        }
        if self.exchange.phase() != Phase::Finished {
            let member = Arc::downgrade(&self.member);
            let release = release(member, self.exchange.clone(), self.share.take());
            self.runtime.spawn(release);
        }
        if self.member.end(&self.exchange) {
            self.shared.rest(&self.member, &self.runtime);
        }
    }
}

/// Makes sure that the guest notices that a request has ended before its response. An instance that has ended meanwhile,
/// because it died or had nothing else to do, is not kept for that.
async fn release<I: Instance>(
    member: Weak<Member<I>>,
    exchange: Arc<Exchange>,
    share: Option<Arc<Share>>,
) {
    exchange.ended().await;
    let give_up_at = exchange.give_up_at();
    if let (Some(share), Some(member)) = (share, member.upgrade()) {
        // The instance counts for a client that has gone until its guest yields.
        let latest = give_up_at.unwrap_or_else(Instant::now) + STUCK;
        let _ = tokio::time::timeout_at(latest, member.instance.has_work()).await;
        drop(share);
    }
    if let Some(at) = give_up_at {
        tokio::time::sleep_until(at).await;
    }
    let Some(member) = member.upgrade() else {
        return;
    };
    let answers = tokio::time::timeout(STUCK, member.instance.has_work());
    if answers.await.is_err() {
        // The report has to name it.
        member.state().exchanges.push(exchange);
        member.stop("its guest does not give control back");
    }
}

#[cfg(test)]
mod tests;
