//! What `lower` and `compose` make any pipe with payload of: functions that are exported as `pipe-…`, given the pipe's place.

use crate::abi::answer;
use crate::items::RawItems;
use crate::memory::Memory;
use crate::pipes;
use crate::state::waiter;
use isyswasfa_core::{Answer, List};

/// Makes functions that are exported under these names.
macro_rules! export {
    ($($name:literal fn $f:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? $body:block)*) => {$(
        #[cfg_attr(target_family = "wasm", unsafe(export_name = $name))]
        // Tests catch what is a trap otherwise.
        pub extern "C-unwind" fn $f($($arg: $ty),*) $(-> $ret)? $body
    )*};
}

pub(crate) use export;

export! {
    // Any pipe with payload: the place of a new one.
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
        answer(Answer::from(pipes::read(pipe, waiter(mailbox, token), max).map(pipes::give)))
    }

    "pipe-cancel-read"
    fn pipe_cancel_read(pipe: u32) -> *mut u8 {
        answer::<List>(pipes::give(pipes::cancel_read(pipe)))
    }

    "pipe-write"
    fn pipe_write(pipe: u32, mailbox: u64, token: u32, ptr: *mut u8, len: usize, size: usize) -> *mut u8 {
        let items = RawItems::new(Memory::of_call(), ptr, len, size);
        answer(Answer::from(pipes::write(pipe, waiter(mailbox, token), items)))
    }

    "pipe-written"
    fn pipe_written(pipe: u32, mailbox: u64, token: u32) -> *mut u8 {
        answer(Answer::from(pipes::written::<RawItems>(pipe, waiter(mailbox, token))))
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
