//! The window of a large write: how many items are passed to the pipe at once.
//!
//! A pipe copies what it is passed, so a write of a large list goes in windows. What a reader leaves of a window is offered again
//! without being passed again, if the pipe can do that (`written`). If it must be passed again, the window shrinks to what readers
//! take. So the cost of a write follows what is sent, and not what remains.

use super::bytes::BYTES;
use super::stream::{MAX_LENGTH, StreamOps};

/// The most bytes that are passed at once. Hosts take no more.
pub const MOST_BYTES: usize = 1 << 20;
/// The most items that are passed at once, unless they are bytes. Hosts may need ten times their canonical size for them.
const MOST_ITEMS: usize = 1 << 14;
/// The fewest items that are passed at once, if there are as many.
const LEAST_ITEMS: usize = 64;

/// The window of a writer.
#[derive(Debug)]
pub struct Window {
    items: usize,
    most: usize,
}

impl Window {
    /// The largest window for items of this kind.
    pub fn of<O: StreamOps>(ops: &O) -> Window {
        let most = match ops.elem_layout().size() {
            // Only a count is passed.
            0 => MAX_LENGTH,
            _ if std::ptr::eq(ops.pipe(), BYTES) => MOST_BYTES,
            size => MOST_ITEMS.min(MOST_BYTES / size).max(1),
        };
        Window { items: most, most }
    }

    /// How many items to pass.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Notes that everything that was passed was taken.
    pub fn all_taken(&mut self) {
        self.items = (self.items * 2).min(self.most);
    }

    /// Notes that only `taken` of the items that were passed were taken, and that the others have to be passed again.
    pub fn passed_in_vain(&mut self, taken: usize) {
        self.items = taken.max(LEAST_ITEMS).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_is_taken() {
        let mut window = Window {
            items: 1000,
            most: 1000,
        };
        window.passed_in_vain(1);
        assert_eq!(window.items(), LEAST_ITEMS);
        window.all_taken();
        assert_eq!(window.items(), 2 * LEAST_ITEMS);
        for _ in 0..10 {
            window.all_taken();
        }
        assert_eq!(window.items(), 1000);
        window.passed_in_vain(500);
        assert_eq!(window.items(), 500);
    }
}
