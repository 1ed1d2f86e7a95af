//! What callers have put into our memory: `cabi_realloc`, and who frees it.

use crate::trap::trap;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::RefCell;

thread_local! {
    /// What was allocated for the call that is being made.
    static CALL: RefCell<Memory> = const { RefCell::new(Memory(Vec::new())) };
}

/// Some allocations, freed when dropped.
pub struct Memory(Vec<(*mut u8, Layout)>);

impl Memory {
    /// What was allocated for the call that is being made.
    pub fn of_call() -> Memory {
        CALL.with_borrow_mut(|call| Memory(std::mem::take(&mut call.0)))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        for (ptr, layout) in self.0.drain(..) {
            // SAFETY: `cabi_realloc` has allocated it with this layout, and whoever points to it has let go of us.
            unsafe { dealloc(ptr, layout) }
        }
    }
}

/// # Safety
/// As the canonical ABI calls it: `old`, if not null, is of this call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    if new_size == 0 && old_size == 0 {
        return std::ptr::without_provenance_mut(align);
    }
    let Ok(layout) = Layout::from_size_align(new_size.max(1), align) else {
        trap("more memory was asked for than there can be");
    };
    CALL.with_borrow_mut(|Memory(call)| {
        // Mostly it is new, and not looked for: a list of a million strings is a million allocations.
        let known = match old_size {
            0 => None,
            _ => call.iter_mut().rev().find(|(ptr, _)| *ptr == old),
        };
        let ptr = match &known {
            // SAFETY: it is of this layout and has not been freed.
            Some((ptr, old)) => unsafe { realloc(*ptr, *old, layout.size()) },
            // SAFETY: the size is not 0.
            None => unsafe { alloc(layout) },
        };
        if ptr.is_null() {
            trap("out of memory");
        }
        match known {
            Some(known) => *known = (ptr, layout),
            None => call.push((ptr, layout)),
        }
        ptr
    })
}
