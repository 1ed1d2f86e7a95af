//! Limits how much of the server one client may use: requests at once, by connection and by address.

use super::options::ServeOptions;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The limits on requests at once: in all, and for one client.
pub(super) struct Shares {
    all: Option<Arc<Semaphore>>,
    max_requests: usize,
    per_connection: Option<usize>,
    per_client: Option<usize>,
    clients: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

/// What a connection may use.
pub(super) struct ClientShares {
    connection: Arc<Semaphore>,
    client: Arc<Semaphore>,
}

/// What one request uses, until its guest is done with the request.
#[derive(Debug)]
pub(super) struct Share {
    _permits: [Option<OwnedSemaphorePermit>; 3],
}

impl Shares {
    pub(super) fn new(options: &ServeOptions) -> Self {
        let most = |count: usize| count.min(Semaphore::MAX_PERMITS);
        Self {
            all: options
                .max_requests
                .map(|max| Arc::new(Semaphore::new(most(max)))),
            max_requests: most(options.max_requests.unwrap_or(usize::MAX)),
            per_connection: options.max_requests_per_connection.map(most),
            per_client: options.max_requests_per_client.map(most),
            clients: Mutex::default(),
        }
    }

    /// The shares of a new connection from `address`, if the component can work on `capacity` requests at once.
    pub(super) fn connect(&self, address: IpAddr, capacity: usize) -> ClientShares {
        let capacity = capacity.min(self.max_requests);
        let connection = self.per_connection.unwrap_or((capacity / 4).max(1));
        let client = self.per_client.unwrap_or((capacity / 2).max(1));
        ClientShares {
            connection: Arc::new(Semaphore::new(connection)),
            client: self.client(network(address), client),
        }
    }

    fn client(&self, address: IpAddr, most: usize) -> Arc<Semaphore> {
        let mut clients = self.clients.lock().unwrap();
        if let Some(client) = clients.get(&address).and_then(Weak::upgrade) {
            return client;
        }
        if clients.len() == clients.capacity() {
            // Removes clients without connections and requests, before the map has to grow.
            clients.retain(|_, client| client.strong_count() > 0);
        }
        let client = Arc::new(Semaphore::new(most));
        clients.insert(address, Arc::downgrade(&client));
        client
    }

    /// Waits for a request's share.
    pub(super) async fn take(&self, client: &ClientShares) -> Arc<Share> {
        // A request waits for its client's own limits first, before it takes of the common ones.
        Arc::new(Share {
            _permits: [
                permit(Some(&client.connection)).await,
                permit(Some(&client.client)).await,
                permit(self.all.as_ref()).await,
            ],
        })
    }
}

async fn permit(of: Option<&Arc<Semaphore>>) -> Option<OwnedSemaphorePermit> {
    // An error would mean that the semaphore was closed, which it never is.
    of?.clone().acquire_owned().await.ok()
}

/// The client of an address: one client has at least 64 bits of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_has_a_share_on_a_connection_and_in_all() {
        let shares = Shares::new(&ServeOptions::default());
        let [one, other] = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap());
        let (first, second) = (shares.connect(one, 8), shares.connect(one, 8));
        let mut held = Vec::new();
        for connection in [&first, &first, &second, &second] {
            held.push(shares.take(connection).await);
        }
        assert_eq!(first.connection.available_permits(), 0);
        assert_eq!(shares.connect(one, 8).client.available_permits(), 0);
        assert_eq!(shares.connect(other, 8).client.available_permits(), 4);
        drop((held, first, second));
        assert_eq!(shares.connect(one, 8).client.available_permits(), 4);
    }

    #[test]
    fn an_ipv6_client_has_a_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:0:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
