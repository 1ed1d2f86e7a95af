//! Serves a native WASI 0.3 component, on wasmtime's own dispatcher of requests to instances.

mod expiration;
mod worker;

use self::expiration::Expiration;
use self::worker::{Handle, Worker};
use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::idle::{Slots, is_full};
use super::pool::Sharing;
use crate::guest::Guest;
use http::{Request, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::Engine;
use wasmtime_wasi_http::handler::{
    ExpirationError, HandlerState, Instance, InstantiationError, Proxy, ProxyHandler,
    TrapOrPanicError,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView};

/// A loaded native WASI 0.3 component.
pub struct Native {
    proxy: ProxyHandler<State>,
}

struct State {
    engine: Engine,
    pre: ServicePre<Guest>,
    guests: GuestFactory,
    sharing: Sharing,
    slots: Arc<Slots>,
    /// Whether the server has ended.
    closed: Arc<AtomicBool>,
}

impl Native {
    /// Serves `pre`, which belongs to `engine`.
    pub fn new(
        engine: Engine,
        pre: ServicePre<Guest>,
        guests: GuestFactory,
        sharing: Sharing,
    ) -> Self {
        Self {
            proxy: ProxyHandler::new(State {
                engine,
                pre,
                guests,
                sharing,
                slots: Arc::default(),
                closed: Arc::default(),
            }),
        }
    }
}

impl Handler for Native {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        mut request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        loop {
            let error = match self.proxy.handle(exchange.clone(), request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match error.downcast::<InstantiationError<Arc<Exchange>>>() {
                // The guest has not seen the request yet: the request waits until there is room.
                Ok(error) if is_full(&error.error) => {
                    request = error.request.into_inner().unwrap();
                    self.proxy.state().slots.wait_freed().await;
                }
                Ok(error) => return Err(Failure::NoInstance(error.error)),
                Err(error) => {
                    let failure = failure(error);
                    if let Failure::Trapped = failure {
                        // The report of the instance's end may come later, and needs this.
                        exchange.fail();
                    }
                    return Err(failure);
                }
            }
        }
    }

    fn close(&self) {
        self.proxy.state().closed.store(true, Ordering::Relaxed);
    }
}

fn failure(error: wasmtime::Error) -> Failure {
    if error.is::<ExpirationError>() {
        Failure::TimedOut
    } else if error.is::<TrapOrPanicError>() {
        Failure::Trapped
    } else if let Some(code) = error.downcast_ref::<ErrorCode>() {
        Failure::ErrorCode(format!("{code:?}"))
    } else if let Some(code) = error.downcast_ref::<Error>() {
        Failure::ErrorCode(format!("{code:?}"))
    } else {
        // A response that cannot be sent, for example with an invalid status code.
        Failure::ErrorCode(format!("an invalid response: {error:#}"))
    }
}

impl HandlerState for State {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Handle;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Handle>> {
        let mut store = self.guests.store(&self.engine)?;
        let service = self.pre.instantiate_async(&mut store);
        let service = tokio::time::timeout(self.sharing.request_timeout, service)
            .await
            .map_err(|_| wasmtime::format_err!("the guest did not start in time"))??;
        let log = store.data().log().clone();
        let worker = Arc::new(Worker::new(
            self.sharing,
            log,
            self.slots.clone(),
            self.closed.clone(),
        ));
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: Guest::http,
            expiration: Expiration::new(worker.clone()),
            state: Handle(worker),
        })
    }
}
