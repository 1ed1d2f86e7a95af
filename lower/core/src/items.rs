//! The items of a pipe: where the canonical ABI has put them, with the memory that they and what they point to are in.

use crate::memory::Memory;
use isyswasfa_core::Items;
use std::collections::VecDeque;
use std::rc::Rc;

/// Items of one write.
struct Piece {
    /// Keeps the items and everything that they point to.
    memory: Rc<Memory>,
    /// The first of them.
    ptr: *mut u8,
    len: usize,
}

/// Some items on their way, of one or of several writes.
#[derive(Default)]
pub struct RawItems {
    pieces: VecDeque<Piece>,
    len: usize,
    /// Of an item.
    size: usize,
}

/// Items to hand over: a list in the canonical ABI, for as long as its memory is kept.
pub struct Given {
    pub ptr: *mut u8,
    pub len: usize,
    _memory: Vec<Rc<Memory>>,
    /// Where items of several writes were put in a row.
    _joined: Vec<u64>,
}

impl RawItems {
    /// The `len` items of `size` bytes at `ptr`, which are in `memory` with all that they point to.
    pub fn new(memory: Memory, ptr: *mut u8, len: usize, size: usize) -> Self {
        let mut pieces = VecDeque::new();
        if len > 0 {
            let memory = Rc::new(memory);
            pieces.push_back(Piece { memory, ptr, len });
        }
        RawItems { pieces, len, size }
    }

    /// As a list.
    pub fn give(self) -> Given {
        let (len, size) = (self.len, self.size);
        let mut joined = Vec::new();
        let ptr = match self.pieces.len() {
            0 => std::ptr::without_provenance_mut(8),
            1 => self.pieces[0].ptr,
            _ => {
                // Words, for the alignment.
                joined = vec![0u64; (len * size).div_ceil(8)];
                let mut to: *mut u8 = joined.as_mut_ptr().cast();
                for piece in &self.pieces {
                    let bytes = piece.len * size;
                    // SAFETY: the pieces' items are `len` items together, for which there is room.
                    unsafe {
                        piece.ptr.copy_to_nonoverlapping(to, bytes);
                        to = to.add(bytes);
                    }
                }
                joined.as_mut_ptr().cast()
            }
        };
        Given {
            ptr,
            len,
            _memory: self.pieces.into_iter().map(|piece| piece.memory).collect(),
            _joined: joined,
        }
    }

    /// Where each item is.
    pub fn each(&self) -> impl Iterator<Item = *mut u8> {
        let size = self.size;
        self.pieces
            .iter()
            .flat_map(move |piece| (0..piece.len).map(move |at| piece.ptr.wrapping_add(at * size)))
    }
}

impl Items for RawItems {
    fn len(&self) -> usize {
        self.len
    }

    fn split_front(&mut self, n: usize) -> Self {
        let mut front = RawItems {
            pieces: VecDeque::new(),
            len: n,
            size: self.size,
        };
        self.len -= n;
        let mut left = n;
        while left > 0 {
            let piece = self
                .pieces
                .front_mut()
                .expect("there are as many items as `len` says");
            if piece.len <= left {
                left -= piece.len;
                front.pieces.extend(self.pieces.pop_front());
            } else {
                front.pieces.push_back(Piece {
                    memory: piece.memory.clone(),
                    ptr: piece.ptr,
                    len: left,
                });
                piece.ptr = piece.ptr.wrapping_add(left * self.size);
                piece.len -= left;
                left = 0;
            }
        }
        front
    }

    fn append(&mut self, mut other: Self) {
        self.len += other.len;
        self.size = other.size;
        self.pieces.append(&mut other.pieces);
    }
}
