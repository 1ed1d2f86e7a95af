//! Listens, accepts connections, and shuts down in order.

use super::connection::Connection;
use super::connections::Connections;
use super::descriptors;
use super::error::ServeError;
use super::handler::Handler;
use super::options::ServeOptions;
use super::service::Service;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// A server that listens, but accepts no connections yet.
pub struct Server {
    listeners: Vec<TcpListener>,
    options: ServeOptions,
}

impl Server {
    /// Listens on the addresses that `options` names.
    ///
    /// # Errors
    /// If the system refuses one of them, mostly because another program listens there.
    pub async fn bind(options: ServeOptions) -> Result<Self, ServeError> {
        let mut listeners = Vec::new();
        for address in &options.addresses {
            let listener = TcpListener::bind(address).await;
            listeners.push(listener.map_err(|reason| ServeError::Listen {
                address: *address,
                reason,
            })?);
        }
        Ok(Self { listeners, options })
    }

    /// The addresses that it listens on, with the ports that the system chose.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.listeners.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `shutdown` begins, and then until all requests under way have their responses, but no longer than the
    /// shutdown timeout. Returns how many connections still had requests under way, and were cut off.
    ///
    /// Each request goes to the current value of `handler`; requests under way stay with theirs when it changes.
    pub async fn run<H: Handler>(
        self,
        handler: watch::Receiver<Arc<H>>,
        mut shutdown: Shutdown,
    ) -> usize {
        let (alive, mut all_gone) = mpsc::channel::<()>(1);
        let (cut, cut_off) = watch::channel(false);
        let service = Arc::new(Service::new(handler.clone(), &self.options));
        let max = descriptors::connections(self.options.max_connections);
        let connections = Connections::new(max);
        let mut accepting = JoinSet::new();
        for listener in self.listeners {
            let accept = Accept {
                listener,
                service: service.clone(),
                connections: connections.clone(),
                client_timeout: self.options.client_timeout,
                shutdown: shutdown.clone(),
                cut_off: cut_off.clone(),
                alive: alive.clone(),
            };
            accepting.spawn(accept.run());
        }
        drop(alive);
        while let Some(ended) = accepting.join_next().await {
            if let Err(error) = ended {
                tracing::error!("a listener ended: {error}");
            }
        }
        shutdown.begun().await;
        // Each connection holds a sender.
        let timeout = self.options.shutdown_timeout;
        let mut busy = 0;
        if tokio::time::timeout(timeout, all_gone.recv())
            .await
            .is_err()
        {
            busy = connections.busy();
            cut.send_replace(true);
            let _ = all_gone.recv().await;
        }
        handler.borrow().close();
        busy
    }
}

/// A request to shut a server down. Clones share it.
#[derive(Debug, Clone)]
pub struct Shutdown {
    begun: watch::Receiver<bool>,
    begin: Arc<watch::Sender<bool>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        let (begin, begun) = watch::channel(false);
        Self {
            begun,
            begin: Arc::new(begin),
        }
    }
}

impl Shutdown {
    /// Begins the shutdown: no new connections, no new requests.
    pub fn begin(&self) {
        self.begin.send_replace(true);
    }

    /// Resolves when the shutdown has begun.
    pub async fn begun(&mut self) {
        // The sender lives in `self`.
        let _ = self.begun.wait_for(|begun| *begun).await;
    }
}

struct Accept<H> {
    listener: TcpListener,
    service: Arc<Service<H>>,
    connections: Arc<Connections>,
    client_timeout: Duration,
    shutdown: Shutdown,
    cut_off: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
}

impl<H: Handler> Accept<H> {
    async fn run(mut self) {
        loop {
            let next = async {
                let (stream, peer) = accept(&self.listener).await;
                (stream, peer, self.connections.admit().await)
            };
            let (stream, peer, admission) = tokio::select! {
                next = next => next,
                () = self.shutdown.begun() => return,
            };
            let connection = Connection {
                stream,
                peer,
                service: self.service.clone(),
                client_timeout: self.client_timeout,
                shutdown: self.shutdown.clone(),
            };
            let (alive, mut cut_off) = (self.alive.clone(), self.cut_off.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = connection.run(&admission) => {}
                    _ = cut_off.wait_for(|cut_off| *cut_off) => {}
                }
                drop((admission, alive));
            });
        }
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // No file descriptors are left, or the client has gone already. The former passes when connections end; until
                // then, trying again at once would only burn time.
                tracing::warn!("failed to accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
