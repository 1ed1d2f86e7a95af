//! A piece of memory for canonical representations.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Uninitialized memory. Dropping it frees the memory without reading it.
pub struct Block {
    ptr: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a `Block` owns its memory and gives no access to it but through raw pointers.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    pub fn new(layout: Layout) -> Block {
        let ptr = if layout.size() == 0 {
            let aligned = std::ptr::without_provenance_mut(layout.align());
            NonNull::new(aligned).expect("an alignment is not zero")
        } else {
            // SAFETY: the size is not zero.
            NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
        };
        Block { ptr, layout }
    }

    pub fn ptr(&self) -> *mut u8 {
        self.ptr.as_ptr()
    }

    /// The memory, which the caller must free.
    pub fn into_ptr(self) -> *mut u8 {
        let ptr = self.ptr();
        std::mem::forget(self);
        ptr
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated in `new`, with this layout.
            unsafe { dealloc(self.ptr.as_ptr(), self.layout) }
        }
    }
}
