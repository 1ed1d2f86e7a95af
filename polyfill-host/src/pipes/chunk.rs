//! The items of a byte pipe: bytes that are moved where possible, not copied.

use bytes::{Bytes, BytesMut};
use isyswasfa_core::Items;

/// Bytes in a pipe.
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
            // Unshared memory grows as a `Vec` does: a read that gathers many small writes copies each byte a few times.
            let mut all = match std::mem::take(&mut self.0).try_into_mut() {
                Ok(all) => all,
                Err(shared) => {
                    let mut all = BytesMut::with_capacity(2 * (shared.len() + other.0.len()));
                    all.extend_from_slice(&shared);
                    all
                }
            };
            all.extend_from_slice(&other.0);
            self.0 = all.freeze();
        }
    }
}

impl From<Vec<u8>> for Chunk {
    fn from(bytes: Vec<u8>) -> Self {
        Chunk(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_gathers_small_writes_seldom_moves_what_it_has() {
        let mut gathered = Chunk::default();
        let mut moves = 0;
        for i in 0..100_000_u32 {
            let before = gathered.0.as_ptr();
            gathered.append(vec![i as u8].into());
            moves += u32::from(gathered.0.as_ptr() != before);
        }
        assert_eq!(gathered.len(), 100_000);
        assert!(
            gathered
                .0
                .iter()
                .enumerate()
                .all(|(i, byte)| *byte == i as u8)
        );
        assert!(moves < 40, "moved {moves} times");
    }

    #[test]
    fn what_is_shared_is_not_written_to() {
        let mut first = Chunk::from(vec![1, 2, 3, 4]);
        let mut front = first.split_front(2);
        front.append(vec![9].into());
        assert_eq!(front.0, [1, 2, 9][..]);
        assert_eq!(first.0, [3, 4][..]);
    }

    #[test]
    fn taking_from_the_front_copies_nothing() {
        let mut rest = Chunk::from(vec![7; 1 << 20]);
        let begin = rest.0.as_ptr();
        for i in 0..1000 {
            let front = rest.split_front(1);
            assert_eq!(front.0.as_ptr(), begin.wrapping_add(i));
        }
        assert_eq!(rest.0.as_ptr(), begin.wrapping_add(1000));
    }
}
