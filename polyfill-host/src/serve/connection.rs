//! One client's connection: serves HTTP/1.1 or HTTP/2 on it, and limits the time of each phase.

mod activity;
mod peer;
mod socket;
mod stall;
mod streams;
mod version;

pub(super) use self::activity::{Activity, Busy};
use self::socket::{Shared, Socket};
use self::stall::WriteTimeout;
pub(super) use self::streams::Outlet;
use self::streams::Streams;
use self::version::Version;
use super::connections::Admission;
use super::handler::Handler;
use super::server::Shutdown;
use super::service::{Asker, Service};
use bytes::Bytes;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long a connection without a request stays open when it has to end: time for a request that is already on its way.
const LINGER: Duration = Duration::from_secs(1);

pub(super) struct Connection<H> {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) service: Arc<Service<H>>,
    pub(super) client_timeout: Duration,
    pub(super) shutdown: Shutdown,
}

impl<H: Handler> Connection<H> {
    /// Serves the connection until it is closed, has been without a request for too long, or has to make room.
    pub(super) async fn run(self, admission: &Admission) {
        let activity = admission.activity().clone();
        let peer = self.peer;
        tokio::select! {
            () = self.serve(activity.clone()) => {}
            () = activity.evicted() => {
                tracing::debug!("{peer}: the connection ended: it had no request, and another needed its place");
            }
        }
    }

    async fn serve(self, activity: Arc<Activity>) {
        // Responses are small, and each is flushed when it is complete: waiting for more only delays it.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!("{}: no TCP_NODELAY: {error}", self.peer);
        }
        let mut shutdown = self.shutdown.clone();
        let first = tokio::select! {
            first = version::read(&self.stream) => first,
            () = activity.idle(self.client_timeout) => return,
            () = shutdown.begun() => return,
        };
        match first {
            Ok((Version::Http2, first)) => self.serve_2(first, activity).await,
            Ok((Version::Http1, first)) => self.serve_1(first, activity).await,
            Err(error) => tracing::debug!("{}: the connection ended: {error}", self.peer),
        }
    }

    async fn serve_1(mut self, first: Bytes, activity: Arc<Activity>) {
        let (peer, timeout) = (self.peer, self.client_timeout);
        let asker = self.asker(&activity);
        let socket = Shared::new(self.stream);
        let io = Socket::new(socket.clone(), first);
        let io = TokioIo::new(WriteTimeout::new(io, activity.clone(), timeout));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            // On these systems we detect ourselves that a client has gone.
            .half_close(cfg!(any(target_os = "linux", target_os = "android")));
        let mut connection = pin!(builder.serve_connection(io, answer(self.service, asker)));
        let outlet = Outlet::default();
        let mut gone = pin!(peer::gone(&socket, &activity, timeout));
        let mut closing = false;
        loop {
            let idle = if closing {
                LINGER.min(timeout)
            } else {
                timeout
            };
            tokio::select! {
                // hyper's own writes come before the byte that may be written early.
                biased;
                result = poll_fn(|cx| outlet.poll(cx, |cx| connection.as_mut().poll(cx))) => {
                    ended(peer, result);
                    if !closing {
                        socket.close(LINGER.min(timeout)).await;
                    }
                    return;
                }
                () = gone.as_mut() => return tracing::debug!("{peer}: the client has gone"),
                () = activity.idle(idle) => return tracing::debug!("{peer}: the client asks nothing"),
                () = self.shutdown.begun(), if !closing => {
                    connection.as_mut().graceful_shutdown();
                    closing = true;
                }
            }
        }
    }

    async fn serve_2(mut self, first: Bytes, activity: Arc<Activity>) {
        let (peer, timeout) = (self.peer, self.client_timeout);
        let asker = self.asker(&activity);
        let io = Socket::new(Shared::new(self.stream), first);
        let io = TokioIo::new(WriteTimeout::new(io, activity.clone(), timeout));
        let mut builder = http2::Builder::new(Streams { timeout });
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(timeout)
            .keep_alive_timeout(timeout);
        let mut connection = pin!(builder.serve_connection(io, answer(self.service, asker)));
        let mut closing = None;
        loop {
            let idle = async {
                match closing {
                    None => activity.idle(timeout).await,
                    Some(at) => {
                        tokio::time::sleep_until(at).await;
                        activity.idle(Duration::ZERO).await;
                    }
                }
            };
            tokio::select! {
                result = connection.as_mut() => return ended(peer, result),
                () = idle => match closing {
                    None => tracing::debug!("{peer}: the client asks nothing"),
                    Some(_) => return,
                },
                () = self.shutdown.begun(), if closing.is_none() => {}
            }
            connection.as_mut().graceful_shutdown();
            closing = Some(Instant::now() + LINGER.min(timeout));
        }
    }

    fn asker(&self, activity: &Arc<Activity>) -> Arc<Asker> {
        Arc::new(Asker {
            local: self.stream.local_addr().ok(),
            activity: activity.clone(),
            shares: self.service.connect(self.peer.ip()),
        })
    }
}

/// The service in hyper's form.
fn answer<H: Handler>(
    service: Arc<Service<H>>,
    asker: Arc<Asker>,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = http::Response<super::delivery::ResponseBody>,
    Error = std::convert::Infallible,
    Future: Send + 'static,
> {
    service_fn(move |request| {
        let (service, asker) = (service.clone(), asker.clone());
        async move { service.answer(request, &asker).await }
    })
}

fn ended(peer: SocketAddr, result: hyper::Result<()>) {
    if let Err(error) = result {
        // Errors of the component have been logged; all others are the client's.
        tracing::debug!("{peer}: the connection ended: {error:?}");
    }
}
