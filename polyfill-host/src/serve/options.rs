//! The options of a server: addresses, limits, timeouts, and how it keeps instances.

use crate::abi::Abi;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The addresses, limits and timeouts of a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServeOptions {
    /// Addresses to listen on; port 0 takes any free port. Default: `127.0.0.1:8080`.
    pub addresses: Vec<SocketAddr>,
    /// Connections served at once. For a further one, the longest idle connection is closed; if all have requests, it waits.
    /// Default: half of what the process's limit of open files leaves, at most 16,384.
    pub max_connections: Option<usize>,
    /// Requests handled at once; further ones wait, and the wait counts for the request timeout. Default: no limit.
    pub max_requests: Option<usize>,
    /// Requests of one connection that are handled at once; further ones wait as well. Only HTTP/2 has several on one. Default: a
    /// quarter of what the component's instances, or `max_requests`, allow.
    pub max_requests_per_connection: Option<usize>,
    /// Requests from one client that are handled at once; further ones wait as well. A client is an IPv4 address, or the first 64
    /// bits of an IPv6 address: a reverse proxy in front is one client. Default: half of what the component's instances, or
    /// `max_requests`, allow.
    pub max_requests_per_client: Option<usize>,
    /// How long a client may take to send a whole request head, to send the next part of a body, or to take the next part of a
    /// response; and how long its connection may be without a request. Default: 30 s.
    pub client_timeout: Duration,
    /// How long requests under way may take when the server has to end; after that they are cut off. Default: 30 s.
    pub shutdown_timeout: Duration,
    /// How long a component may take to answer; after that the client gets 504. Default: 10 min.
    pub request_timeout: Duration,
    /// How instances are kept.
    pub instances: InstanceOptions,
}

impl ServeOptions {
    /// The default address.
    pub const DEFAULT_ADDRESS: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
    /// See [`ServeOptions::client_timeout`].
    pub const DEFAULT_CLIENT_TIMEOUT: Duration = Duration::from_secs(30);
    /// See [`ServeOptions::shutdown_timeout`].
    pub const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
    /// See [`ServeOptions::request_timeout`].
    pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(600);
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            addresses: vec![Self::DEFAULT_ADDRESS],
            max_connections: None,
            max_requests: None,
            max_requests_per_connection: None,
            max_requests_per_client: None,
            client_timeout: Self::DEFAULT_CLIENT_TIMEOUT,
            shutdown_timeout: Self::DEFAULT_SHUTDOWN_TIMEOUT,
            request_timeout: Self::DEFAULT_REQUEST_TIMEOUT,
            instances: InstanceOptions::default(),
        }
    }
}

/// How instances of a component are kept and shared by requests.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InstanceOptions {
    /// Requests that one instance answers in its life. Default: 1 for a 0.2 component, else 128.
    pub max_reuse: Option<usize>,
    /// Requests that one instance works on at once. Default: 1 for a 0.2 component (more has no
    /// effect there), else 16.
    pub max_concurrent_reuse: Option<usize>,
    /// How long an instance without work is kept. Default: 1 s.
    pub idle_timeout: Duration,
}

impl InstanceOptions {
    /// See [`InstanceOptions::idle_timeout`].
    pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(1);

    /// How many requests an instance with this ABI answers in its life; at least 1.
    pub fn reuse(&self, abi: Abi) -> usize {
        let default = match abi {
            Abi::Plain => 1,
            Abi::Split | Abi::Native => 128,
        };
        self.max_reuse.unwrap_or(default).max(1)
    }

    /// How many requests an instance with this ABI works on at once; at least 1.
    pub fn concurrent_reuse(&self, abi: Abi) -> usize {
        match abi {
            // A 0.2 handler blocks its instance until it has returned.
            Abi::Plain => 1,
            Abi::Split | Abi::Native => self.max_concurrent_reuse.unwrap_or(16).max(1),
        }
    }
}

impl Default for InstanceOptions {
    fn default() -> Self {
        Self {
            max_reuse: None,
            max_concurrent_reuse: None,
            idle_timeout: Self::DEFAULT_IDLE_TIMEOUT,
        }
    }
}
