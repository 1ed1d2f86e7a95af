//! One instance of a split component: the requests it works on, and when it is let go.

use crate::http::HandlerInstance;
use crate::serve::exchange::{Exchange, Phase};
use crate::serve::guest::Guest;
use crate::serve::native::Sharing;
use crate::serve::report;
use crate::split::{Died, SplitView};
use crate::stdio::InstanceLog;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// How long an instance may take to let go of a request whose client has gone: it does so as soon as it comes back
/// from what it is doing.
const COME_BACK: Duration = Duration::from_secs(1);

/// An instance and the requests that it works on.
pub(super) struct Worker {
    instance: HandlerInstance<Guest>,
    life: Arc<Life>,
}

/// What is known of an instance when it has died, too.
pub(super) struct Life {
    log: InstanceLog,
    dead: AtomicBool,
    /// It is stopped on purpose, for a request that it would not let go of.
    stopped: AtomicBool,
    requests: Mutex<Requests>,
}

#[derive(Default)]
struct Requests {
    /// How many more it takes.
    left: usize,
    /// Those under way, until their responses are through.
    active: Vec<Arc<Exchange>>,
    last_end: Option<Instant>,
}

impl Requests {
    /// Forgets the requests that are through.
    fn tidy(&mut self, log: &InstanceLog) {
        let last_end = &mut self.last_end;
        self.active.retain(|exchange| match exchange.ended_at() {
            Some(end) => {
                *last_end = (*last_end).max(Some(end));
                log.end(exchange.number());
                false
            }
            None => true,
        });
    }
}

impl Life {
    pub fn new(log: InstanceLog) -> Self {
        Life {
            log,
            dead: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            requests: Mutex::default(),
        }
    }

    /// The instance has died: says why, and ends its requests.
    pub fn died(&self, died: &Died) {
        self.dead.store(true, Ordering::Release);
        let requests = std::mem::take(&mut self.requests.lock().unwrap().active);
        let hit = |gone: bool| -> Vec<u64> {
            let hit = requests.iter().filter(|exchange| match exchange.phase() {
                Phase::Waiting | Phase::Streaming => !gone,
                Phase::Gone => gone,
                Phase::Finished => false,
            });
            hit.map(|exchange| exchange.number()).collect()
        };
        if self.stopped.load(Ordering::Acquire) {
            report::stopped(&hit(true), &self.log);
        } else {
            report::trap(&hit(false), died.reason(), &self.log);
        }
        for exchange in &requests {
            exchange.fail();
        }
    }
}

impl Worker {
    pub fn new(instance: HandlerInstance<Guest>, life: Arc<Life>, sharing: &Sharing) -> Self {
        life.requests.lock().unwrap().left = sharing.max_reuse;
        Worker { instance, life }
    }

    pub fn instance(&self) -> &HandlerInstance<Guest> {
        &self.instance
    }

    pub fn is_dead(&self) -> bool {
        self.life.dead.load(Ordering::Acquire)
    }

    /// Takes up a request, if there is room for one more.
    pub fn begin(&self, exchange: &Arc<Exchange>, sharing: &Sharing) -> bool {
        let mut requests = self.life.requests.lock().unwrap();
        requests.tidy(&self.life.log);
        if requests.left == 0 || requests.active.len() >= sharing.max_concurrent_reuse {
            return false;
        }
        requests.left -= 1;
        requests.active.push(exchange.clone());
        self.life.log.begin(exchange.number());
        true
    }

    /// Whether it takes no more requests.
    pub fn is_used_up(&self) -> bool {
        self.life.requests.lock().unwrap().left == 0
    }

    /// How long it has had no requests; `None`: it has.
    pub fn idle_for(&self) -> Option<Duration> {
        let mut requests = self.life.requests.lock().unwrap();
        requests.tidy(&self.life.log);
        match requests.last_end {
            Some(end) if requests.active.is_empty() => Some(end.elapsed()),
            _ => None,
        }
    }

    /// Whether the guest still works although it has no requests; when its time for that is up, it has not.
    pub async fn has_work_left(&self, sharing: &Sharing) -> bool {
        if self.idle_for() >= Some(sharing.request_timeout) {
            return false;
        }
        let busy = self.instance.instance().with(|guest| {
            let core = guest.split().core();
            core.task_count() > 0 || core.future_count() > 0
        });
        match tokio::time::timeout(Duration::from_millis(1), busy).await {
            Ok(busy) => busy.unwrap_or(false),
            // Somebody else is using it.
            Err(_) => true,
        }
    }

    /// The time in which the guest's handler works on a request.
    pub fn turn(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Turn {
        Turn {
            worker: self.clone(),
            exchange: exchange.clone(),
            over: false,
        }
    }

    /// Lets go of an instance whose time is up: one that computes without end must be interrupted.
    pub async fn end(&self) {
        self.stop_unless_back("it went on after its last response")
            .await;
    }

    /// Ends the instance if it does not let go of a request whose client has gone.
    async fn watch(self: Arc<Self>, exchange: Arc<Exchange>) {
        exchange.given_up().await;
        let reason = format!("it did not let go of request {}", exchange.number());
        self.stop_unless_back(&reason).await;
    }

    async fn stop_unless_back(&self, reason: &str) {
        let instance = self.instance.instance();
        let comes_back = instance.with(|_| ());
        if tokio::time::timeout(COME_BACK, comes_back).await.is_err() {
            self.life.stopped.store(true, Ordering::Release);
            instance.interrupt(reason);
        }
    }
}

/// See [`Worker::turn`].
pub(super) struct Turn {
    worker: Arc<Worker>,
    exchange: Arc<Exchange>,
    over: bool,
}

impl Turn {
    /// The guest has answered.
    pub fn over(mut self) {
        self.over = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.over && !self.worker.is_dead() {
            // Cancelled: the client has gone, or was told that it took too long.
            tokio::spawn(self.worker.clone().watch(self.exchange.clone()));
        }
    }
}
