//! The values of a write: lowered once, sent in as many pieces as readers ask for, and given back if no reader takes them.

use super::block::Block;
use super::pipe::Received;
use super::stream::StreamOps;
use super::window::MOST_BYTES;
use std::alloc::Layout;
use std::mem::{ManuallyDrop, MaybeUninit};

/// Values on their way into a stream, with a cursor that says how many have been sent.
///
/// A write gives it back; the rest can be written with
/// [`StreamWriter::write_buf`](super::RawStreamWriter::write_buf) or taken out with [`into_vec`](Self::into_vec).
pub struct AbiBuffer<O: StreamOps> {
    /// The values as Rust has them. Those from `sent` on exist only if Rust's layout is the canonical one.
    values: Vec<MaybeUninit<O::Payload>>,
    /// The canonical representations of the values otherwise.
    lowered: Option<Block>,
    sent: usize,
    /// How many values were passed to the pipe and not sent.
    offered: usize,
    /// The write that has left them in its pipe, if there is one.
    left_by: Option<u64>,
    ops: O,
}

impl<O: StreamOps> AbiBuffer<O> {
    pub(crate) fn new(values: Vec<O::Payload>, mut ops: O) -> Self {
        let values = uninit(values);
        let lowered = (!ops.native_abi_matches_canonical_abi()).then(|| {
            let item = ops.elem_layout();
            let block = Block::new(array(item, values.len()));
            for (i, value) in values.iter().enumerate() {
                // SAFETY: each value is there, is moved out once, and has its place in the block.
                unsafe {
                    ops.lower(value.assume_init_read(), block.ptr().add(i * item.size()));
                }
            }
            block
        });
        AbiBuffer {
            values,
            lowered,
            sent: 0,
            offered: 0,
            left_by: None,
            ops,
        }
    }

    /// The canonical representations of the values to pass to the pipe: at least one of those that have not been sent, and at most
    /// `items`, or as many as have [`MOST_BYTES`] with their lists.
    pub(crate) fn offer(&mut self, items: usize) -> (*const u8, usize) {
        let mut count = items.min(self.remaining());
        let ptr = match &self.lowered {
            Some(block) => self.lowered_at(block, self.sent),
            None => self.values[self.sent..].as_mut_ptr().cast(),
        };
        if self.lowered.is_some() && self.ops.contains_lists() {
            let size = self.ops.elem_layout().size();
            let mut weight = 0;
            count = (0..count)
                .take_while(|&i| {
                    // SAFETY: there are `count` items at `ptr`, which were lowered and not lifted since.
                    weight += size + unsafe { self.ops.weigh_lists(ptr.add(i * size)) };
                    i == 0 || weight <= MOST_BYTES
                })
                .count();
        }
        self.offered = count;
        self.left_by = None;
        (ptr.cast_const(), count)
    }

    /// How many values that have not been sent were passed to the pipe.
    pub(crate) fn offered(&self) -> usize {
        self.offered
    }

    /// The write of this number has left what was offered in its pipe.
    pub(crate) fn leave(&mut self, write: u64) {
        self.left_by = Some(write);
    }

    /// The write that has left what was offered in its pipe.
    pub(crate) fn left_by(&self) -> Option<u64> {
        self.left_by
    }

    /// How many values have not been sent.
    pub fn remaining(&self) -> usize {
        self.values.len() - self.sent
    }

    /// The values that have not been sent. What a partial write left is moved to the front, in the same allocation.
    pub fn into_vec(mut self) -> Vec<O::Payload> {
        self.take_unsent()
    }

    /// Notes that the next `n` values have been sent. Their handles are gone. The lists that they were read from are freed here.
    pub(crate) fn advance(&mut self, n: usize) {
        assert!(n <= self.offered, "a reader took more than was offered");
        self.offered -= n;
        if !self.has_lists_of_ours() {
            self.sent += n;
            return;
        }
        for _ in 0..n {
            let at = self.sent;
            // First, so that nothing is freed twice should user code panic.
            self.sent += 1;
            if let Some(block) = &self.lowered {
                let item = self.lowered_at(block, at);
                // SAFETY: the item was lowered and not lifted since.
                unsafe { self.ops.dealloc_lists(item) };
            }
        }
    }

    /// Whether values that were offered have lists that the pipe has copied, so that this component must free them.
    fn has_lists_of_ours(&self) -> bool {
        self.ops.contains_lists() && !self.ops.pipe().takes_lists
    }

    /// The values that were offered and not sent have been in the pipe and come back, with new handles.
    pub(crate) fn restore(&mut self, back: Received) {
        assert_eq!(
            back.len(),
            self.offered,
            "a pipe gave back other items than it was offered"
        );
        self.offered = 0;
        self.left_by = None;
        let lists_of_ours = self.has_lists_of_ours();
        let block = self.lowered.as_ref().expect("handles are always lowered");
        let size = self.ops.elem_layout().size();
        for i in 0..back.len() {
            let item = self.lowered_at(block, self.sent + i);
            // SAFETY: the old representation's lists were copied when it was offered, or are in the new one, which is moved in
            // its place.
            unsafe {
                if lists_of_ours {
                    self.ops.dealloc_lists(item);
                }
                item.copy_from_nonoverlapping(back.ptr().add(i * size), size);
            }
        }
    }

    fn lowered_at(&self, block: &Block, index: usize) -> *mut u8 {
        // SAFETY: `index` is at most the number of values, for which the block was made.
        unsafe { block.ptr().add(index * self.ops.elem_layout().size()) }
    }

    fn take_unsent(&mut self) -> Vec<O::Payload> {
        let block = self.lowered.take();
        if let Some(block) = &block {
            for i in self.sent..self.values.len() {
                let item = self.lowered_at(block, i);
                // SAFETY: unsent items are whole; the block goes away without looking at them again.
                let value = unsafe { self.ops.lift(item) };
                self.values[i].write(value);
            }
        }
        let mut values = std::mem::take(&mut self.values);
        values.drain(..std::mem::take(&mut self.sent));
        // SAFETY: what is left was never sent: it is as it was given, or was just lifted.
        unsafe { init(values) }
    }
}

impl<O: StreamOps> Drop for AbiBuffer<O> {
    fn drop(&mut self) {
        drop(self.take_unsent());
    }
}

/// The layout of `n` items in a row.
pub(super) fn array(item: Layout, n: usize) -> Layout {
    item.size()
        .checked_mul(n)
        .and_then(|size| Layout::from_size_align(size, item.align()).ok())
        .expect("the values were in memory already")
}

fn uninit<T>(values: Vec<T>) -> Vec<MaybeUninit<T>> {
    let mut values = ManuallyDrop::new(values);
    // SAFETY: `MaybeUninit<T>` has the layout of `T`.
    unsafe { Vec::from_raw_parts(values.as_mut_ptr().cast(), values.len(), values.capacity()) }
}

/// # Safety
///
/// All values are initialized.
unsafe fn init<T>(values: Vec<MaybeUninit<T>>) -> Vec<T> {
    let mut values = ManuallyDrop::new(values);
    // SAFETY: the caller's promise, and the same layout.
    unsafe { Vec::from_raw_parts(values.as_mut_ptr().cast(), values.len(), values.capacity()) }
}
