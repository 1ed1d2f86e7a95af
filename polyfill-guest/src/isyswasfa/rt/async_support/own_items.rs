//! The items of a pipe that this component implements: their canonical representations in a row, taken from the front.

use isyswasfa_core::Items;

/// Items in a row, without alignment.
#[derive(Debug, Default)]
pub struct RawItems {
    bytes: Vec<u8>,
    /// Where the first item is. The items before it have been taken.
    begin: usize,
    len: usize,
}

impl RawItems {
    /// `len` items, all of the same size.
    pub fn new(bytes: Vec<u8>, len: usize) -> Self {
        RawItems {
            bytes,
            begin: 0,
            len,
        }
    }

    /// The items' representations.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.begin..]
    }
}

impl Items for RawItems {
    fn len(&self) -> usize {
        self.len
    }

    fn split_front(&mut self, n: usize) -> Self {
        if n == self.len {
            return std::mem::take(self);
        }
        let bytes = self.bytes();
        let front = bytes[..bytes.len() / self.len * n].to_vec();
        self.begin += front.len();
        self.len -= n;
        RawItems::new(front, n)
    }

    fn append(&mut self, other: Self) {
        if self.len == 0 {
            *self = other;
            return;
        }
        self.bytes.extend_from_slice(other.bytes());
        self.len += other.len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(numbers: std::ops::Range<u32>) -> RawItems {
        let len = numbers.len();
        RawItems::new(numbers.flat_map(u32::to_le_bytes).collect(), len)
    }

    #[test]
    fn the_front_is_taken_without_moving_the_rest() {
        let mut rest = items(0..1000);
        let last: *const u8 = rest.bytes().last().unwrap();
        for i in 0..999 {
            let front = rest.split_front(1);
            assert_eq!((front.bytes(), front.len()), (&u32::to_le_bytes(i)[..], 1));
            assert!(std::ptr::eq(last, rest.bytes().last().unwrap()));
        }
        assert_eq!(rest.split_front(1).bytes(), u32::to_le_bytes(999));
        assert_eq!((rest.len(), rest.bytes().len()), (0, 0));
    }

    #[test]
    fn what_is_appended_comes_behind_what_is_left() {
        let mut all = items(0..3);
        all.split_front(2);
        all.append(items(3..5));
        assert_eq!((all.bytes(), all.len()), (items(2..5).bytes(), 3));
        let mut none = RawItems::default();
        none.append(all);
        assert_eq!(none.bytes(), items(2..5).bytes());
        assert_eq!(none.split_front(0).len(), 0);
    }

    #[test]
    fn items_without_a_representation_are_counted() {
        let mut all = RawItems::new(Vec::new(), 5);
        assert_eq!(all.split_front(2).len(), 2);
        all.append(RawItems::new(Vec::new(), 4));
        assert_eq!(all.len(), 7);
    }
}
