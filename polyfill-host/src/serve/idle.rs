//! Idle instances, which are kept for a while, and the wait for room for new ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use wasmtime::PoolConcurrencyLimitError;

/// Instances that wait for work. The last one is taken first, so that unneeded ones grow old together.
pub struct Idle<I> {
    shared: Arc<Shared<I>>,
}

struct Shared<I> {
    timeout: Duration,
    state: Mutex<State<I>>,
}

struct State<I> {
    /// The oldest in front.
    instances: VecDeque<(Instant, I)>,
    /// Whether a task exists that removes those that are too old.
    swept: bool,
}

impl<I: Send + 'static> Idle<I> {
    /// Instances are dropped after `timeout` without work.
    pub fn new(timeout: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                timeout,
                state: Mutex::new(State {
                    instances: VecDeque::new(),
                    swept: false,
                }),
            }),
        }
    }

    /// An instance to work with, if there is one.
    pub fn take(&self) -> Option<I> {
        let (_, instance) = self.shared.state.lock().unwrap().instances.pop_back()?;
        Some(instance)
    }

    /// Keeps an instance that has no work.
    pub fn put(&self, instance: I) {
        if self.shared.timeout.is_zero() {
            return;
        }
        let mut state = self.shared.state.lock().unwrap();
        state.instances.push_back((Instant::now(), instance));
        if !state.swept {
            state.swept = true;
            tokio::spawn(sweep(self.shared.clone()));
        }
    }
}

async fn sweep<I>(shared: Arc<Shared<I>>) {
    loop {
        let next = {
            let mut state = shared.state.lock().unwrap();
            let now = Instant::now();
            let mut old = Vec::new();
            while let Some((since, _)) = state.instances.front()
                && now.duration_since(*since) >= shared.timeout
            {
                old.extend(state.instances.pop_front());
            }
            let next = state
                .instances
                .front()
                .map(|(since, _)| *since + shared.timeout);
            if next.is_none() {
                state.swept = false;
            }
            drop(state);
            // Dropping an instance takes time: not under the lock.
            drop(old);
            next
        };
        match next {
            Some(next) => tokio::time::sleep_until(next).await,
            None => return,
        }
    }
}

/// Notifies waiters of free places for instances. The pooling allocator has a limited number of them (see [`is_full`]).
#[derive(Debug, Default)]
pub struct Slots {
    freed: Notify,
}

impl Slots {
    /// Notes that an instance has gone.
    pub fn freed(&self) {
        self.freed.notify_one();
    }

    /// Waits until an instance may have gone.
    pub async fn wait_freed(&self) {
        /// Instances that are not counted here end as well (another component's, after a reload).
        const LOOK_AGAIN: Duration = Duration::from_millis(50);
        let _ = tokio::time::timeout(LOOK_AGAIN, self.freed.notified()).await;
    }
}

/// Whether instantiating failed because there are too many instances already.
pub fn is_full(error: &wasmtime::Error) -> bool {
    error.is::<PoolConcurrencyLimitError>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn instances_that_nobody_needs_go() {
        let idle = Idle::new(Duration::from_secs(1));
        let counted = Arc::new(());
        for _ in 0..3 {
            idle.put(counted.clone());
        }
        assert_eq!(Arc::strong_count(&counted), 4);
        tokio::time::sleep(Duration::from_millis(600)).await;
        let busy = idle.take().unwrap();
        idle.put(busy);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(Arc::strong_count(&counted), 2);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(Arc::strong_count(&counted), 1);
        assert!(idle.take().is_none());

        idle.put(counted.clone());
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(Arc::strong_count(&counted), 1, "swept again");
    }
}
