//! The items of a byte pipe: bytes that are moved, not copied, where that is possible.

use bytes::{Bytes, BytesMut};
use isyswasfa_rendezvous::Items;

/// Some bytes on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk(pub Bytes);

impl Items for Chunk {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn split_front(&mut self, n: usize) -> Self {
        Chunk(self.0.split_to(n))
    }

    fn append(&mut self, other: Self) {
        if self.0.is_empty() {
            self.0 = other.0;
        } else if !other.0.is_empty() {
            let mut both = BytesMut::with_capacity(self.0.len() + other.0.len());
            both.extend_from_slice(&self.0);
            both.extend_from_slice(&other.0);
            self.0 = both.freeze();
        }
    }
}

impl From<Vec<u8>> for Chunk {
    fn from(bytes: Vec<u8>) -> Self {
        Chunk(bytes.into())
    }
}
