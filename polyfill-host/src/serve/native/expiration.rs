//! Decides when an instance of a native component has to be stopped.
//!
//! Usually the instance itself gives up a request after its client has gone and the grace period is over. It takes no more
//! requests, and ends when the others are done. That works only if the guest yields. An instance that doesn't (it computes
//! without end, or blocks in a WASI 0.2 call) is stopped here.

use super::worker::Worker;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use wasmtime_wasi_http::handler::{WorkerExpiration, WorkerStatus};

/// How long after its time an instance may give up a request; after that it never will.
const STUCK: Duration = Duration::from_secs(1);

/// Nothing reports the end of a response that is under way, so it is checked this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Expiration {
    worker: Arc<Worker>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Expiration {
    pub(super) fn new(worker: Arc<Worker>) -> Self {
        Self {
            worker,
            timer: None,
        }
    }

    /// When the instance has to be stopped, or at least checked again.
    fn deadline(&self, status: WorkerStatus, start: Instant) -> Deadline {
        let worker = &self.worker;
        let sharing = worker.sharing();
        match status {
            WorkerStatus::Idle => Deadline::Expire(start + sharing.idle_timeout),
            WorkerStatus::Requests => {
                let latest = start + sharing.request_timeout + STUCK;
                let stuck = worker.first_give_up().map(|at| at.into_std() + STUCK);
                Deadline::Expire(stuck.map_or(latest, |stuck| stuck.min(latest)))
            }
            WorkerStatus::PostReturn if worker.is_streaming() => {
                Deadline::Look(Instant::now() + LOOK_AGAIN)
            }
            WorkerStatus::PostReturn if worker.is_retiring() => Deadline::Expire(start),
            WorkerStatus::PostReturn => {
                let ended = worker.last_end().map(|at| at.into_std());
                let since = ended.map_or(start, |ended| ended.max(start));
                Deadline::Expire(since + sharing.request_timeout)
            }
        }
    }
}

enum Deadline {
    Expire(Instant),
    Look(Instant),
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        loop {
            let (at, expires) = match self.deadline(status, start) {
                Deadline::Expire(at) => (at, true),
                Deadline::Look(at) => (at, false),
            };
            if expires && at <= Instant::now() {
                if status != WorkerStatus::Idle {
                    self.worker.stop();
                }
                return Poll::Ready(());
            }
            let at = tokio::time::Instant::from_std(at);
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            // A timer that fires too early costs one more check; setting it for each request costs more.
            if timer.is_elapsed() || timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
