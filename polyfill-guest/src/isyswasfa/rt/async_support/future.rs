//! `future<T>`: the description of its payload for the canonical ABI, and its constructor.

use super::pipe::{self, Pipe};
use super::{FutureReader, FutureWriter, RawFutureReader, RawFutureWriter};
use std::alloc::Layout;

/// The description of a future's payload.
///
/// # Safety
///
/// All items must fit each other and the payload's WIT type, as the canonical ABI lays it out.
#[doc(hidden)]
pub unsafe trait FutureOps: Clone {
    /// The Rust type of the value.
    type Payload: 'static;

    /// The raw functions of the pipe.
    fn pipe(&self) -> &'static Pipe;
    /// The canonical layout of the value.
    fn elem_layout(&self) -> Layout;
    /// Whether the value contains handles. If no reader takes it, they come back under new numbers.
    fn contains_handles(&self) -> bool;
    /// Writes the canonical representation of `value` to `dst`, which then owns what it owned.
    ///
    /// # Safety
    /// `dst` is valid for writes of `elem_layout()`.
    unsafe fn lower(&mut self, value: Self::Payload, dst: *mut u8);
    /// Frees the lists of a value that was sent.
    ///
    /// # Safety
    /// `item` is such a value, which is not used again.
    unsafe fn dealloc_lists(&mut self, item: *mut u8);
    /// The inverse of `lower`.
    ///
    /// # Safety
    /// `item` is a valid value, which is not used again.
    unsafe fn lift(&mut self, item: *mut u8) -> Self::Payload;
}

/// The description of a future's payload in generated code.
#[doc(hidden)]
pub struct FutureVtable<T> {
    /// The raw functions of the pipe.
    pub pipe: &'static Pipe,
    /// The canonical layout of the value.
    pub layout: Layout,
    /// Whether the value contains handles.
    pub handles: bool,
    /// See [`FutureOps::lower`].
    pub lower: unsafe fn(value: T, dst: *mut u8),
    /// See [`FutureOps::dealloc_lists`].
    pub dealloc_lists: unsafe fn(item: *mut u8),
    /// See [`FutureOps::lift`].
    pub lift: unsafe fn(item: *mut u8) -> T,
}

// SAFETY: generated code promises that the items fit.
unsafe impl<T: 'static> FutureOps for &FutureVtable<T> {
    type Payload = T;

    fn pipe(&self) -> &'static Pipe {
        self.pipe
    }
    fn elem_layout(&self) -> Layout {
        self.layout
    }
    fn contains_handles(&self) -> bool {
        self.handles
    }
    unsafe fn lower(&mut self, value: T, dst: *mut u8) {
        // SAFETY: by this function's own contract.
        unsafe { (self.lower)(value, dst) }
    }
    unsafe fn dealloc_lists(&mut self, item: *mut u8) {
        // SAFETY: by this function's own contract.
        unsafe { (self.dealloc_lists)(item) }
    }
    unsafe fn lift(&mut self, item: *mut u8) -> T {
        // SAFETY: by this function's own contract.
        unsafe { (self.lift)(item) }
    }
}

/// Makes a future. `default` computes the value that is written if the writer is dropped without a write.
///
/// # Safety
///
/// `vtable` describes `T` and its pipe.
#[doc(hidden)]
pub unsafe fn future_new<T>(
    default: fn() -> T,
    vtable: &'static FutureVtable<T>,
) -> (FutureWriter<T>, FutureReader<T>) {
    // SAFETY: by this function's own contract.
    let (writer, reader) = unsafe { raw_future_new(vtable) };
    (FutureWriter::new(writer, default), reader)
}

/// Makes a future, whose writer must be written to.
///
/// # Safety
///
/// `ops` describes the payload and its pipe.
#[doc(hidden)]
pub unsafe fn raw_future_new<O: FutureOps>(ops: O) -> (RawFutureWriter<O>, RawFutureReader<O>) {
    let (writer, reader) = pipe::new(ops.pipe());
    // SAFETY: by this function's own contract, and the handles are new.
    unsafe {
        (
            RawFutureWriter::new(writer, ops.clone()),
            RawFutureReader::new(reader, ops),
        )
    }
}
