//! The channel behind a stream that has an end in the host: one batch of items is on its way at a time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::Stream;

use crate::core::Share;

/// Both ends of a channel for items that the host itself sends.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    ends(None)
}

/// Both ends of a channel for items that a guest sends. The batch on its way has this share of the guest's budget.
pub fn channel_within<T>(share: Share) -> (Sender<T>, Receiver<T>) {
    ends(Some(share))
}

fn ends<T>(share: Option<Share>) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared(Mutex::new(State {
        batch: None,
        share,
        reserved: false,
        sender_gone: false,
        receiver_gone: false,
        sender: None,
        receiver: None,
    })));
    (Sender(shared.clone()), Receiver(shared))
}

/// The receiver is gone.
#[derive(Debug)]
pub struct Gone;

/// The end that batches go into.
pub struct Sender<T>(Arc<Shared<T>>);

/// The end that batches come out of, until the sender is gone.
pub struct Receiver<T>(Arc<Shared<T>>);

/// A place for a later batch, which may be sent when the sender is gone.
pub struct Reservation<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<State<T>>);

struct State<T> {
    batch: Option<Vec<T>>,
    /// The budget for the batch. The batch was counted in the guest's pipe before, so it may be sent though the budget is used
    /// up.
    share: Option<Share>,
    reserved: bool,
    sender_gone: bool,
    receiver_gone: bool,
    sender: Option<Waker>,
    receiver: Option<Waker>,
}

impl<T> State<T> {
    fn weigh(&mut self, weight: usize) {
        if let Some(share) = &mut self.share {
            share.set(weight);
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, then wakes the waker that `change` returns.
    fn change(&self, change: impl FnOnce(&mut State<T>) -> Option<Waker>) {
        // The waker may do anything: it runs without the lock.
        let waker = change(&mut self.lock());
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Sender<T> {
    /// Waits until a batch may be sent. The task is woken as well when the receiver goes later.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let mut state = self.0.lock();
        if state.receiver_gone {
            return Poll::Ready(Err(Gone));
        }
        state.sender = Some(cx.waker().clone());
        if state.batch.is_none() && !state.reserved {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Waits until the receiver is gone.
    pub fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        state.sender = Some(cx.waker().clone());
        if state.receiver_gone {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Sends a batch, once `poll_ready` was ready; gives it back if nobody will take it.
    pub fn send(&self, batch: Vec<T>) -> Result<(), Vec<T>> {
        self.0.send(batch)
    }

    /// Sets the size in bytes of the next batch, or of the one on its way.
    pub fn weigh(&self, weight: usize) {
        self.0.lock().weigh(weight);
    }

    /// Keeps the place of a batch, once `poll_ready` was ready.
    pub fn reserve(&self) -> Reservation<T> {
        self.0.lock().reserved = true;
        Reservation(self.0.clone())
    }
}

impl<T> Shared<T> {
    fn send(&self, batch: Vec<T>) -> Result<(), Vec<T>> {
        let mut state = self.lock();
        if state.receiver_gone {
            return Err(batch);
        }
        state.batch = Some(batch);
        let waker = state.receiver.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl<T> Reservation<T> {
    /// Sends the batch; drops it if nobody will take it.
    pub fn send(self, batch: Vec<T>) {
        let _ = self.0.send(batch);
    }
}

impl<T> Drop for Reservation<T> {
    fn drop(&mut self) {
        let mut wakers = [const { None }; 2];
        self.0.change(|state| {
            state.reserved = false;
            if state.batch.is_none() {
                state.weigh(0);
            }
            wakers = [state.sender.take(), state.receiver.take()];
            None
        });
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.sender_gone = true;
            state.receiver.take()
        });
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut lost = None;
        self.0.change(|state| {
            state.receiver_gone = true;
            lost = state.batch.take();
            state.weigh(0);
            state.sender.take()
        });
        // Dropping items may do anything: it happens without the lock.
        drop(lost);
    }
}

impl<T> Stream for Receiver<T> {
    type Item = Vec<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<T>>> {
        let mut state = self.0.lock();
        if let Some(batch) = state.batch.take() {
            state.weigh(0);
            let waker = state.sender.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
            return Poll::Ready(Some(batch));
        }
        if state.sender_gone && !state.reserved {
            return Poll::Ready(None);
        }
        state.receiver = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use futures::executor::block_on;
    use futures::future::poll_fn;
    use futures::task::noop_waker;

    fn is_ready<T>(sender: &Sender<T>) -> bool {
        sender
            .poll_ready(&mut Context::from_waker(&noop_waker()))
            .is_ready()
    }

    #[test]
    fn one_batch_is_on_its_way() {
        let (sender, mut receiver) = channel();
        assert!(is_ready(&sender));
        sender.send(vec![1, 2]).unwrap();
        assert!(!is_ready(&sender));
        assert_eq!(block_on(receiver.next()), Some(vec![1, 2]));
        assert!(is_ready(&sender));
    }

    #[test]
    fn what_was_sent_arrives_though_the_sender_is_gone() {
        let (sender, mut receiver) = channel();
        sender.send(vec![1]).unwrap();
        let _ = block_on(receiver.next());
        let reservation = sender.reserve();
        assert!(!is_ready(&sender));
        drop(sender);
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(receiver.poll_next_unpin(&mut cx).is_pending());
        reservation.send(vec![2]);
        assert_eq!(block_on(receiver.next()), Some(vec![2]));
        assert_eq!(block_on(receiver.next()), None);
    }

    #[test]
    fn a_batch_has_a_share_of_the_budget_while_it_is_on_its_way() {
        let budget = crate::core::Budget::new(1 << 20);
        let (sender, mut receiver) = channel_within(budget.share());
        sender.weigh(100);
        sender.send(vec![1]).unwrap();
        assert_eq!(budget.held(), 100);
        assert_eq!(block_on(receiver.next()), Some(vec![1]));
        assert_eq!(budget.held(), 0);
        sender.weigh(50);
        drop(sender.reserve());
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn a_receiver_that_goes_is_noticed() {
        let (sender, receiver) = channel();
        let gone = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(poll_fn(|cx| sender.poll_gone(cx))));
            drop(receiver);
            waiting.join()
        });
        gone.unwrap();
        assert_eq!(sender.send(vec![7]), Err(vec![7]));
    }
}
