//! Imports that other components provide. They are linked with the core on first use, and entered when they have events.

use super::cabi;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// An import's `isyswasfa-poll`.
type Poll = unsafe extern "C" fn() -> u32;

thread_local! {
    /// The poll functions of the components that this one imports from, by component number.
    static CHILDREN: RefCell<Vec<(u32, Poll)>> = const { RefCell::new(Vec::new()) };
}

/// An imported interface that changed in the split. Generated code has one per interface and uses it in each function. So an
/// import that is never called stays dead code, and the component doesn't import it.
#[doc(hidden)]
pub struct Link {
    linked: AtomicBool,
    poll: Poll,
}

impl Link {
    /// `poll` is the interface's `isyswasfa-poll`.
    pub const fn new(poll: Poll) -> Link {
        Link {
            linked: AtomicBool::new(false),
            poll,
        }
    }

    /// Makes sure that the events of the interface's provider reach this component.
    #[inline]
    pub fn ensure(&self) {
        if !self.linked.load(Relaxed) {
            self.link();
        }
    }

    #[cold]
    fn link(&self) {
        self.linked.store(true, Relaxed);
        // SAFETY: `isyswasfa-poll` has no preconditions; a component enters its imports at any time.
        let number = unsafe { (self.poll)() };
        if number == 0 {
            return;
        }
        cabi::link(number);
        CHILDREN.with_borrow_mut(|children| {
            if children.iter().all(|(child, _)| *child != number) {
                children.push((number, self.poll));
            }
        });
    }
}

/// Lets the tasks of the component numbered `child` run.
pub fn enter(child: u32) {
    let poll = CHILDREN.with_borrow(|children| {
        children
            .iter()
            .find(|(number, _)| *number == child)
            .map(|(_, poll)| *poll)
    });
    if let Some(poll) = poll {
        // SAFETY: as in `Link::link`.
        unsafe { poll() };
    }
}
