//! The number of bytes in the lists of a lowered item.
//!
//! wit-bindgen generates functions that free these lists, and none that count them. `generate!` makes the latter from the former:
//! they call [`weigh_list`] where the others call `cabi_dealloc`.

use std::cell::Cell;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Counts a list that `cabi_dealloc` would free.
///
/// # Safety
///
/// None is needed; it has the signature of `cabi_dealloc`.
#[doc(hidden)]
pub unsafe fn weigh_list(_: *mut u8, size: usize, _: usize) {
    BYTES.set(BYTES.get().saturating_add(size));
}

/// How many bytes `weigh` counts.
pub fn weigh(weigh: impl FnOnce()) -> usize {
    BYTES.set(0);
    weigh();
    BYTES.get()
}
