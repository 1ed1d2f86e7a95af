//! One test for each rule of the Component Model's streams and futures.

use isyswasfa_core::{Outcome::*, Pipe, Units};

type Bytes = Pipe<Vec<u8>, char>;

#[test]
fn the_second_to_come_completes_and_wakes_the_first() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2], 'w'), (Blocked, None));
    assert_eq!(pipe.read(9, 'r'), (Ready(vec![1, 2]), Some('w')));
    assert_eq!(pipe.written('w').0, Ready(2));
}

#[test]
fn a_write_says_how_much_a_reader_took() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2, 3, 4], 'w').0, Blocked);
    assert_eq!(pipe.read(1, 'r'), (Ready(vec![1]), Some('w')));
    // Until the writer looks, further reads take from the same offer.
    assert_eq!(pipe.read(2, 'r'), (Ready(vec![2, 3]), None));
    assert_eq!(pipe.written('w').0, Ready(3));
    assert_eq!(pipe.take_back(), vec![4]);
    assert_eq!(pipe.take_back(), vec![]);
}

#[test]
fn a_waiting_read_collects_from_several_writes() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(3, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![1], 'w'), (Ready(1), Some('r')));
    assert_eq!(pipe.write(vec![2, 3, 4], 'w'), (Ready(2), None));
    assert_eq!(pipe.take_back(), vec![4]);
    // The demand is full: the next offer stands.
    assert_eq!(pipe.write(vec![4], 'w'), (Blocked, None));
    assert_eq!(pipe.read(3, 'r'), (Ready(vec![1, 2, 3]), None));
    assert_eq!(pipe.read(3, 'r'), (Ready(vec![4]), Some('w')));
}

#[test]
fn nothing_moves_before_the_read_or_write_that_stands_is_woken() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(1, 'r').0, Blocked);
    assert_eq!(pipe.read(1, 's').0, Blocked);
    assert_eq!(pipe.write(vec![7], 'w').1, Some('s'));
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![7], 'w').0, Blocked);
    assert_eq!(pipe.written('x').0, Blocked);
    assert_eq!(pipe.read(1, 'r').1, Some('x'));
}

#[test]
fn a_zero_length_read_waits_for_a_writer_and_takes_nothing() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(0, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![1], 'w'), (Blocked, Some('r')));
    assert_eq!(pipe.read(0, 'r'), (Ready(vec![]), None));
    assert_eq!(pipe.written('w').0, Blocked);
    assert_eq!(pipe.read(0, 'r'), (Ready(vec![]), None));
    assert_eq!(pipe.read(1, 'r'), (Ready(vec![1]), Some('w')));
}

#[test]
fn a_zero_length_write_waits_for_a_reader() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![], 'w').0, Blocked);
    assert_eq!(pipe.read(4, 'r'), (Blocked, Some('w')));
    assert_eq!(pipe.written('w').0, Ready(0));
    assert_eq!(pipe.write(vec![], 'w'), (Ready(0), None));
    assert_eq!(pipe.write(vec![1], 'w'), (Ready(1), Some('r')));
}

#[test]
fn two_zero_lengths_complete_the_writer_only() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(0, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![], 'w'), (Ready(0), None));
    assert_eq!(pipe.read(0, 'r').0, Blocked);
}

#[test]
fn a_dropped_writer_ends_a_read() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(1, 'r').0, Blocked);
    assert_eq!(pipe.drop_writer(), (vec![], Some('r')));
    assert_eq!(pipe.read(1, 'r').0, Closed);
    assert_eq!(pipe.read(1, 'r').0, Closed);
}

#[test]
fn what_was_moved_before_the_writer_was_dropped_still_arrives() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(4, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![1], 'w').0, Ready(1));
    pipe.drop_writer();
    assert_eq!(pipe.read(4, 'r').0, Ready(vec![1]));
    assert_eq!(pipe.read(4, 'r').0, Closed);
}

#[test]
fn a_dropped_reader_ends_a_write_and_the_items_come_back() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2], 'w').0, Blocked);
    assert_eq!(pipe.drop_reader(), (vec![], Some('w')));
    assert_eq!(pipe.written('w').0, Closed);
    assert_eq!(pipe.take_back(), vec![1, 2]);
    assert_eq!(pipe.write(vec![3], 'w').0, Closed);
    assert_eq!(pipe.take_back(), vec![3]);
}

#[test]
fn a_partial_write_is_reported_before_the_drop() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2], 'w').0, Blocked);
    assert_eq!(pipe.read(1, 'r').0, Ready(vec![1]));
    pipe.drop_reader();
    assert_eq!(pipe.written('w').0, Ready(1));
    assert_eq!(pipe.write(vec![2], 'w').0, Closed);
}

#[test]
fn cancelling_says_what_was_moved_so_far() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(4, 'r').0, Blocked);
    assert_eq!(pipe.cancel_read(), vec![]);
    assert_eq!(pipe.write(vec![1, 2], 'w').0, Blocked);
    assert_eq!(pipe.read(1, 'r').0, Ready(vec![1]));
    assert_eq!(pipe.cancel_write(), 1);
    assert_eq!(pipe.take_back(), vec![2]);
    assert_eq!(pipe.read(4, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![9], 'w').0, Ready(1));
    assert_eq!(pipe.cancel_read(), vec![9]);
    assert!(!pipe.is_demanding() && !pipe.is_offering());
}

#[test]
fn dropping_an_end_gives_back_what_stood() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2], 'w').0, Blocked);
    assert_eq!(pipe.drop_writer(), (vec![1, 2], None));
    assert_eq!(pipe.read(1, 'r').0, Closed);
}

#[test]
fn a_pipe_without_payload_moves_a_count() {
    let mut pipe = Pipe::<Units, char>::default();
    assert_eq!(pipe.write(Units(5), 'w').0, Blocked);
    assert_eq!(pipe.read(2, 'r').0, Ready(Units(2)));
    assert_eq!(pipe.written('w').0, Ready(2));
    assert_eq!(pipe.take_back(), Units(3));
}

#[test]
fn who_asked_for_a_reader_is_told_when_it_is_dropped() {
    // The reader was there.
    let mut pipe = Bytes::default();
    assert_eq!(pipe.read(3, 'r').0, Blocked);
    assert_eq!(pipe.write(vec![], 'w'), (Ready(0), None));
    assert_eq!(pipe.cancel_read(), vec![]);
    assert_eq!(pipe.drop_reader(), (vec![], Some('w')));

    // It came later.
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![], 'w'), (Blocked, None));
    assert_eq!(pipe.read(3, 'r'), (Blocked, Some('w')));
    assert_eq!(pipe.written('w').0, Ready(0));
    assert_eq!(pipe.drop_reader(), (vec![], Some('w')));

    // It came and went before the writer looked.
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![], 'w'), (Blocked, None));
    assert_eq!(pipe.read(3, 'r'), (Blocked, Some('w')));
    assert_eq!(pipe.drop_reader(), (vec![], None));
    assert_eq!(pipe.written('w').0, Closed);
}

#[test]
fn what_was_read_can_be_given_back_until_the_writer_looks() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2, 3], 'w').0, Blocked);
    assert_eq!(pipe.read(9, 'r').0, Ready(vec![1, 2, 3]));
    // All of it: the write stands again, though its waiter was woken.
    assert!(pipe.unread(vec![1, 2, 3]));
    assert_eq!(pipe.written('w').0, Blocked);
    // Some of it.
    assert_eq!(pipe.read(9, 'r'), (Ready(vec![1, 2, 3]), Some('w')));
    assert!(pipe.unread(vec![2, 3]));
    assert_eq!(pipe.written('w').0, Ready(1));
    assert_eq!(pipe.take_back(), vec![2, 3]);
    // Too late, and more than was taken.
    assert!(!pipe.unread(vec![1]));
    assert_eq!(pipe.write(vec![4], 'w').0, Blocked);
    assert!(!pipe.unread(vec![4]));
    assert!(pipe.unread(vec![]));
}

#[test]
fn a_write_that_was_given_back_fails_when_the_reader_goes() {
    let mut pipe = Bytes::default();
    assert_eq!(pipe.write(vec![1, 2], 'w').0, Blocked);
    assert_eq!(pipe.read(9, 'r').0, Ready(vec![1, 2]));
    assert!(pipe.unread(vec![1, 2]));
    pipe.drop_reader();
    assert_eq!(pipe.written('w').0, Closed);
    assert_eq!(pipe.take_back(), vec![1, 2]);
}
