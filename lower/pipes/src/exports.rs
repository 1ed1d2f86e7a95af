//! What is exported: the functions that `compose` makes pipes of.

use crate::abi::{Answer, List, answer};
use crate::items::RawItems;
use crate::memory::Memory;
use crate::pipes;
use crate::state::Waiter;
use isyswasfa_rendezvous::Outcome;

/// Makes functions that are exported under these names.
macro_rules! export {
    ($($name:literal fn $f:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? $body:block)*) => {$(
        #[unsafe(export_name = $name)]
        extern "C" fn $f($($arg: $ty),*) $(-> $ret)? $body
    )*};
}

export! {
    // The place of a new pipe.
    "pipe-new"
    fn pipe_new() -> u32 {
        pipes::create::<RawItems>()
    }

    // `tuple<writer, reader>`
    "ends"
    fn ends_of(writer: u32, reader: u32) -> *mut u8 {
        answer([writer, reader])
    }

    "pipe-read"
    fn pipe_read(pipe: u32, mailbox: u64, token: u32, max: u32) -> *mut u8 {
        answer(match pipes::read(pipe, Waiter::new(mailbox, token), max) {
            Outcome::Ready(items) => Answer::ok(pipes::give(items)),
            Outcome::Blocked => Answer::BLOCKED,
            Outcome::Closed => Answer::CLOSED,
        })
    }

    "pipe-cancel-read"
    fn pipe_cancel_read(pipe: u32) -> *mut u8 {
        answer::<List>(pipes::give(pipes::cancel_read(pipe)))
    }

    "pipe-write"
    fn pipe_write(pipe: u32, mailbox: u64, token: u32, ptr: *mut u8, len: usize, size: usize) -> *mut u8 {
        let items = RawItems::new(Memory::of_call(), ptr, len, size);
        pipes::write(pipe, Waiter::new(mailbox, token), items)
    }

    "pipe-written"
    fn pipe_written(pipe: u32, mailbox: u64, token: u32) -> *mut u8 {
        pipes::written::<RawItems>(pipe, Waiter::new(mailbox, token))
    }

    "pipe-cancel-write"
    fn pipe_cancel_write(pipe: u32) -> u32 {
        pipes::cancel_write::<RawItems>(pipe)
    }

    "pipe-take-back"
    fn pipe_take_back(pipe: u32) -> *mut u8 {
        answer::<List>(pipes::give(pipes::take_back(pipe)))
    }

    "pipe-drop-reader"
    fn pipe_drop_reader(pipe: u32) {
        pipes::drop_reader::<RawItems>(pipe)
    }

    "pipe-drop-writer"
    fn pipe_drop_writer(pipe: u32) {
        pipes::drop_writer::<RawItems>(pipe)
    }

    // An item that got lost in the operation before, or null.
    "pipe-lost"
    fn pipe_lost() -> *mut u8 {
        pipes::lost()
    }
}
