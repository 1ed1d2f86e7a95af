//! `wasi:io/poll`: waiting for many things at once.

use crate::p2::local::Local;
use crate::p2::shared::Shared;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What a [`Pollable`] waits for.
pub(crate) trait Readiness {
    /// Ready when the pollable is. Until then, the waker is kept.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()>;
}

/// Something that becomes ready.
pub struct Pollable(Local<Rc<dyn Readiness>>);

impl Pollable {
    pub(crate) fn new(readiness: Rc<dyn Readiness>) -> Self {
        Pollable(Local::new(readiness))
    }

    /// A pollable that is ready when `future` is, which is dropped with it. It makes anything of WASI 0.3 an item of [`poll`].
    pub fn from_future(future: impl Future<Output = ()> + 'static) -> Self {
        Self::new(Rc::new(Shared::new(future)))
    }

    /// Whether it is ready. It does not wait, and it does not let the component take note of what has happened outside:
    /// a loop that does nothing but ask never ends. Such a loop must await something.
    pub fn ready(&self) -> bool {
        self.poll_ready(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    /// Waits until it is ready.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing: the pollable can be awaited again.
    pub async fn block(&self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_ready(cx)
    }
}

impl fmt::Debug for Pollable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pollable").finish_non_exhaustive()
    }
}

/// Waits until at least one of them is ready. The indexes of those that are.
///
/// # Panics
///
/// If there are none, as 0.2 traps.
///
/// # Cancellation
///
/// Dropping the future changes nothing: the pollables can be awaited again.
pub async fn poll(in_: &[&Pollable]) -> Vec<u32> {
    assert!(!in_.is_empty(), "`poll` was given no pollables");
    poll_fn(|cx| {
        let ready: Vec<u32> = (0..)
            .zip(in_)
            .filter(|(_, pollable)| pollable.poll_ready(cx).is_ready())
            .map(|(index, _)| index)
            .collect();
        if ready.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(ready)
        }
    })
    .await
}

/// What is ready from the beginning.
pub(crate) struct Always;

impl Readiness for Always {
    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}
