//! An allocator for modules that are instantiated for every request: what a small one needs lies in memory that the module has
//! from the start, in as few pages as can be. (Rust's own asks for more memory at its first allocation, and writes to both ends
//! of what it gets; a host has to undo that after each request.)
//!
//! Blocks come in sizes of powers of two and halfway between. One that was freed is kept for the next of its size.
//!
//! All of its state is one variable: modules that are put into one memory share it (`xtask/src/embedded/places.rs`).

#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// How much there is from the start.
const FIRST: usize = 32 * 1024;

/// The smallest block: a link and what aligns everything.
const SMALLEST: usize = 16;

/// Sizes from [`SMALLEST`] to half of what can be addressed, two for each power of two but the smallest, which has one.
const SIZES: usize = 54;

/// The allocator: `#[global_allocator] static HEAP: Heap = Heap;`
pub struct Heap;

#[repr(C, align(16))]
struct Shared {
    state: UnsafeCell<State>,
    first: UnsafeCell<[u8; FIRST]>,
}

#[repr(C)]
struct State {
    /// The freed blocks of each size, each with the next one in its first word.
    free: [*mut u8; SIZES],
    /// What nothing was cut from yet.
    at: usize,
    end: usize,
}

static SHARED: Shared = Shared {
    state: UnsafeCell::new(State {
        free: [null_mut(); SIZES],
        at: 0,
        end: 0,
    }),
    first: UnsafeCell::new([0; FIRST]),
};

// SAFETY: a component runs on one thread.
unsafe impl Sync for Shared {}

/// Which of the sizes a block is of: 16, 32, 48, 64, 96, 128, 192, …
fn class(layout: Layout) -> usize {
    let size = layout.size().max(layout.align()).max(SMALLEST);
    if size <= 2 * SMALLEST {
        return usize::from(size > SMALLEST);
    }
    // The power of two below it, and in which half above that it is.
    let power = (size - 1).ilog2();
    let half = ((size - 1) >> (power - 1)) & 1;
    2 * (power - SMALLEST.ilog2()) as usize + half
}

/// How large the blocks of a class are.
fn size_of(class: usize) -> usize {
    match class {
        0 => SMALLEST,
        class => (3 + class % 2) * ((SMALLEST / 2) << (class / 2)),
    }
}

impl State {
    fn take(&mut self, class: usize) -> *mut u8 {
        let Some(free) = self.free.get_mut(class) else {
            return null_mut();
        };
        if !free.is_null() {
            let block = *free;
            // SAFETY: a freed block has the next one in its first word.
            *free = unsafe { block.cast::<*mut u8>().read() };
            return block;
        }
        self.cut(size_of(class))
    }

    /// A new block, aligned to 16 bytes as all are.
    fn cut(&mut self, size: usize) -> *mut u8 {
        if self.end == 0 {
            self.at = SHARED.first.get() as usize;
            self.end = self.at + FIRST;
        }
        if self.end - self.at < size && !self.grow(size) {
            return null_mut();
        }
        let block = self.at;
        self.at += size;
        block as *mut u8
    }

    /// Gets room for a block from the host. What is left of the room before is given up, unless the new one follows it.
    fn grow(&mut self, size: usize) -> bool {
        const PAGE: usize = 64 * 1024;
        let pages = size.div_ceil(PAGE);
        let before = memory_grow(pages);
        if before == usize::MAX {
            return false;
        }
        let begin = before * PAGE;
        // The very last page is not used: its end would be 0, as before the first block.
        let Some(end) = begin.checked_add(pages * PAGE) else {
            return false;
        };
        if self.end != begin {
            self.at = begin;
        }
        self.end = end;
        true
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

// SAFETY: blocks do not overlap, and are as large and as aligned as their layout says.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > SMALLEST {
            // Nothing in WIT has such an alignment, and nothing of ours.
            return null_mut();
        }
        // SAFETY: one thread, and nothing here allocates.
        unsafe { (*SHARED.state.get()).take(class(layout)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; the block is ours again, and has room for the link.
        unsafe {
            let free = &mut (*SHARED.state.get()).free[class(layout)];
            block.cast::<*mut u8>().write(*free);
            *free = block;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is a valid one.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if class(layout) == class(new) {
            return block;
        }
        // SAFETY: both blocks are as large as their layouts say.
        unsafe {
            let moved = self.alloc(new);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
