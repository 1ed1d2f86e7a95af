//! The inbox of an instance: wakers, on any thread, leave messages in it for the driver.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake as TaskWake, Waker};

use futures::task::AtomicWaker;

use super::budget::{Budget, Share};
use super::futures::FutureId;
use super::state::CallId;

/// The number of a pipe with the host at an end. It is never reused, so a late waker finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipeId {
    /// The place of its table.
    pub(crate) table: u32,
    /// Its place there.
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// The message of a waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// A host future can go on.
    Future(FutureId),
    /// The host's end of a pipe can go on.
    Pipe(PipeId),
    /// Nobody waits for a call any more.
    Abandon(CallId),
    /// Something else happened: look again.
    Look,
}

/// The inbox of one instance.
///
/// Whoever drives the instance empties the inbox before stopping. The background driver is woken only while nobody drives. So
/// events that an instance causes itself cost no wake-up.
pub struct Queue {
    inbox: Mutex<Inbox>,
    /// The background driver, waiting for work.
    driver: AtomicWaker,
    /// A guest that blocks (`tasks.wait`) while the instance is driven.
    blocked: AtomicWaker,
}

struct Inbox {
    wakes: Vec<Wake>,
    /// The budget for the messages. Wakers can't fail: the next thing that is held finds the budget used up.
    share: Share,
    driving: bool,
    /// Guests wait for pollables, and no driver waits for them yet.
    pollables: bool,
    /// How many others want to drive, while the instance is held by a wait for pollables.
    wanted: usize,
    closed: bool,
}

/// A claim on the instance, until this is dropped.
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

    /// Leaves a message.
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

    /// Moves all messages into `wakes`, which must be empty: the two lists are swapped.
    pub fn take(&self, wakes: &mut Vec<Wake>) {
        std::mem::swap(&mut self.inbox().wakes, wakes);
    }

    /// Whether there are no messages.
    pub fn is_empty(&self) -> bool {
        self.inbox().wakes.is_empty()
    }

    /// Somebody drives from now on, and will see all messages.
    pub fn start_driving(&self) {
        let mut inbox = self.inbox();
        inbox.driving = true;
        inbox.pollables = false;
    }

    /// Stops driving, unless there are messages again: `false`.
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

    /// Asks for the instance, if a wait for pollables holds it.
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

    /// Waits, while nobody drives, for messages or for pollables that need a wait; `false` once the queue is closed.
    pub async fn wait(&self) -> bool {
        self.wait_until(|inbox| !inbox.wakes.is_empty() || inbox.pollables)
            .await
    }

    /// Waits, beside a wait for pollables, for messages or for a claim on the instance; `false` once the queue is closed.
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

    /// Registers a guest that blocks while the instance is driven, unless there are messages already.
    pub fn poll_blocked(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.blocked.register(cx.waker());
        if self.inbox().wakes.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// A waker that leaves this message.
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
