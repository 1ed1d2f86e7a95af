//! The state of one request, from its arrival to the end of its response, shared by the connection and the instance that works
//! on it.

use super::shares::Share;
use futures::task::AtomicWaker;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Context;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a guest may go on after its client has gone: it may be nearly done, or notice by itself. After the whole request
/// timeout it gets no more time.
const GRACE: Duration = Duration::from_secs(5);

/// One request from its arrival to the end of its response.
#[derive(Debug)]
pub struct Exchange {
    number: u64,
    deadline: Instant,
    phase: AtomicU8,
    /// Set before the phase becomes `Finished` or `Gone`.
    ended_at: OnceLock<Instant>,
    phase_changed: Notify,
    failed: AtomicBool,
    body: AtomicWaker,
    /// Its share of what its client may use of the server.
    share: OnceLock<Weak<Share>>,
}

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// The client waits for the head of the response.
    Waiting = 0,
    /// The body of the response is under way.
    Streaming = 1,
    /// The guest's part is over: the server has the whole response, and delivers what the client has not taken yet.
    Finished = 2,
    /// The client has gone, or was told that it took too long.
    Gone = 3,
}

impl Exchange {
    /// A request that has just arrived, and must be answered before `deadline`.
    pub fn new(number: u64, deadline: Instant) -> Arc<Self> {
        Arc::new(Self {
            number,
            deadline,
            phase: AtomicU8::new(Phase::Waiting as u8),
            ended_at: OnceLock::new(),
            phase_changed: Notify::new(),
            failed: AtomicBool::new(false),
            body: AtomicWaker::new(),
            share: OnceLock::new(),
        })
    }

    /// Sets the request's share of what its client may use. The share is given back with its last `Arc`.
    pub(super) fn take_share(&self, share: &Arc<Share>) {
        // An exchange takes only one share.
        let _ = self.share.set(Arc::downgrade(share));
    }

    /// The request's share of what its client may use. It has to be kept while a guest works on the request, even if the client
    /// is gone.
    pub(super) fn share(&self) -> Option<Arc<Share>> {
        self.share.get()?.upgrade()
    }

    /// The request's number in the log.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When the client is told that it took too long.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How far the exchange has come.
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Waiting,
            1 => Phase::Streaming,
            2 => Phase::Finished,
            _ => Phase::Gone,
        }
    }

    /// When the exchange was finished or the client went.
    pub fn ended_at(&self) -> Option<Instant> {
        self.ended_at.get().copied()
    }

    /// If the client has gone: when to stop an instance that still works for it.
    pub fn give_up_at(&self) -> Option<Instant> {
        if self.phase() != Phase::Gone {
            return None;
        }
        let gone = self.ended_at()?;
        Some(gone.max(self.deadline.min(gone + GRACE)))
    }

    /// Resolves when the exchange has ended.
    pub async fn ended(&self) {
        loop {
            let mut changed = std::pin::pin!(self.phase_changed.notified());
            changed.as_mut().enable();
            if let Phase::Finished | Phase::Gone = self.phase() {
                return;
            }
            changed.await;
        }
    }

    /// Resolves when the client has gone and its grace has passed; never if it gets its response.
    pub async fn given_up(&self) {
        self.ended().await;
        match self.give_up_at() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Notes that the instance failed: the response is cut off, however much of it was sent.
    pub fn fail(&self) {
        self.failed.store(true, Ordering::Release);
        self.body.wake();
    }

    /// Whether the instance failed.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Wakes the response's body when the instance fails.
    pub(super) fn wake_on_failure(&self, cx: &Context<'_>) {
        self.body.register(cx.waker());
    }

    fn enter(&self, phase: Phase) {
        if let Phase::Finished | Phase::Gone = phase {
            // An exchange ends once: the first outcome counts.
            if self.ended_at.set(Instant::now()).is_err() {
                return;
            }
        }
        self.phase.store(phase as u8, Ordering::Release);
        self.phase_changed.notify_waiters();
    }
}

/// The connection's side of an exchange. If it is dropped before the response was sent, the instance learns that the client has
/// gone.
#[derive(Debug)]
pub struct Client {
    exchange: Arc<Exchange>,
}

impl Client {
    /// The connection's side of `exchange`.
    pub fn new(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }

    /// The exchange.
    pub fn exchange(&self) -> &Arc<Exchange> {
        &self.exchange
    }

    /// Notes that the head of the response is there.
    pub fn streaming(&self) {
        self.exchange.enter(Phase::Streaming);
    }

    /// Notes that the whole response has come from the guest, or that there will be none.
    pub fn finished(&self) {
        self.exchange.enter(Phase::Finished);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.exchange.enter(Phase::Gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_gives_grace_until_the_deadline() {
        let start = Instant::now();
        let exchange = Exchange::new(1, start + Duration::from_secs(60));
        let client = Client::new(exchange.clone());
        let waiting = tokio::spawn({
            let exchange = exchange.clone();
            async move { exchange.given_up().await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(client);
        waiting.await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(1) + GRACE);

        let exchange = Exchange::new(2, Instant::now());
        drop(Client::new(exchange.clone()));
        let now = Instant::now();
        exchange.given_up().await;
        assert_eq!(now.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_finished_exchange_is_not_given_up() {
        let exchange = Exchange::new(1, Instant::now());
        let client = Client::new(exchange.clone());
        client.streaming();
        assert_eq!(exchange.phase(), Phase::Streaming);
        client.finished();
        drop(client);
        assert_eq!(exchange.phase(), Phase::Finished);
        exchange.ended().await;
        let given_up = tokio::time::timeout(GRACE * 2, exchange.given_up());
        assert!(given_up.await.is_err());
    }
}
