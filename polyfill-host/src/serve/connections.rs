//! The connections that a server has open: how many there may be, and which of them makes room for another.

use super::connection::Activity;
use slab::Slab;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// A connection that has been without a request for so long may be closed to make room for another. Most clients send theirs
/// sooner.
const PATIENCE: Duration = Duration::from_millis(250);

/// All connections of a server.
pub(super) struct Connections {
    max: usize,
    permits: Arc<Semaphore>,
    open: Mutex<Slab<Arc<Activity>>>,
}

/// A connection among the others. Dropped when it has ended.
pub(super) struct Place {
    connections: Arc<Connections>,
    activity: Arc<Activity>,
    key: usize,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    /// At most `max` at once.
    pub(super) fn new(max: usize) -> Arc<Self> {
        let max = max.min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            max,
            permits: Arc::new(Semaphore::new(max)),
            open: Mutex::default(),
        })
    }

    /// A place for one more, as soon as there is one. If there is none, connections without a request go, the one that has been so
    /// for longest first.
    pub(super) async fn place(self: &Arc<Self>) -> Place {
        let permit = loop {
            let permits = self.permits.clone();
            if let Ok(permit) = permits.clone().try_acquire_owned() {
                break permit;
            }
            self.evict();
            // Another may have been without a request for long enough by then.
            if let Ok(Ok(permit)) = timeout(PATIENCE / 5, permits.acquire_owned()).await {
                break permit;
            }
        };
        let activity = Arc::new(Activity::default());
        let key = self.open.lock().unwrap().insert(activity.clone());
        Place {
            connections: self.clone(),
            activity,
            key,
            _permit: permit,
        }
    }

    /// How many have requests under way.
    pub(super) fn busy(&self) -> usize {
        let open = self.open.lock().unwrap();
        open.iter().filter(|(_, one)| one.is_busy()).count()
    }

    /// Ends some connections without a request, of those that have been so for longest.
    fn evict(&self) {
        let open = self.open.lock().unwrap();
        let mut idle: Vec<_> = open
            .iter()
            .filter_map(|(_, one)| Some((one.idle_for()?, one)))
            .filter(|(since, _)| *since >= PATIENCE)
            .collect();
        idle.sort_unstable_by_key(|(since, _)| std::cmp::Reverse(*since));
        // Several, so that a flood doesn't make us look through all of them for each.
        for (_, one) in idle.into_iter().take((self.max / 16).max(1)) {
            one.evict();
        }
    }
}

impl Place {
    /// What the connection does.
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

impl Drop for Place {
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
        let busy = connections.place().await;
        let _request = busy.activity().begin();
        let silent = connections.place().await;
        let next = tokio::spawn({
            let connections = connections.clone();
            async move { connections.place().await }
        });
        silent.activity().evicted().await;
        assert_eq!(connections.busy(), 1);
        drop(silent);
        next.await.unwrap();
    }
}
