//! Pipes: those of items that lie in memory, and those without payload.
//!
//! Both ends' handles are represented by the pipe's place. No guest runs while a table is borrowed; whoever waits
//! is told after that.

use crate::abi::{place_of, rep_of};
use crate::items::{Given, RawItems};
use crate::state::{Waiter, tell};
use crate::trap::Trapped;
use isyswasfa_core::{Dropped, Ends, Fault, Items, List, Outcome, Units};
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

type Table<I> = RefCell<Slab<Ends<I, Waiter>>>;

/// What moves through a kind of pipes.
pub trait Kind: Items + 'static {
    fn table<R>(f: impl FnOnce(&mut Slab<Ends<Self, Waiter>>) -> R) -> R;

    /// Nobody will take these.
    fn lose(self);
}

impl Kind for RawItems {
    fn table<R>(f: impl FnOnce(&mut Slab<Ends<Self, Waiter>>) -> R) -> R {
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
    fn table<R>(f: impl FnOnce(&mut Slab<Ends<Self, Waiter>>) -> R) -> R {
        UNITS.with(|table| f(&mut table.borrow_mut()))
    }

    fn lose(self) {}
}

pub fn create<I: Kind>() -> u32 {
    rep_of(I::table(|table| table.insert(Ends::default())) as u32)
}

fn with<I: Kind, R>(pipe: u32, f: impl FnOnce(&mut Ends<I, Waiter>) -> Result<R, Fault>) -> R {
    let done = I::table(|table| match table.get_mut(place_of(pipe) as usize) {
        Some(ends) => f(ends),
        None => Err(Fault::UnknownPipe(pipe)),
    });
    let Ok(done) = done.map_err(Trapped::from);
    done
}

pub fn read<I: Kind>(pipe: u32, waiter: Waiter, max: u32) -> Outcome<I> {
    let (outcome, wake) = with(pipe, |ends| Ok(ends.pipe.read(max as usize, waiter)));
    tell(wake);
    outcome
}

pub fn cancel_read<I: Kind>(pipe: u32) -> I {
    with(pipe, |ends| Ok(ends.pipe.cancel_read()))
}

pub fn unread<I: Kind>(pipe: u32, items: I) -> bool {
    with(pipe, |ends| Ok(ends.pipe.unread(items)))
}

pub fn write<I: Kind>(pipe: u32, waiter: Waiter, items: I) -> Outcome<u32> {
    let (lost, outcome, wake) = with(pipe, |ends| ends.write(items, waiter));
    tell(wake);
    lost.lose();
    counted(outcome)
}

pub fn written<I: Kind>(pipe: u32, waiter: Waiter) -> Outcome<u32> {
    let (outcome, wake) = with(pipe, |ends: &mut Ends<I, _>| Ok(ends.pipe.written(waiter)));
    tell(wake);
    counted(outcome)
}

pub fn cancel_write<I: Kind>(pipe: u32) -> u32 {
    with(pipe, |ends: &mut Ends<I, _>| Ok(ends.pipe.cancel_write())) as u32
}

pub fn take_back<I: Kind>(pipe: u32) -> I {
    with(pipe, |ends| Ok(ends.pipe.take_back()))
}

pub fn drop_reader<I: Kind>(pipe: u32) {
    drop_end(pipe, Ends::<I, Waiter>::drop_reader);
}

pub fn drop_writer<I: Kind>(pipe: u32) {
    drop_end(pipe, Ends::<I, Waiter>::drop_writer);
}

fn drop_end<I: Kind>(pipe: u32, f: impl FnOnce(&mut Ends<I, Waiter>) -> Dropped<I, Waiter>) {
    let dropped = I::table(|table| {
        let ends = table.get_mut(place_of(pipe) as usize)?;
        let dropped = f(ends);
        if ends.is_over() {
            table.remove(place_of(pipe) as usize);
        }
        Some(dropped)
    });
    if let Some(Dropped { lost, wake }) = dropped {
        tell(wake);
        lost.lose();
    }
}

/// Who waits in reads, and who in writes.
pub fn waiters() -> (Vec<Waiter>, Vec<Waiter>) {
    fn of<I: Kind>(readers: &mut Vec<Waiter>, writers: &mut Vec<Waiter>) {
        I::table(|table| {
            for (_, ends) in table.iter() {
                let (reader, writer) = ends.pipe.waiters();
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

fn counted(outcome: Outcome<usize>) -> Outcome<u32> {
    // An offer is a guest's list: its length fits.
    outcome.map(|n| n as u32)
}
