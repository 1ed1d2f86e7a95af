//! Memory for the strings of an error: all of it is free again with the next request.

use isyswasfa_lower_heap::Heap;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

/// What lies before each block: the block before, and what both take together.
struct Header {
    before: *mut Header,
    layout: Layout,
}

/// Blocks that are all freed together.
struct Arena {
    last: Cell<*mut Header>,
}

// SAFETY: a component runs on one thread.
unsafe impl Sync for Arena {}

#[cfg_attr(target_family = "wasm", global_allocator)]
static ARENA: Arena = Arena {
    last: Cell::new(null_mut()),
};

/// Frees everything.
///
/// # Safety
///
/// Nothing that was allocated is used any more.
pub unsafe fn reset() {
    let mut last = ARENA.last.replace(null_mut());
    while !last.is_null() {
        // SAFETY: a block that was allocated, and not freed since, has a header.
        unsafe {
            let Header { before, layout } = last.read();
            Heap.dealloc(last.cast(), layout);
            last = before;
        }
    }
}

// SAFETY: the heap's blocks are as good as the heap.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Ok((layout, block)) = Layout::new::<Header>().extend(layout) else {
            return null_mut();
        };
        // SAFETY: it is not empty, and has room for the header.
        unsafe {
            let header = Heap.alloc(layout).cast::<Header>();
            if header.is_null() {
                return null_mut();
            }
            let before = self.last.replace(header);
            header.write(Header { before, layout });
            header.cast::<u8>().add(block)
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
