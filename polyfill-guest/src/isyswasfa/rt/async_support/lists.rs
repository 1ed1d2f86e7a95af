//! Frees lists in items for which generated code has no Rust type.

use std::alloc::Layout;

/// Frees the memory of a list: `size` bytes, aligned to `align`.
///
/// # Safety
///
/// It was allocated by `cabi_realloc`, with this layout, and is not used again.
#[doc(hidden)]
pub unsafe fn free_list(ptr: *mut u8, size: usize, align: usize) {
    if size > 0 {
        // SAFETY: `cabi_realloc` is the global allocator; the rest is this function's own contract.
        unsafe { std::alloc::dealloc(ptr, Layout::from_size_align_unchecked(size, align)) }
    }
}
