//! One instance of a native component: its requests, and when it accepts no more.

use crate::guest::Guest;
use crate::serve::exchange::{Exchange, Phase};
use crate::serve::idle::Slots;
use crate::serve::pool::Sharing;
use crate::serve::report;
use crate::serve::shares::Share;
use crate::stdio::InstanceLog;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::handler::{ShouldAccept, WorkerState};

/// A [`Worker`], for wasmtime's dispatcher.
pub(super) struct Handle(pub(super) Arc<Worker>);

/// One instance.
pub(super) struct Worker {
    sharing: Sharing,
    log: InstanceLog,
    slots: Arc<Slots>,
    /// Whether the server has ended. The runtime drops everything then.
    closed: Arc<AtomicBool>,
    requests: Mutex<Vec<Request>>,
    /// Whether a request was given up. The instance finishes the others and ends.
    retiring: AtomicBool,
    /// Whether the instance was stopped because it did not end by itself.
    stopped: AtomicBool,
}

struct Request {
    exchange: Arc<Exchange>,
    /// Whether the guest's handler has returned, or was given up.
    returned: bool,
}

impl Request {
    /// Whether the request loses its response with the death of the instance.
    ///
    /// The dispatcher may drop handlers before it reports the death. Such handlers only seem to have returned.
    fn is_hit(&self) -> bool {
        !self.returned
            || matches!(self.exchange.phase(), Phase::Waiting | Phase::Streaming)
            || self.exchange.has_failed()
    }
}

impl Worker {
    pub(super) fn new(
        sharing: Sharing,
        log: InstanceLog,
        slots: Arc<Slots>,
        closed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            sharing,
            log,
            slots,
            closed,
            requests: Mutex::default(),
            retiring: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    pub(super) fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// Whether a request was given up.
    pub(super) fn is_retiring(&self) -> bool {
        self.retiring.load(Ordering::Relaxed)
    }

    /// Notes that the instance is stopped on purpose.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether a response is still under way to its client.
    pub(super) fn is_streaming(&self) -> bool {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .any(|request| request.exchange.phase() == Phase::Streaming)
    }

    /// When the last exchange ended.
    pub(super) fn last_end(&self) -> Option<Instant> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter_map(|request| request.exchange.ended_at())
            .max()
    }

    /// The earliest time to give up a request whose client has gone and whose handler has not returned.
    pub(super) fn first_give_up(&self) -> Option<Instant> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter(|request| !request.returned)
            .filter_map(|request| request.exchange.give_up_at())
            .min()
    }

    fn start(&self, exchange: &Arc<Exchange>) {
        let mut requests = self.requests.lock().unwrap();
        // Ended requests were kept for `last_end`: the newest of them is enough.
        let newest = requests
            .iter()
            .filter_map(|request| request.exchange.ended_at())
            .max();
        requests.retain(|request| {
            let ended = request.exchange.ended_at();
            let over = request.returned && ended.is_some();
            if over {
                // Not earlier: what the guest prints until now most likely is about this request.
                self.log.end(request.exchange.number());
            }
            !over || ended == newest
        });
        requests.push(Request {
            exchange: exchange.clone(),
            returned: false,
        });
        self.log.begin(exchange.number());
    }

    fn returned(&self, exchange: &Arc<Exchange>) {
        let mut requests = self.requests.lock().unwrap();
        for request in requests.iter_mut() {
            if Arc::ptr_eq(&request.exchange, exchange) {
                request.returned = true;
            }
        }
    }
}

impl WorkerState for Handle {
    type StoreData = Guest;
    type RequestData = Arc<Exchange>;

    fn should_accept_request(&self, _waiting: usize, total: usize) -> ShouldAccept {
        let worker = &self.0;
        if total >= worker.sharing.max_reuse || worker.is_retiring() {
            return ShouldAccept::Never;
        }
        let requests = worker.requests.lock().unwrap();
        // A request whose response is still under way counts as well.
        let busy = requests
            .iter()
            .filter(|request| !request.returned || request.exchange.phase() == Phase::Streaming)
            .count();
        if busy < worker.sharing.max_concurrent_reuse {
            ShouldAccept::Yes
        } else {
            ShouldAccept::No
        }
    }

    fn on_request_start(
        &self,
        mut store: StoreContextMut<'_, Guest>,
        exchange: Arc<Exchange>,
        task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        store.data_mut().task_started(task, exchange.number());
        self.0.start(&exchange);
        let started = Started {
            worker: self.0.clone(),
            _share: exchange.share(),
            exchange,
        };
        Box::pin(async move {
            started.exchange.given_up().await;
            started.worker.retiring.store(true, Ordering::Relaxed);
        })
    }

    fn drop(&self, store: Store<Guest>, result: Result<(), wasmtime::Error>) {
        let worker = &self.0;
        let requests = std::mem::take(&mut *worker.requests.lock().unwrap());
        if let Err(error) = result {
            let hit: Vec<_> = requests
                .iter()
                .filter(|request| request.is_hit())
                .map(|request| request.exchange.number())
                .collect();
            if worker.stopped.load(Ordering::Relaxed) {
                let gone: Vec<_> = requests
                    .iter()
                    .filter(|request| request.exchange.phase() == Phase::Gone)
                    .map(|request| request.exchange.number())
                    .collect();
                report::stopped(&gone, "its guest did not finish in time", &worker.log);
            } else if !hit.is_empty() || !worker.closed.load(Ordering::Relaxed) {
                report::trap(&hit, &error, &worker.log);
            }
            for request in &requests {
                // Before the store is dropped, which ends the bodies.
                request.exchange.fail();
            }
        }
        drop(store);
        worker.slots.freed();
    }
}

/// Dropped when the guest's handler has returned or was given up.
struct Started {
    worker: Arc<Worker>,
    exchange: Arc<Exchange>,
    /// Held while the guest works, also for a client that has gone.
    _share: Option<Arc<Share>>,
}

impl Drop for Started {
    fn drop(&mut self) {
        self.worker.returned(&self.exchange);
    }
}
