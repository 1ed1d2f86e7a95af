//! Memory for the strings of an error: all of it is free again with the next request.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;

const SIZE: usize = 16 * 1024;

#[repr(C, align(16))]
struct Arena {
    memory: UnsafeCell<[u8; SIZE]>,
    used: UnsafeCell<usize>,
}

// SAFETY: a component runs on one thread.
unsafe impl Sync for Arena {}

#[cfg_attr(target_family = "wasm", global_allocator)]
static ARENA: Arena = Arena {
    memory: UnsafeCell::new([0; SIZE]),
    used: UnsafeCell::new(0),
};

/// Frees everything.
///
/// # Safety
///
/// Nothing that was allocated is used any more.
pub unsafe fn reset() {
    // SAFETY: one thread.
    unsafe { *ARENA.used.get() = 0 }
}

// SAFETY: blocks do not overlap before they are all freed.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread; the block lies in the memory.
        unsafe {
            let begin = (*self.used.get()).next_multiple_of(layout.align());
            let end = begin.saturating_add(layout.size());
            if end > SIZE || layout.align() > 16 {
                return grown(layout);
            }
            *self.used.get() = end;
            self.memory.get().cast::<u8>().add(begin)
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

/// Something unusually large, which stays.
#[cold]
fn grown(layout: Layout) -> *mut u8 {
    const PAGE: usize = 64 * 1024;
    match memory_grow(layout.size().div_ceil(PAGE)) {
        usize::MAX => std::ptr::null_mut(),
        before => (before * PAGE) as *mut u8,
    }
}

#[cfg(target_family = "wasm")]
fn memory_grow(pages: usize) -> usize {
    core::arch::wasm32::memory_grow(0, pages)
}

/// On the build machine this is compiled, but not used.
#[cfg(not(target_family = "wasm"))]
fn memory_grow(_: usize) -> usize {
    usize::MAX
}
