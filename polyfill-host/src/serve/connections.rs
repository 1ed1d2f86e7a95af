//! The open connections of a server: limits their number, and chooses one to close for a new one.

use super::connection::Activity;
use slab::Slab;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// A connection may be closed for another one after this time without a request. Most clients send theirs sooner.
const PATIENCE: Duration = Duration::from_millis(250);

/// All connections of a server.
pub(super) struct Connections {
    max: usize,
    permits: Arc<Semaphore>,
    open: Mutex<Slab<Arc<Activity>>>,
}

/// A connection among the others. Dropped when it has ended.
pub(super) struct Admission {
    connections: Arc<Connections>,
    activity: Arc<Activity>,
    key: usize,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    /// At most `max` connections at once.
    pub(super) fn new(max: usize) -> Arc<Self> {
        let max = max.min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            max,
            permits: Arc::new(Semaphore::new(max)),
            open: Mutex::default(),
        })
    }

    /// Waits for a place for a new connection. If there is none, closes connections without a request, the longest idle ones
    /// first.
    pub(super) async fn admit(self: &Arc<Self>) -> Admission {
        let permit = loop {
            let permits = self.permits.clone();
            if let Ok(permit) = permits.clone().try_acquire_owned() {
                break permit;
            }
            self.evict();
            // By then, another connection may have been idle for long enough.
            if let Ok(Ok(permit)) = timeout(PATIENCE / 5, permits.acquire_owned()).await {
                break permit;
            }
        };
        let activity = Arc::new(Activity::default());
        let key = self.open.lock().unwrap().insert(activity.clone());
        Admission {
            connections: self.clone(),
            activity,
            key,
            _permit: permit,
        }
    }

    /// How many connections have requests under way.
    pub(super) fn busy(&self) -> usize {
        let open = self.open.lock().unwrap();
        open.iter().filter(|(_, one)| one.is_busy()).count()
    }

    /// Ends some of the connections that have been without a request for longest.
    fn evict(&self) {
        let open = self.open.lock().unwrap();
        let mut idle: Vec<_> = open
            .iter()
            .filter_map(|(_, one)| Some((one.idle_for()?, one)))
            .filter(|(since, _)| *since >= PATIENCE)
            .collect();
        idle.sort_unstable_by_key(|(since, _)| std::cmp::Reverse(*since));
        // Several, so that in a flood not every new connection needs a search through all of them.
        for (_, one) in idle.into_iter().take((self.max / 16).max(1)) {
            one.evict();
        }
    }
}

impl Admission {
    /// The activity of the connection.
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections.open.lock().unwrap().remove(self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_one_without_a_request_for_longest_makes_room() {
        let connections = Connections::new(2);
        let busy = connections.admit().await;
        let _request = busy.activity().begin();
        let silent = connections.admit().await;
        let next = tokio::spawn({
            let connections = connections.clone();
            async move { connections.admit().await }
        });
        silent.activity().evicted().await;
        assert_eq!(connections.busy(), 1);
        drop(silent);
        next.await.unwrap();
    }
}
