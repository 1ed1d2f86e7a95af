//! Pipes: those of items that lie in memory, and those without payload.
//!
//! Both ends' handles are represented by the pipe's place. No guest runs while a table is borrowed; whoever waits
//! is told after that.

use crate::abi::{Answer, List, place_of, rep_of};
use crate::items::{Given, RawItems};
use crate::state::Waiter;
use crate::trap::trap;
use isyswasfa_rendezvous::{Items, Outcome, Pipe, Units};
use slab::Slab;
use std::cell::RefCell;

thread_local! {
    static ITEMS: Table<RawItems> = const { RefCell::new(Slab::new()) };
    static UNITS: Table<Units> = const { RefCell::new(Slab::new()) };
    /// What was handed over last: its memory is free with the next.
    static GIVEN: RefCell<Option<Given>> = const { RefCell::new(None) };
    /// Items that nobody will take.
    static LOST: RefCell<Vec<*mut u8>> = const { RefCell::new(Vec::new()) };
    /// Their memory.
    static LOST_ITEMS: RefCell<RawItems> = RefCell::default();
}

type Table<I> = RefCell<Slab<Entry<I>>>;

pub struct Entry<I> {
    pipe: Pipe<I, Waiter>,
    reader_open: bool,
    writer_open: bool,
}

/// What moves through a kind of pipes.
pub trait Kind: Items + 'static {
    fn table<R>(f: impl FnOnce(&mut Slab<Entry<Self>>) -> R) -> R;

    /// Nobody will take these.
    fn lose(self);
}

impl Kind for RawItems {
    fn table<R>(f: impl FnOnce(&mut Slab<Entry<Self>>) -> R) -> R {
        ITEMS.with(|table| f(&mut table.borrow_mut()))
    }

    fn lose(self) {
        LOST.with_borrow_mut(|lost| {
            lost.clear();
            lost.extend(self.each());
        });
        LOST_ITEMS.set(self);
    }
}

impl Kind for Units {
    fn table<R>(f: impl FnOnce(&mut Slab<Entry<Self>>) -> R) -> R {
        UNITS.with(|table| f(&mut table.borrow_mut()))
    }

    fn lose(self) {}
}

pub fn create<I: Kind>() -> u32 {
    let place = I::table(|table| {
        table.insert(Entry {
            pipe: Pipe::default(),
            reader_open: true,
            writer_open: true,
        })
    });
    rep_of(place as u32)
}

fn with<I: Kind, R>(pipe: u32, f: impl FnOnce(&mut Pipe<I, Waiter>) -> R) -> R {
    I::table(|table| match table.get_mut(place_of(pipe) as usize) {
        Some(entry) => f(&mut entry.pipe),
        None => trap("a pipe does not exist"),
    })
}

pub fn read<I: Kind>(pipe: u32, waiter: Waiter, max: u32) -> Outcome<I> {
    let (outcome, wake) = with(pipe, |pipe: &mut Pipe<I, _>| {
        pipe.read(max as usize, waiter)
    });
    Waiter::tell(wake);
    outcome
}

pub fn cancel_read<I: Kind>(pipe: u32) -> I {
    with(pipe, Pipe::cancel_read)
}

pub fn unread<I: Kind>(pipe: u32, items: I) -> bool {
    with(pipe, |pipe: &mut Pipe<I, _>| pipe.unread(items))
}

pub fn write<I: Kind>(pipe: u32, waiter: Waiter, items: I) -> *mut u8 {
    let (lost, outcome, wake) = with(pipe, |pipe: &mut Pipe<I, _>| {
        if pipe.is_offering() {
            trap("a write was begun while another one stands");
        }
        let lost = pipe.take_back();
        let (outcome, wake) = pipe.write(items, waiter);
        (lost, outcome, wake)
    });
    Waiter::tell(wake);
    lost.lose();
    counted(outcome)
}

pub fn written<I: Kind>(pipe: u32, waiter: Waiter) -> *mut u8 {
    let (outcome, wake) = with(pipe, |pipe: &mut Pipe<I, _>| pipe.written(waiter));
    Waiter::tell(wake);
    counted(outcome)
}

pub fn cancel_write<I: Kind>(pipe: u32) -> u32 {
    with(pipe, Pipe::<I, _>::cancel_write) as u32
}

pub fn take_back<I: Kind>(pipe: u32) -> I {
    with(pipe, Pipe::take_back)
}

pub fn drop_reader<I: Kind>(pipe: u32) {
    drop_end(pipe, |entry: &mut Entry<I>| {
        entry.reader_open = false;
        entry.pipe.drop_reader()
    });
}

pub fn drop_writer<I: Kind>(pipe: u32) {
    drop_end(pipe, |entry: &mut Entry<I>| {
        entry.writer_open = false;
        entry.pipe.drop_writer()
    });
}

fn drop_end<I: Kind>(pipe: u32, f: impl FnOnce(&mut Entry<I>) -> (I, Option<Waiter>)) {
    let dropped = I::table(|table| {
        let entry = table.get_mut(place_of(pipe) as usize)?;
        let dropped = f(entry);
        if !entry.reader_open && !entry.writer_open {
            table.remove(place_of(pipe) as usize);
        }
        Some(dropped)
    });
    if let Some((lost, wake)) = dropped {
        Waiter::tell(wake);
        lost.lose();
    }
}

/// Who waits in reads, and who in writes.
pub fn waiters() -> (Vec<Waiter>, Vec<Waiter>) {
    fn of<I: Kind>(readers: &mut Vec<Waiter>, writers: &mut Vec<Waiter>) {
        I::table(|table| {
            for (_, entry) in table.iter() {
                let (reader, writer) = entry.pipe.waiters();
                readers.extend(reader);
                writers.extend(writer);
            }
        });
    }
    let (mut readers, mut writers) = (Vec::new(), Vec::new());
    of::<RawItems>(&mut readers, &mut writers);
    of::<Units>(&mut readers, &mut writers);
    (readers, writers)
}

/// A list to answer with.
pub fn give(items: RawItems) -> List {
    let given = items.give();
    let list = List {
        ptr: given.ptr,
        len: given.len,
    };
    GIVEN.set(Some(given));
    list
}

/// An item that got lost in the operation before, or null: if there are handles in it, they are to be dropped.
pub fn lost() -> *mut u8 {
    LOST.with_borrow_mut(|lost| lost.pop().unwrap_or(std::ptr::null_mut()))
}

fn counted(outcome: Outcome<usize>) -> *mut u8 {
    crate::abi::answer(match outcome {
        Outcome::Ready(n) => Answer::ok(n as u32),
        Outcome::Blocked => Answer::BLOCKED,
        Outcome::Closed => Answer::CLOSED,
    })
}
