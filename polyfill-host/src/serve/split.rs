//! Serves a split component: requests share instances, and each drives the instance in its own task.

use super::exchange::Exchange;
use super::guest::GuestFactory;
use super::handler::{Failure, Handler};
use super::pool::{End, Instance, Lease, Make, Pool, Sharing};
use super::report;
use crate::guest::{Guest, origin_of};
use crate::http::{self, HandleError, HandlerInstance};
use crate::stdio::InstanceLog;
use ::http::{Request, Response};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime::Engine;
use wasmtime_wasi_http::{Error, WasiBody};

/// A loaded split component.
pub struct Split {
    pool: Pool<Maker>,
}

struct Maker {
    engine: Engine,
    handler: http::Handler<Guest>,
    guests: GuestFactory,
}

impl Split {
    /// Serves `handler`, which belongs to `engine`.
    pub fn new(
        engine: Engine,
        handler: http::Handler<Guest>,
        guests: GuestFactory,
        sharing: Sharing,
    ) -> Self {
        let maker = Maker {
            engine,
            handler,
            guests,
        };
        Self {
            pool: Pool::new(maker, sharing),
        }
    }
}

impl Handler for Split {
    async fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        let lease = self.pool.lease(exchange).await?;
        let origin = origin_of(exchange.number());
        let handler = &lease.instance().handler;
        match handler.handle_for(origin, request).await {
            Ok(response) => Ok(response.map(|body| {
                Leased {
                    body,
                    _lease: lease,
                }
                .boxed_unsync()
            })),
            Err(HandleError::Code(code)) => Err(Failure::ErrorCode(format!("{code:?}"))),
            Err(HandleError::Died(_)) => {
                lease.died();
                Err(Failure::Trapped)
            }
        }
    }
}

impl Make for Maker {
    type Instance = PooledInstance;

    async fn make(&self) -> wasmtime::Result<PooledInstance> {
        let store = self.guests.split_store(&self.engine)?;
        let log = store.data().log().clone();
        let handler = self.handler.instantiate(store).await?;
        Ok(PooledInstance { handler, log })
    }
}

struct PooledInstance {
    handler: HandlerInstance<Guest>,
    log: InstanceLog,
}

impl Instance for PooledInstance {
    fn is_running(&self) -> bool {
        self.handler.instance().is_driven()
    }

    async fn has_work(&self) -> bool {
        use crate::split::SplitView;
        let instance = self.handler.instance();
        // An island at a call that nobody waits for has not yielded, though the caller has.
        if let Ok(Some(behind)) = instance.with(|guest| guest.behind().cloned()).await {
            behind.attended().await;
        }
        // An instance that has died has no work.
        instance
            .with(|guest| guest.split().has_work())
            .await
            .unwrap_or(false)
    }

    fn stop(&self, reason: &str) {
        self.handler.instance().interrupt(reason);
    }

    fn death(&self) -> impl Future<Output = Option<Arc<wasmtime::Error>>> + Send + 'static {
        let mut death = self.handler.instance().death();
        async move {
            // An error means that the instance went without having died.
            let died = death.wait_for(Option::is_some).await.ok()?;
            died.as_ref().map(|died| died.shared_reason())
        }
    }

    fn begins(&self, request: u64) {
        self.log.begin(request);
    }

    fn ends(&self, request: u64) {
        self.log.end(request);
    }

    fn report(&self, requests: &[u64], reason: &wasmtime::Error, end: End) {
        match end {
            End::Stopped => {
                report::stopped(requests, &reason.root_cause().to_string(), &self.log);
            }
            End::Trapped => report::trap(requests, reason, &self.log),
        }
    }
}

/// A response's body. The instance is in use until its end.
struct Leased {
    body: http::Body,
    _lease: Lease<Maker>,
}

impl Body for Leased {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
