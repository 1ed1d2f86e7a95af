//! Shares instances among requests: each works on several at once, and on so many in its life.

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

/// A guest that has not given control back so long after it should have, never will.
const STUCK: Duration = Duration::from_secs(1);

/// How often an instance that ought to go is asked whether its guest has finished.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// An instance that several requests can use at once.
pub(super) trait Instance: Send + Sync + 'static {
    /// Whether its guest computes at this moment, so that a further request would have to wait.
    fn is_running(&self) -> bool;

    /// Whether its guest has anything under way. Resolves when the guest gives control back.
    fn has_work(&self) -> impl Future<Output = bool> + Send;

    /// Ends the instance, whatever its guest does. Requests that use it fail.
    fn stop(&self, reason: &str);

    /// Resolves when the instance has trapped or was stopped; tells whether it has, rather than
    /// been dropped. Does not keep the instance.
    fn death(&self) -> impl Future<Output = Option<Arc<wasmtime::Error>>> + Send + 'static;

    /// A request begins to use the instance.
    fn begins(&self, request: u64);

    /// A request ends to use the instance.
    fn ends(&self, request: u64);

    /// Logs why the instance ended, and which requests that cost.
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
    /// Instances that compute at once: more would only share the same cores.
    parallel: usize,
    members: Mutex<Members<M::Instance>>,
    making: Semaphore,
    slots: Arc<Slots>,
}

struct Members<I> {
    /// Those that take requests.
    open: Vec<Arc<Member<I>>>,
    /// Whether a task is there to close those that are idle.
    swept: bool,
}

struct Member<I> {
    instance: I,
    state: Mutex<State>,
    /// We ended it.
    stopped: AtomicBool,
    slots: Arc<Slots>,
}

struct State {
    /// The requests that it works on, until their last byte is out.
    exchanges: Vec<Arc<Exchange>>,
    /// Requests that it may still take.
    left: usize,
    idle_since: Instant,
}

/// A request's share in an instance. Dropped when the instance is done with the request, whether
/// or not the instance has lived to see it.
pub(super) struct Lease<M: Make> {
    shared: Arc<Shared<M>>,
    member: Arc<Member<M::Instance>>,
    exchange: Arc<Exchange>,
    share: Option<Arc<Share>>,
    died: bool,
    /// A lease may be dropped outside of it.
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

    /// An instance for `exchange`, as soon as there is one.
    pub(super) async fn lease(&self, exchange: &Arc<Exchange>) -> Result<Lease<M>, Failure> {
        if let Some(lease) = self.shared.take(exchange) {
            return Ok(lease);
        }
        loop {
            // When many requests come at once, most will find room in what the first of them make.
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
    /// Room in an instance that is there: rather one that does not compute, unless there are as
    /// many as can at once.
    fn take(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Option<Lease<M>> {
        let mut members = self.members();
        let mut chosen = None;
        // The last was used last: the others may grow old.
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

    /// Waits for the instance's death: then what it worked on fails, and it gets no more requests.
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

    /// An instance has no requests any more.
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

    /// Takes out instances that have been idle for too long, until there are none to watch.
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

/// Keeps an instance that takes no more requests until its guest has finished, at most for `patience`.
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
    /// A request begins to use the instance. Answers how many more may.
    fn begin(&self, exchange: &Arc<Exchange>) -> usize {
        self.instance.begins(exchange.number());
        let mut state = self.state();
        state.exchanges.push(exchange.clone());
        state.left = state.left.saturating_sub(1);
        state.left
    }

    /// A request has ended. Answers whether the instance has no others.
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
        // Its memory has gone already, although those who waited for it may still have their share.
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

    /// The instance has died, which ends this request: it stays on the list of those that the
    /// death is reported for.
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

/// A request has ended without the whole of its response: makes sure that the guest notices. An instance that has gone
/// in the meantime, because it died or had nothing else to do, is not kept for it.
async fn release<I: Instance>(
    member: Weak<Member<I>>,
    exchange: Arc<Exchange>,
    share: Option<Arc<Share>>,
) {
    exchange.ended().await;
    let give_up_at = exchange.give_up_at();
    if let (Some(share), Some(member)) = (share, member.upgrade()) {
        // A client that goes away is charged for the instance until its guest gives control back.
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
        // To be named in the report.
        member.state().exchanges.push(exchange);
        member.stop("its guest does not give control back");
    }
}

#[cfg(test)]
mod tests;
