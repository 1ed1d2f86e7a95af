//! Listens, accepts connections, and comes to an orderly end.

use super::connection::{Connection, Service};
use super::handler::Handler;
use crate::bad_input::BadInput;
use crate::options::ServeOptions;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};

/// A server that listens already, but accepts nothing yet.
pub struct Server {
    listeners: Vec<TcpListener>,
    options: ServeOptions,
}

impl Server {
    /// Listens on the addresses that `options` names.
    ///
    /// # Errors
    /// If one of them cannot be had: another program listens there, most often.
    pub async fn bind(options: ServeOptions) -> Result<Self, BadInput> {
        let mut listeners = Vec::new();
        for address in &options.addresses {
            let listener = TcpListener::bind(address)
                .await
                .map_err(|error| cannot_listen(*address, &error))?;
            listeners.push(listener);
        }
        Ok(Self { listeners, options })
    }

    /// The addresses that it listens on, with the ports that the system chose.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.listeners.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `shutdown` begins, and then until all requests in flight have their responses.
    ///
    /// Each request goes to the handler that `handler` has at that time; those under way stay with
    /// theirs when it changes.
    pub async fn run<H: Handler>(self, handler: watch::Receiver<Arc<H>>, shutdown: Shutdown) {
        let (alive, mut all_gone) = mpsc::channel::<()>(1);
        let service = Arc::new(Service::new(handler, &self.options));
        let connections = self
            .options
            .max_connections
            .map(|max| Arc::new(Semaphore::new(max)));
        let mut accepting = Vec::new();
        for listener in self.listeners {
            let accept = Accept {
                listener,
                service: service.clone(),
                connections: connections.clone(),
                client_timeout: self.options.client_timeout,
                shutdown: shutdown.clone(),
                alive: alive.clone(),
            };
            accepting.push(tokio::spawn(accept.run()));
        }
        drop(alive);
        for task in accepting {
            if let Err(error) = task.await {
                tracing::error!("a listener ended: {error}");
            }
        }
        // Each connection holds a sender.
        let _ = all_gone.recv().await;
    }
}

/// The wish that a server ends. Clones share it.
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
    /// Begins the end: no new connections, no new requests.
    pub fn begin(&self) {
        self.begin.send_replace(true);
    }

    /// Resolves when the end has begun.
    pub async fn begun(&mut self) {
        // The sender lives in `self`.
        let _ = self.begun.wait_for(|begun| *begun).await;
    }
}

struct Accept<H> {
    listener: TcpListener,
    service: Arc<Service<H>>,
    connections: Option<Arc<Semaphore>>,
    client_timeout: Duration,
    shutdown: Shutdown,
    alive: mpsc::Sender<()>,
}

impl<H: Handler> Accept<H> {
    async fn run(mut self) {
        loop {
            let connection = tokio::select! {
                connection = next(&self.listener, &self.connections) => connection,
                () = self.shutdown.begun() => return,
            };
            let (stream, peer, permit) = connection;
            let connection = Connection {
                stream,
                peer,
                service: self.service.clone(),
                client_timeout: self.client_timeout,
                shutdown: self.shutdown.clone(),
            };
            let alive = self.alive.clone();
            tokio::spawn(async move {
                connection.run().await;
                drop((permit, alive));
            });
        }
    }
}

async fn next(
    listener: &TcpListener,
    connections: &Option<Arc<Semaphore>>,
) -> (
    TcpStream,
    SocketAddr,
    Option<tokio::sync::OwnedSemaphorePermit>,
) {
    let permit = match connections {
        Some(connections) => connections.clone().acquire_owned().await.ok(),
        None => None,
    };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) => {
                // Out of file descriptors, or the client has gone already. The former passes when
                // connections end; until then, asking again at once would only burn time.
                tracing::warn!("failed to accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> BadInput {
    match error.kind() {
        io::ErrorKind::AddrInUse => BadInput::new(format!(
            "failed to listen on `{address}`: another program does already"
        ))
        .help("choose another port with `--addr`, or any free one with `--addr 127.0.0.1:0`"),
        io::ErrorKind::PermissionDenied => BadInput::new(format!(
            "failed to listen on `{address}`: the system denies it"
        ))
        .help("ports below 1024 need privileges: choose another with `--addr`"),
        io::ErrorKind::AddrNotAvailable => BadInput::new(format!(
            "failed to listen on `{address}`: this machine does not have that address"
        ))
        .help("`127.0.0.1` is reachable from this machine, `0.0.0.0` from all others too"),
        _ => BadInput::new(format!("failed to listen on `{address}`: {error}")),
    }
}
