//! Items of a pipe that know their weight.

use isyswasfa_core::Items;

use crate::core::Weigh;

/// Items whose texts and fields count towards the weight of their pipe.
#[derive(Debug, PartialEq, Eq)]
pub struct Weighed<T>(pub Vec<T>);

impl<T> Default for Weighed<T> {
    fn default() -> Self {
        Weighed(Vec::new())
    }
}

impl<T> From<Vec<T>> for Weighed<T> {
    fn from(items: Vec<T>) -> Self {
        Weighed(items)
    }
}

impl<T> IntoIterator for Weighed<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Weigh> Items for Weighed<T> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn split_front(&mut self, n: usize) -> Self {
        Weighed(self.0.split_front(n))
    }

    fn append(&mut self, other: Self) {
        Items::append(&mut self.0, other.0);
    }

    fn weight(&self) -> usize {
        let inside: usize = self.0.iter().map(Weigh::weight).sum();
        self.0.len() * size_of::<T>() + inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text(String);

    impl Weigh for Text {
        fn weight(&self) -> usize {
            self.0.len()
        }
    }

    #[test]
    fn texts_weigh() {
        let items = Weighed(vec![Ok(()), Err(Text("e".repeat(1 << 20)))]);
        assert!(items.weight() > 1 << 20);
    }
}
