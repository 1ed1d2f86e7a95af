//! Where wakers, on any thread, leave word for the one who drives the instance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake as TaskWake, Waker};

use futures::task::AtomicWaker;

use super::budget::{Budget, Share};
use super::futures::FutureId;
use super::state::CallId;

/// A pipe with the host at an end. Never reused, so that a late waker finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipeId {
    /// The place of its table.
    pub(crate) table: u32,
    /// Its place there.
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// What a waker has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// A host future can go on.
    Future(FutureId),
    /// The host's end of a pipe can go on.
    Pipe(PipeId),
    /// Nobody waits for a call any more.
    Abandon(CallId),
    /// Something happened that has no name: look again.
    Look,
}

/// The inbox of one instance.
///
/// While somebody drives the instance, it empties the inbox before it stops; only otherwise the background
/// driver is woken. So what an instance causes itself costs no wake-up.
pub struct Queue {
    inbox: Mutex<Inbox>,
    /// The background driver, waiting for work.
    driver: AtomicWaker,
    /// A guest that blocks (`tasks.wait`) while the instance is driven.
    blocked: AtomicWaker,
}

struct Inbox {
    wakes: Vec<Wake>,
    /// For them. Wakers can't fail: the next thing that is held finds the budget used up.
    share: Share,
    driving: bool,
    /// Guests wait for pollables, and nobody does so for them yet.
    pollables: bool,
    /// How many want to drive, should the one who waits for pollables have the instance.
    wanted: usize,
    closed: bool,
}

/// Somebody wants the instance, until this is dropped.
pub(crate) struct Wanted<'a>(&'a Queue);

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.0.inbox().wanted -= 1;
    }
}

impl Queue {
    /// An empty inbox.
    pub fn new(budget: &Budget) -> Self {
        Queue {
            inbox: Mutex::new(Inbox {
                wakes: Vec::new(),
                share: budget.share(),
                driving: false,
                pollables: false,
                wanted: 0,
                closed: false,
            }),
            driver: AtomicWaker::new(),
            blocked: AtomicWaker::new(),
        }
    }

    /// Leaves word.
    pub fn push(&self, wake: Wake) {
        let mut inbox = self.inbox();
        inbox.wakes.push(wake);
        let weight = inbox.wakes.capacity() * size_of::<Wake>();
        inbox.share.set(weight);
        let driving = inbox.driving;
        drop(inbox);
        if driving {
            self.blocked.wake();
        } else {
            self.driver.wake();
        }
    }

    /// Moves all word into `wakes`, which must be empty: the two trade places.
    pub fn take(&self, wakes: &mut Vec<Wake>) {
        std::mem::swap(&mut self.inbox().wakes, wakes);
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.inbox().wakes.is_empty()
    }

    /// From now on somebody drives, who will see what is pushed.
    pub fn start_driving(&self) {
        let mut inbox = self.inbox();
        inbox.driving = true;
        inbox.pollables = false;
    }

    /// Stops driving, unless there is word again: `false`.
    pub fn stop_driving(&self) -> bool {
        let mut inbox = self.inbox();
        if inbox.wakes.is_empty() {
            inbox.driving = false;
            return true;
        }
        false
    }

    /// Stops driving although there is more to do: the background driver goes on.
    pub fn hand_over(&self) {
        self.inbox().driving = false;
        self.push(Wake::Look);
    }

    /// Stops driving although guests wait for pollables: the background driver waits for them.
    pub fn hand_over_pollables(&self) {
        let mut inbox = self.inbox();
        inbox.driving = false;
        inbox.pollables = true;
        drop(inbox);
        self.driver.wake();
    }

    /// Asks whoever waits for pollables to let go of the instance.
    pub(crate) fn want(&self) -> Wanted<'_> {
        self.inbox().wanted += 1;
        self.driver.wake();
        Wanted(self)
    }

    /// Nobody can use the instance any more: its background driver ends.
    pub fn close(&self) {
        self.inbox().closed = true;
        self.driver.wake();
    }

    /// Waits for word, or for pollables to be waited for, while nobody drives; `false` once the queue is closed.
    pub async fn wait(&self) -> bool {
        self.wait_until(|inbox| !inbox.wakes.is_empty() || inbox.pollables)
            .await
    }

    /// Waits, while pollables are waited for, for word or for somebody who wants the instance; `false` once the queue is
    /// closed.
    pub async fn wait_beside_pollables(&self) -> bool {
        self.inbox().pollables = false;
        self.wait_until(|inbox| !inbox.wakes.is_empty() || inbox.wanted > 0)
            .await
    }

    async fn wait_until(&self, is_time: impl Fn(&Inbox) -> bool) -> bool {
        std::future::poll_fn(|cx| {
            self.driver.register(cx.waker());
            let inbox = self.inbox();
            if inbox.closed {
                Poll::Ready(false)
            } else if !inbox.driving && is_time(&inbox) {
                Poll::Ready(true)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Registers a guest that blocks while the instance is driven, unless there is word already.
    pub fn poll_blocked(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.blocked.register(cx.waker());
        if self.inbox().wakes.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// A waker that leaves this word.
    pub fn waker(self: &Arc<Self>, wake: Wake) -> Waker {
        Waker::from(Arc::new(QueueWaker {
            queue: self.clone(),
            wake,
        }))
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        // No code that can panic runs under the lock; the data is whole whatever happened.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct QueueWaker {
    queue: Arc<Queue>,
    wake: Wake,
}

impl TaskWake for QueueWaker {
    fn wake(self: Arc<Self>) {
        self.queue.push(self.wake);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue.push(self.wake);
    }
}
