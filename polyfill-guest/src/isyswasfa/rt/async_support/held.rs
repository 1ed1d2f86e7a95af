//! Resources of this component that tasks borrow: their representations are kept alive.
//!
//! A `borrow` parameter is valid during the `-isyswasfa-start` call only: after that the owner may drop the resource.
//! Natively that would trap. Here the destructor waits until the last task that borrows the resource is gone.

use super::executor::{self, Entry};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The address of a representation.
pub type Rep = *const u8;

thread_local! {
    /// The resources that were lent to the task that is being started.
    static LENT: RefCell<Vec<Rep>> = const { RefCell::new(Vec::new()) };
    static HELD: RefCell<BTreeMap<Rep, Held>> = const { RefCell::new(BTreeMap::new()) };
}

struct Held {
    tasks: u32,
    /// The destructor, once it was asked for.
    dtor: Option<unsafe fn(*mut u8)>,
}

/// Notes that a borrow of `rep` was lifted.
#[doc(hidden)]
#[inline]
pub fn lent(rep: Rep) {
    if executor::current().entry == Entry::Start {
        LENT.with_borrow_mut(|lent| lent.push(rep));
    }
}

/// Takes the borrows that were lifted since the last call. They are held from now on if `hold`.
pub fn take_lent(hold: bool) -> Box<[Rep]> {
    LENT.with_borrow_mut(|lent| {
        if !hold || lent.is_empty() {
            lent.clear();
            return Box::default();
        }
        HELD.with_borrow_mut(|held| {
            for &rep in lent.iter() {
                held.entry(rep)
                    .or_insert(Held {
                        tasks: 0,
                        dtor: None,
                    })
                    .tasks += 1;
            }
        });
        let reps = Box::from(&lent[..]);
        lent.clear();
        reps
    })
}

/// Notes that a task that held `rep` is gone.
pub fn release(rep: Rep) {
    let dtor = HELD.with_borrow_mut(|all| {
        let held = all.get_mut(&rep)?;
        held.tasks -= 1;
        if held.tasks > 0 {
            return None;
        }
        all.remove(&rep)?.dtor
    });
    if let Some(dtor) = dtor {
        // SAFETY: `drop_resource` was promised that this may run once, now or later; `later` is now.
        unsafe { dtor(rep.cast_mut()) }
    }
}

/// Notes that the owner dropped the resource. Runs `dtor` now, or when the last task that borrows it is gone.
///
/// # Safety
///
/// `dtor` may be called with `rep`, once, at any time from now on.
#[doc(hidden)]
pub unsafe fn drop_resource(rep: *mut u8, dtor: unsafe fn(*mut u8)) {
    let put_off = HELD.with_borrow_mut(|held| match held.get_mut(&rep.cast_const()) {
        Some(held) => {
            held.dtor = Some(dtor);
            true
        }
        None => false,
    });
    if !put_off {
        // SAFETY: by this function's own contract.
        unsafe { dtor(rep) }
    }
}

/// Whether a task borrows `rep` and may still look at it.
#[doc(hidden)]
pub fn is_held(rep: Rep) -> bool {
    HELD.with_borrow(|held| held.contains_key(&rep))
}
