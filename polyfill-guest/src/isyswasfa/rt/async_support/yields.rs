//! Yielding: lets other tasks run.

use std::future::poll_fn;
use std::task::Poll;

/// Lets other tasks run, of this component and of others, before it goes on.
///
/// # Cancellation
///
/// If the caller of the task goes away meanwhile, the task is dropped here.
pub async fn yield_async() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Looks at what has happened outside, from a function that cannot await. Always true: go on.
///
/// Natively this suspends the caller so that the host can run others; a 0.2 engine can't suspend a component in the middle
/// of a call, so that the tasks that have become ready run only when this call is over. Use [`yield_async`].
pub fn yield_blocking() -> bool {
    super::executor::take_events();
    true
}
