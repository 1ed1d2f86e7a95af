//! `stream<T>`: the description of its payload for the canonical ABI, and its constructor.

use super::pipe::{self, Pipe};
use super::weigh::weigh;
use super::{RawStreamReader, RawStreamWriter, StreamReader, StreamWriter};
use std::alloc::Layout;

/// The description of a stream's payload.
///
/// # Safety
///
/// All items must fit each other and the payload's WIT type, as the canonical ABI lays it out.
#[doc(hidden)]
pub unsafe trait StreamOps: Clone {
    /// The Rust type of an item.
    type Payload: 'static;

    /// The raw functions of the pipe.
    fn pipe(&self) -> &'static Pipe;
    /// The canonical layout of an item.
    fn elem_layout(&self) -> Layout;
    /// Whether Rust's representation is the canonical one, so that items are neither lowered nor lifted.
    fn native_abi_matches_canonical_abi(&self) -> bool;
    /// Whether `dealloc_lists` has anything to do.
    fn contains_lists(&self) -> bool;
    /// Whether items contain handles. The handles of an item that no reader takes come back under new numbers.
    fn contains_handles(&self) -> bool;
    /// Writes the canonical representation of `value` to `dst`, which then owns what it owned.
    ///
    /// # Safety
    /// `dst` is valid for writes of `elem_layout()`.
    unsafe fn lower(&mut self, value: Self::Payload, dst: *mut u8);
    /// Frees the lists of an item that was sent.
    ///
    /// # Safety
    /// `item` is such an item, which is not used again.
    unsafe fn dealloc_lists(&mut self, item: *mut u8);
    /// How many bytes the lists of an item have, if generated code can count them.
    ///
    /// # Safety
    /// `item` is a valid item.
    unsafe fn weigh_lists(&mut self, item: *mut u8) -> usize {
        let _ = item;
        0
    }
    /// The inverse of `lower`.
    ///
    /// # Safety
    /// `item` is a valid item, which is not used again.
    unsafe fn lift(&mut self, item: *mut u8) -> Self::Payload;
}

/// The description of a stream's payload in generated code.
#[doc(hidden)]
pub struct StreamVtable<T> {
    /// The raw functions of the pipe.
    pub pipe: &'static Pipe,
    /// The canonical layout of an item.
    pub layout: Layout,
    /// Whether items contain handles.
    pub handles: bool,
    /// See [`StreamOps::lower`]. None: Rust's representation is the canonical one.
    pub lower: Option<unsafe fn(value: T, dst: *mut u8)>,
    /// See [`StreamOps::dealloc_lists`]. None: there are no lists.
    pub dealloc_lists: Option<unsafe fn(item: *mut u8)>,
    /// Calls [`weigh_list`](super::weigh_list) for each list of an item. None: there are no lists.
    pub weigh_lists: Option<unsafe fn(item: *mut u8)>,
    /// See [`StreamOps::lift`]. None: as for `lower`.
    pub lift: Option<unsafe fn(item: *mut u8) -> T>,
}

// SAFETY: generated code promises that the items fit.
unsafe impl<T: 'static> StreamOps for &StreamVtable<T> {
    type Payload = T;

    fn pipe(&self) -> &'static Pipe {
        self.pipe
    }
    fn elem_layout(&self) -> Layout {
        self.layout
    }
    fn native_abi_matches_canonical_abi(&self) -> bool {
        self.lift.is_none()
    }
    fn contains_lists(&self) -> bool {
        self.dealloc_lists.is_some()
    }
    fn contains_handles(&self) -> bool {
        self.handles
    }
    unsafe fn lower(&mut self, value: T, dst: *mut u8) {
        let lower = self.lower.expect("asked for only where it is needed");
        // SAFETY: by this function's own contract.
        unsafe { lower(value, dst) }
    }
    unsafe fn dealloc_lists(&mut self, item: *mut u8) {
        if let Some(dealloc_lists) = self.dealloc_lists {
            // SAFETY: by this function's own contract.
            unsafe { dealloc_lists(item) }
        }
    }
    unsafe fn weigh_lists(&mut self, item: *mut u8) -> usize {
        match self.weigh_lists {
            // SAFETY: by this function's own contract.
            Some(weigh_lists) => weigh(|| unsafe { weigh_lists(item) }),
            None => 0,
        }
    }
    unsafe fn lift(&mut self, item: *mut u8) -> T {
        let lift = self.lift.expect("asked for only where it is needed");
        // SAFETY: by this function's own contract.
        unsafe { lift(item) }
    }
}

/// Makes a stream.
///
/// # Safety
///
/// `vtable` describes `T` and its pipe.
#[doc(hidden)]
pub unsafe fn stream_new<T>(
    vtable: &'static StreamVtable<T>,
) -> (StreamWriter<T>, StreamReader<T>) {
    // SAFETY: by this function's own contract.
    unsafe { raw_stream_new(vtable) }
}

/// Makes a stream.
///
/// # Safety
///
/// `ops` describes the payload and its pipe.
#[doc(hidden)]
pub unsafe fn raw_stream_new<O: StreamOps>(ops: O) -> (RawStreamWriter<O>, RawStreamReader<O>) {
    let (writer, reader) = pipe::new(ops.pipe());
    (
        RawStreamWriter::new(writer, ops.clone()),
        RawStreamReader::new(reader, ops),
    )
}

/// The result of a read or a write.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum StreamResult {
    /// So many values were moved.
    Complete(usize),
    /// None were moved: the other end was dropped.
    Dropped,
    /// None were moved: the operation was cancelled.
    Cancelled,
}

/// The longest read or write of the canonical ABI.
pub(super) const MAX_LENGTH: usize = (1 << 28) - 1;
