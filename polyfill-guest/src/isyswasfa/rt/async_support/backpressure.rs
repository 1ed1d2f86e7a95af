//! Backpressure: holds back calls that have not begun.

use super::executor::{self, Entry};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    /// Calls that have not begun, in the order in which they came, and their tasks.
    static HELD_BACK: RefCell<HeldBack> = const { RefCell::new(HeldBack { tasks: BTreeMap::new(), next: 0 }) };
}

struct HeldBack {
    tasks: BTreeMap<u64, u32>,
    next: u64,
}

/// From now on, exported asynchronous calls wait before they begin, until [`backpressure_dec`] was called as often as this.
///
/// The caller sees a call that takes its time, as natively. A call that was lent a resource begins at once in any case: it must
/// look at the resource before its caller goes on.
///
/// # Cancellation
///
/// A call that is cancelled before it began is dropped with its parameters: owned resources, streams and futures among them.
pub fn backpressure_inc() {
    LEVEL.set(LEVEL.get().checked_add(1).expect("backpressure overflow"));
}

/// Undoes one [`backpressure_inc`].
///
/// # Panics
///
/// If there is none to undo (natively that traps).
pub fn backpressure_dec() {
    let level = LEVEL.get().checked_sub(1);
    LEVEL.set(level.expect("`backpressure_dec` without `backpressure_inc`"));
    if LEVEL.get() > 0 {
        return;
    }
    let tasks: Vec<u32> = HELD_BACK.with_borrow(|held| held.tasks.values().copied().collect());
    for task in tasks {
        executor::wake(task);
    }
}

/// How a new call is entered. A call that comes while others are held back waits for its turn.
pub(super) fn entry() -> Entry {
    if LEVEL.get() > 0 || HELD_BACK.with_borrow(|held| !held.tasks.is_empty()) {
        Entry::Hold
    } else {
        Entry::Start
    }
}

/// Ready when the call may begin.
pub(super) struct Begin {
    /// Its place among those that are held back.
    place: Option<u64>,
}

impl Begin {
    pub(super) fn new() -> Begin {
        Begin { place: None }
    }

    fn leave(&mut self) {
        if let Some(place) = self.place.take() {
            HELD_BACK.with_borrow_mut(|held| held.tasks.remove(&place));
        }
    }
}

impl Future for Begin {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let current = executor::current();
        if self.place.is_none() {
            if current.entry != Entry::Hold {
                return Poll::Ready(());
            }
            let place = HELD_BACK.with_borrow_mut(|held| {
                held.next += 1;
                held.tasks.insert(held.next, current.task);
                held.next
            });
            self.place = Some(place);
            // Only earlier calls hold it back, and they have been woken.
            if LEVEL.get() == 0 {
                executor::wake(current.task);
            }
            return Poll::Pending;
        }
        if LEVEL.get() > 0 {
            return Poll::Pending;
        }
        self.leave();
        Poll::Ready(())
    }
}

impl Drop for Begin {
    fn drop(&mut self) {
        self.leave();
    }
}

/// How many calls are held back.
#[cfg(test)]
pub fn count() -> usize {
    HELD_BACK.with_borrow(|held| held.tasks.len())
}
