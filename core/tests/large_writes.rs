//! What a write has left is offered again without being passed again, and costs what is taken of it.

use isyswasfa_core::{Items, Outcome::*, Pipe};
use std::cell::Cell;
use std::collections::VecDeque;

type Bytes = Pipe<VecDeque<u8>, char>;

fn items(bytes: &[u8]) -> VecDeque<u8> {
    bytes.iter().copied().collect()
}

#[test]
fn what_was_left_is_offered_again() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(items(&[1, 2, 3, 4]), 'w'), (Blocked, None));
    assert_eq!(pipe.read(1, 'r'), (Ready(items(&[1])), Some('w')));
    assert_eq!(pipe.written('w'), (Ready(1), None));
    // Again, and it stands.
    assert_eq!(pipe.written('w'), (Blocked, None));
    assert_eq!(pipe.written('x'), (Blocked, None));
    assert_eq!(pipe.read(2, 'r'), (Ready(items(&[2, 3])), Some('x')));
    assert_eq!(pipe.written('w'), (Ready(2), None));
    // Again, and a reader waits: it gets all, and nothing is left.
    assert_eq!(pipe.written('w'), (Blocked, None));
    assert_eq!(pipe.read(9, 'r'), (Ready(items(&[4])), Some('w')));
    assert_eq!(pipe.written('w'), (Ready(1), None));
    assert_eq!(pipe.written('w'), (Ready(0), None));
}

#[test]
fn a_reader_that_waits_gets_what_is_offered_again() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(1, 'r').0, Blocked);
    assert_eq!(pipe.write(items(&[1, 2, 3]), 'w'), (Ready(1), Some('r')));
    assert_eq!(pipe.read(1, 'r').0, Ready(items(&[1])));
    assert_eq!(pipe.read(1, 'r').0, Blocked);
    assert_eq!(pipe.written('w'), (Ready(1), Some('r')));
    assert_eq!(pipe.read(1, 'r').0, Ready(items(&[2])));
    assert_eq!(pipe.take_back(), [3]);
}

#[test]
fn what_was_taken_back_is_not_offered_again() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.written('w').0, Ready(0));
    assert_eq!(pipe.write(items(&[1, 2]), 'w').0, Blocked);
    assert_eq!(pipe.cancel_write(), 0);
    assert_eq!(pipe.take_back(), [1, 2]);
    assert_eq!(pipe.written('w').0, Ready(0));
    assert!(!pipe.is_offering());
}

#[test]
fn a_cancelled_write_can_be_offered_again() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(items(&[1, 2]), 'w').0, Blocked);
    for _ in 0..3 {
        assert_eq!(pipe.cancel_write(), 0);
        assert_eq!(pipe.written('w').0, Blocked);
    }
    assert_eq!(pipe.read(9, 'r').0, Ready(items(&[1, 2])));
}

#[test]
fn what_is_offered_again_comes_back_when_the_reader_is_gone() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(items(&[1, 2]), 'w').0, Blocked);
    assert_eq!(pipe.read(1, 'r').0, Ready(items(&[1])));
    assert_eq!(pipe.drop_reader(), (items(&[]), None));
    assert_eq!(pipe.written('w').0, Ready(1));
    assert_eq!(pipe.written('w').0, Closed);
    assert_eq!(pipe.take_back(), [2]);
}

thread_local! {
    /// How many items were moved, all together.
    static MOVED: Cell<usize> = const { Cell::new(0) };
}

/// Items that count how many of them are moved.
#[derive(Debug, Default)]
struct Moving(VecDeque<u8>);

impl Items for Moving {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn split_front(&mut self, n: usize) -> Self {
        MOVED.set(MOVED.get() + n);
        Moving(self.0.split_front(n))
    }

    fn append(&mut self, other: Self) {
        MOVED.set(MOVED.get() + other.0.len());
        Items::append(&mut self.0, other.0);
    }
}

/// Moves of items, and operations, until `n` items of one write have been read one by one.
fn cost(n: usize) -> (usize, usize) {
    MOVED.set(0);
    let mut operations = 1;
    let mut pipe = Pipe::<Moving, char>::default();
    assert_eq!(pipe.write(Moving(vec![7; n].into()), 'w').0.taken(), None);
    let mut written = 0;
    while written < n {
        let (Ready(read), _) = pipe.read(1, 'r') else {
            panic!("something is offered");
        };
        assert_eq!(read.len(), 1);
        written += pipe.written('w').0.taken().expect("something was read");
        operations += 2;
        if written < n {
            assert_eq!(pipe.written('w').0.taken(), None);
            operations += 1;
        }
    }
    (MOVED.get(), operations)
}

trait Taken {
    fn taken(self) -> Option<usize>;
}

impl Taken for isyswasfa_core::Outcome<usize> {
    fn taken(self) -> Option<usize> {
        match self {
            Ready(n) => Some(n),
            Blocked | Closed => None,
        }
    }
}

#[test]
fn reading_one_by_one_costs_what_is_read() {
    assert_eq!(cost(1_000), (1_000, 3_000));
    assert_eq!(cost(100_000), (100_000, 300_000));
}

#[test]
fn taking_from_the_front_leaves_the_rest_where_it_is() {
    let mut rest = items(&[7; 10_000]);
    let last: *const u8 = rest.back().unwrap();
    for _ in 1..10_000 {
        assert_eq!(rest.split_front(1), [7]);
        assert!(std::ptr::eq(last, rest.back().unwrap()));
    }
}
