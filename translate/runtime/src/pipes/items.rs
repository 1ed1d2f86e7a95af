//! The items of a pipe: pieces of the guest's memory, with values in their canonical form.

use crate::arena::{self, Region};
use alloc::collections::VecDeque;
use alloc::rc::Rc;

/// Items that lie in a row.
#[derive(Clone)]
pub struct Chunk {
    /// Where the first one is.
    pub at: u32,
    pub count: u32,
    /// The memory that they and their lists are in. None: it is the guest's, whose write stands.
    memory: Option<Rc<Region>>,
}

impl Chunk {
    /// Items of a write of the guest's, where they are.
    pub fn lent(at: u32, count: u32) -> Chunk {
        Chunk {
            at,
            count,
            memory: None,
        }
    }

    /// Items in memory of their own.
    pub fn kept(at: u32, count: u32, memory: Region) -> Chunk {
        Chunk {
            at,
            count,
            memory: Some(Rc::new(memory)),
        }
    }

    pub fn is_lent(&self) -> bool {
        self.memory.is_none()
    }
}

/// Items, the first ones first. What is dropped keeps its memory: see [`Items::release`].
#[derive(Default)]
pub struct Items {
    pub chunks: VecDeque<Chunk>,
    count: usize,
    /// The size of an item.
    pub size: u32,
}

impl Items {
    pub const NONE: Items = Items {
        chunks: VecDeque::new(),
        count: 0,
        size: 0,
    };

    pub fn new(size: u32, chunks: impl IntoIterator<Item = Chunk>) -> Items {
        let chunks: VecDeque<Chunk> = chunks.into_iter().filter(|c| c.count > 0).collect();
        let count = chunks.iter().map(|chunk| chunk.count as usize).sum();
        Items {
            chunks,
            count,
            size,
        }
    }

    /// Frees the memory that no other items are in.
    pub fn release(self) {
        for chunk in self.chunks {
            if let Some(memory) = chunk.memory
                && let Ok(memory) = Rc::try_unwrap(memory)
            {
                arena::free(memory);
            }
        }
    }
}

impl isyswasfa_core::Items for Items {
    fn len(&self) -> usize {
        self.count
    }

    fn split_front(&mut self, n: usize) -> Self {
        if n == self.count {
            return core::mem::take(self);
        }
        let mut front = Items {
            size: self.size,
            ..Items::default()
        };
        while front.count < n {
            let Some(mut chunk) = self.chunks.pop_front() else {
                break;
            };
            let wanted = (n - front.count) as u32;
            if chunk.count > wanted {
                let mut rest = chunk.clone();
                rest.at += wanted * self.size;
                rest.count -= wanted;
                chunk.count = wanted;
                self.chunks.push_front(rest);
            }
            front.count += chunk.count as usize;
            self.count -= chunk.count as usize;
            front.chunks.push_back(chunk);
        }
        front
    }

    fn append(&mut self, mut other: Self) {
        if self.count == 0 {
            *self = other;
            return;
        }
        self.chunks.append(&mut other.chunks);
        self.count += other.count;
    }
}
