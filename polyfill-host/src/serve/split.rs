//! Serves a split component: instances that work on many requests at once.

mod worker;

use self::worker::{Life, Worker};
use super::exchange::Exchange;
use super::guest::{Guest, GuestFactory};
use super::handler::{Failure, Handler};
use super::idle::{Slots, is_full};
use super::native::Sharing;
use crate::http::{self, HandleError};
use ::http::{Request, Response};
use http_body_util::BodyExt;
use std::sync::{Arc, Mutex};
use wasmtime::Engine;
use wasmtime_wasi_http::WasiBody;

/// A loaded split component.
pub struct Split {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    handler: http::Handler<Guest>,
    guests: GuestFactory,
    sharing: Sharing,
    slots: Arc<Slots>,
    workers: Mutex<Workers>,
}

/// The instances there are.
#[derive(Default)]
struct Workers {
    /// Those that take requests. The one used last is last, and taken first.
    open: Vec<Arc<Worker>>,
    /// Those that have had all their requests, and may have something left to do.
    retired: Vec<Arc<Worker>>,
    /// Whether a task is there to throw out those that are not needed any more.
    swept: bool,
}

impl Split {
    /// Serves `handler`, which belongs to `engine`.
    pub fn new(
        engine: Engine,
        handler: http::Handler<Guest>,
        guests: GuestFactory,
        sharing: Sharing,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                engine,
                handler,
                guests,
                sharing,
                slots: Arc::default(),
                workers: Mutex::default(),
            }),
        }
    }
}

impl Handler for Split {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        let worker = self.shared.worker(exchange).await?;
        let turn = worker.turn(exchange);
        let handled = worker.instance().handle(request).await;
        turn.over();
        match handled {
            Ok(response) => Ok(response.map(BodyExt::boxed_unsync)),
            Err(HandleError::Code(code)) => Err(Failure::ErrorCode(format!("{code:?}"))),
            // What happened was logged when the instance died.
            Err(HandleError::Died(_)) => Err(Failure::Trapped),
        }
    }
}

impl Shared {
    /// An instance that has taken up `exchange`.
    async fn worker(self: &Arc<Self>, exchange: &Arc<Exchange>) -> Result<Arc<Worker>, Failure> {
        loop {
            if let Some(worker) = self.open_worker(exchange) {
                return Ok(worker);
            }
            match self.instantiate().await {
                Ok(worker) => {
                    let began = worker.begin(exchange, &self.sharing);
                    let mut workers = self.workers.lock().unwrap();
                    workers.open.push(worker.clone());
                    if !workers.swept {
                        workers.swept = true;
                        tokio::spawn(sweep(self.clone()));
                    }
                    if began {
                        return Ok(worker);
                    }
                }
                Err(error) if is_full(&error) => self.slots.wait_freed().await,
                Err(error) => return Err(Failure::NoInstance(Arc::new(error))),
            }
        }
    }

    fn open_worker(&self, exchange: &Arc<Exchange>) -> Option<Arc<Worker>> {
        let mut workers = self.workers.lock().unwrap();
        let mut at = workers.open.len();
        while at > 0 {
            at -= 1;
            if workers.open[at].is_dead() {
                workers.open.remove(at);
            } else if workers.open[at].begin(exchange, &self.sharing) {
                let worker = workers.open[at].clone();
                if worker.is_used_up() {
                    let worker = workers.open.remove(at);
                    workers.retired.push(worker);
                }
                return Some(worker);
            }
        }
        None
    }

    async fn instantiate(&self) -> wasmtime::Result<Arc<Worker>> {
        let mut store = self.guests.store(&self.engine)?;
        store.data_mut().frees(self.slots.clone());
        let log = store.data().log().clone();
        let starting = self.handler.instantiate(store);
        let instance = tokio::time::timeout(self.sharing.request_timeout, starting)
            .await
            .map_err(|_| wasmtime::format_err!("the guest did not start in time"))??;
        let life = Arc::new(Life::new(log));
        let told = life.clone();
        instance
            .instance()
            .on_death(move |died| told.died(died))
            .await;
        Ok(Arc::new(Worker::new(instance, life, &self.sharing)))
    }
}

/// Lets go of the instances that nobody needs, until there are none.
async fn sweep(shared: Arc<Shared>) {
    let sharing = shared.sharing;
    // An instance is kept up to half as long again as it should be; a zero timeout still needs some pace.
    let pace = (sharing.idle_timeout / 2).max(std::time::Duration::from_millis(10));
    loop {
        tokio::time::sleep(pace).await;
        let candidates: Vec<_> = {
            let workers = shared.workers.lock().unwrap();
            let open = workers.open.iter();
            let idle = open.filter(|worker| worker.idle_for() >= Some(sharing.idle_timeout));
            let retired = workers.retired.iter();
            let done = retired.filter(|worker| worker.is_dead() || worker.idle_for().is_some());
            idle.chain(done).cloned().collect()
        };
        for worker in candidates {
            if worker.has_work_left(&sharing).await {
                continue;
            }
            let mut workers = shared.workers.lock().unwrap();
            // It may have been given a request meanwhile.
            if worker.is_dead() || worker.idle_for().is_some() {
                workers.open.retain(|other| !Arc::ptr_eq(other, &worker));
                workers.retired.retain(|other| !Arc::ptr_eq(other, &worker));
            }
            drop(workers);
            worker.end().await;
        }
        let mut workers = shared.workers.lock().unwrap();
        if workers.open.is_empty() && workers.retired.is_empty() {
            workers.swept = false;
            return;
        }
    }
}
