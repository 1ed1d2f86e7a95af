//! Serves a WASI 0.2 component: an instance works on one request at a time, in a task of its own.

use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::idle::{Idle, Slots, is_full};
use super::report;
use crate::guest::Guest;
use http::{Request, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

/// A loaded WASI 0.2 component.
///
/// Its handler blocks its instance until it returns, so an instance handles one request after the other.
pub struct Plain {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    pre: ProxyPre<Guest>,
    guests: GuestFactory,
    reuse: Reuse,
    idle: Idle<Instance>,
    slots: Slots,
}

struct Instance {
    store: Store<Guest>,
    proxy: Proxy,
    /// How many requests it may still answer.
    left: usize,
}

/// How instances are kept.
#[derive(Debug, Clone, Copy)]
pub struct Reuse {
    /// Requests that an instance answers in its life.
    pub max_reuse: usize,
    /// How long an instance without work is kept.
    pub idle_timeout: Duration,
    /// How long a guest may go on once the client has its response.
    pub request_timeout: Duration,
}

type Reply = Result<Response<WasiBody>, ErrorCode>;

impl Plain {
    /// Serves `pre`, which belongs to `engine`.
    pub fn new(engine: Engine, pre: ProxyPre<Guest>, guests: GuestFactory, reuse: Reuse) -> Self {
        Self {
            shared: Arc::new(Shared {
                engine,
                pre,
                guests,
                idle: Idle::new(reuse.idle_timeout),
                reuse,
                slots: Slots::default(),
            }),
        }
    }
}

impl Handler for Plain {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        let instance = match self.shared.idle.take() {
            Some(instance) => instance,
            None => self.shared.instantiate().await?,
        };
        let (reply, response) = oneshot::channel();
        let run = self
            .shared
            .clone()
            .run(instance, exchange.clone(), request, reply);
        tokio::spawn(run);
        match response.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(code)) => Err(Failure::ErrorCode(format!("{code:?}"))),
            // The guest dropped its `response-outparam`, or the instance ended.
            Err(_) if exchange.has_failed() => Err(Failure::Trapped),
            Err(_) => Err(Failure::NoResponse),
        }
    }
}

impl Shared {
    /// A new instance, as soon as there is room for one.
    async fn instantiate(&self) -> Result<Instance, Failure> {
        loop {
            match self.try_instantiate().await {
                Ok(instance) => return Ok(instance),
                Err(error) if is_full(&error) => self.slots.wait_freed().await,
                Err(error) => return Err(Failure::NoInstance(Arc::new(error))),
            }
        }
    }

    async fn try_instantiate(&self) -> wasmtime::Result<Instance> {
        let mut store = self.guests.store(&self.engine)?;
        let proxy = self.pre.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy,
            left: self.reuse.max_reuse,
        })
    }

    /// Runs the guest's handler to its end, which usually comes after its response.
    async fn run(
        self: Arc<Self>,
        mut instance: Instance,
        exchange: Arc<Exchange>,
        request: Request<WasiBody>,
        reply: oneshot::Sender<Reply>,
    ) {
        let number = exchange.number();
        // The instance is the client's until it is free for others.
        let _share = exchange.share();
        instance.left -= 1;
        let log = instance.store.data().log().clone();
        log.begin(number);
        let result = tokio::select! {
            result = instance.handle(request, reply) => Some(result),
            () = self.overdue(&exchange) => None,
        };
        log.end(number);
        match result {
            Some(Ok(())) if instance.left > 0 => self.idle.put(instance),
            Some(Ok(())) => drop(instance),
            Some(Err(error)) => {
                report::trap(&[number], &error, &log);
                exchange.fail();
                drop(instance);
            }
            None => {
                report::stopped(&[number], "its guest did not finish in time", &log);
                exchange.fail();
                drop(instance);
            }
        }
        self.slots.freed();
    }

    /// Resolves when the client has gone or has its response, and the guest's time after that is over.
    async fn overdue(&self, exchange: &Exchange) {
        exchange.ended().await;
        match exchange.give_up_at() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => tokio::time::sleep(self.reuse.request_timeout).await,
        }
    }
}

impl Instance {
    async fn handle(
        &mut self,
        request: Request<WasiBody>,
        reply: oneshot::Sender<Reply>,
    ) -> wasmtime::Result<()> {
        let mut http = self.store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let out = http.new_response_outparam(reply)?;
        self.proxy
            .wasi_http_incoming_handler()
            .call_handle(&mut self.store, request, out)
            .await
    }
}
