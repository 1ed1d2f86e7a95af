//! The activity of a connection: whether it has requests under way, and since when it has none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The activity of one connection, shared by its parts.
#[derive(Debug)]
pub(in crate::serve) struct Activity {
    opened: Instant,
    /// Requests from their head to the end of their response.
    requests: AtomicUsize,
    /// Milliseconds since `opened`.
    idle_since: AtomicU64,
    /// Whether a write waits for the client.
    blocked: AtomicBool,
    /// The number of completed writes.
    writes: AtomicU64,
    /// HTTP/1.1: requests that wait for the head of their response; one at most.
    answering: AtomicUsize,
    /// HTTP/1.1: whether the current body goes out in chunks.
    chunked: AtomicBool,
    evicted: AtomicBool,
    evict: Notify,
}

/// A request under way on a connection.
#[derive(Debug)]
pub(in crate::serve) struct Busy(Arc<Activity>);

/// A request that waits for the head of its response.
pub(in crate::serve) struct Answering<'a>(&'a Activity);

impl Default for Activity {
    fn default() -> Self {
        Self {
            opened: Instant::now(),
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            writes: AtomicU64::new(0),
            answering: AtomicUsize::new(0),
            chunked: AtomicBool::new(false),
            evicted: AtomicBool::new(false),
            evict: Notify::new(),
        }
    }
}

impl Activity {
    /// Notes that a request begins.
    pub(in crate::serve) fn begin(self: &Arc<Self>) -> Busy {
        self.requests.fetch_add(1, Relaxed);
        Busy(self.clone())
    }

    /// Notes that a request waits for the head of its response.
    pub(in crate::serve) fn answer(&self) -> Answering<'_> {
        self.answering.fetch_add(1, Relaxed);
        Answering(self)
    }

    /// Whether a request waits for the head of its response, and everything before that has been written.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Relaxed) > 0 && !self.blocked.load(Relaxed)
    }

    /// Whether the body of the response that begins now goes out in chunks.
    pub(in crate::serve) fn send_chunked(&self, chunked: bool) {
        self.chunked.store(chunked, Relaxed);
    }

    /// Whether the next write is a chunk.
    pub(super) fn is_between_chunks(&self) -> bool {
        self.chunked.load(Relaxed)
            && self.is_busy()
            && !self.blocked.load(Relaxed)
            && self.answering.load(Relaxed) == 0
    }

    /// Whether there are requests under way.
    pub(in crate::serve) fn is_busy(&self) -> bool {
        self.requests.load(Relaxed) > 0
    }

    /// How long the connection has been without a request. `None`: there is one, or a response is still being written.
    pub(in crate::serve) fn idle_for(&self) -> Option<Duration> {
        let over = self.evicted.load(Relaxed) || self.blocked.load(Relaxed) || self.is_busy();
        (!over).then(|| {
            let since = Duration::from_millis(self.idle_since.load(Relaxed));
            self.opened.elapsed().saturating_sub(since)
        })
    }

    /// Resolves when there has been no request for `time`; up to a quarter later if there was one in between.
    pub(super) async fn idle(&self, time: Duration) {
        const SHORTEST: Duration = Duration::from_millis(10);
        loop {
            let wait = match self.idle_for() {
                Some(since) if since >= time => return,
                Some(since) => time - since,
                None => time / 4,
            };
            tokio::time::sleep(wait.max(SHORTEST)).await;
        }
    }

    /// Notes that a write was completed, or waits for the client.
    pub(super) fn wrote(&self, done: bool) {
        if done {
            self.writes.fetch_add(1, Relaxed);
        }
        self.blocked.store(!done, Relaxed);
    }

    /// The number of completed writes.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    /// Asks the connection to make room for another.
    pub(in crate::serve) fn evict(&self) {
        self.evicted.store(true, Relaxed);
        self.evict.notify_one();
    }

    /// Resolves when the connection has to make room for another.
    pub(in crate::serve) async fn evicted(&self) {
        self.evict.notified().await;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let activity = &self.0;
        let now = activity.opened.elapsed().as_millis() as u64;
        activity.idle_since.store(now, Relaxed);
        activity.requests.fetch_sub(1, Relaxed);
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Relaxed);
    }
}
