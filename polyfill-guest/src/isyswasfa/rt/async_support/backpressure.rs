//! Holding back calls that have not begun.

use super::executor;
use std::cell::{Cell, RefCell};

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
    /// Calls to begin when the level is zero again.
    static HELD_BACK: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// From now on, exported asynchronous calls wait before they begin, until [`backpressure_dec`] was called as often as this.
///
/// The caller sees a call that takes its time, as natively. A call that was lent a resource begins at once all the same:
/// it must look at it before its caller goes on.
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
    if LEVEL.get() == 0 {
        for task in HELD_BACK.take() {
            executor::wake(task);
        }
    }
}

/// Whether calls are to wait.
pub(super) fn is_on() -> bool {
    LEVEL.get() > 0
}

/// `task` has not begun and is to be woken when it may.
pub(super) fn hold_back(task: u32) {
    HELD_BACK.with_borrow_mut(|held_back| held_back.push(task));
}
