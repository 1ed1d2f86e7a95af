//! Pipes of this component: streams and futures that never leave it, and those of its own resources, which it implements for others.
//!
//! A pipe is the state machine of `isyswasfa-core`. An end that the guest has waits as the Component Model says: its buffer is
//! filled or emptied at once, and what its event says is settled when the guest takes the event (`own`). An end that another
//! component has is a resource of the split world (`served`). Nothing is copied out of the buffer of a write that stands.

mod items;
mod own;
mod served;

use crate::events::{FUTURE_READ, FUTURE_WRITE, STREAM_READ, STREAM_WRITE};
use crate::host::{core, late};
use crate::slab::Slab;
use crate::state::state;
use crate::uses::{self, BuiltIn, Type, Use};
use crate::waitables::{self, Kind};
use crate::{ends, trap};
use isyswasfa_core::{Dropped, Ends};
pub use items::Items;
pub use own::conclude;

/// Ends have numbers from here on: even ones read, odd ones write. For an end that is a resource, it is the representation.
const FIRST: u32 = 0x0c00_0000;
const MAX: u32 = 0x0100_0000;

pub struct Pipes {
    pairs: Slab<Pair>,
    /// What another component is copying.
    served: Items,
}

impl Pipes {
    pub const fn new() -> Self {
        Pipes {
            pairs: Slab::new(),
            served: Items::NONE,
        }
    }
}

/// A pipe, by its ends.
struct Pair {
    ends: Ends<Items, Waiter>,
    payload: Payload,
    sides: [Side; 2],
    /// How many items the read of another component that stands still takes.
    room: u32,
}

/// What its items are. Functions are places in the glue's table, 0: none is needed.
#[derive(Clone, Copy)]
struct Payload {
    ty: Type,
    size: u32,
    /// `func(address, count)`: drops what items own.
    discard: u32,
    /// `func(address, count)`: gives items lists of their own, in the region under way.
    copy: u32,
    /// `func(address, count)`: the guest passes on what ends items have.
    leave: u32,
    /// Whether an item is all in one place, so that copying is all that passing it on takes.
    is_plain: bool,
}

/// An end, as the guest has it.
#[derive(Clone, Copy, Default)]
struct Side {
    /// One more than the place of its waitable; 0: it has none.
    place: u32,
    /// The read or write under way.
    operation: Option<own::Operation>,
    /// The guest knows that nothing more will move.
    done: bool,
    /// The end was dropped.
    dropped: bool,
}

/// Who waits at an end.
#[derive(Clone, Copy)]
enum Waiter {
    Guest,
    Other { mailbox: u64, token: u32 },
}

const READER: usize = 0;
const WRITER: usize = 1;

fn find(number: u32) -> Option<(u32, usize)> {
    let index = number.checked_sub(FIRST)?;
    state().pipes.pairs.get(index / 2)?;
    Some((index / 2, index as usize % 2))
}

/// The pipe and the side that an end's number means.
fn side(number: u32) -> (u32, usize) {
    match find(number) {
        Some(found) => found,
        None => trap::no_such_end(),
    }
}

fn pair(slot: u32) -> &'static mut Pair {
    match state().pipes.pairs.get(slot) {
        Some(pair) => pair,
        None => trap::internal(),
    }
}

/// The place of the waitable of an end that never leaves the component, if the number is one's.
pub fn place(number: u32) -> Option<u32> {
    let (slot, side) = find(number)?;
    Some(place_of(slot, side, number))
}

/// The place of the waitable of an end for which the guest has this handle.
fn place_of(slot: u32, side: usize, handle: u32) -> u32 {
    let number = FIRST + slot * 2 + side as u32;
    let place = match (handle == number, pair(slot).sides[side].place) {
        (true, 0) => waitables::insert(handle, Kind::Pipe(number)),
        (true, place) => place - 1,
        (false, _) => ends::place_as(handle, Kind::Pipe(number)),
    };
    pair(slot).sides[side].place = place + 1;
    place
}

/// What says what the read or write under way at an end is; 0: there is none, or it is not told.
pub fn report(number: u32) -> u32 {
    find(number).map_or(0, |(slot, side)| {
        let operation = &pair(slot).sides[side].operation;
        operation.as_ref().map_or(0, |operation| operation.report)
    })
}

/// A new pipe: the number of its reader; the writer has the next one.
#[unsafe(export_name = "pipe-new")]
extern "C" fn new(ty: u32, size: u32, is_plain: u32, discard: u32, copy: u32, leave: u32) -> u32 {
    let slot = state().pipes.pairs.insert(Pair {
        ends: Ends::default(),
        payload: Payload {
            ty: Type::new(ty),
            size,
            discard,
            copy,
            leave,
            is_plain: is_plain != 0,
        },
        sides: [Side::default(); 2],
        room: 0,
    });
    if slot >= MAX {
        trap::too_many()
    }
    FIRST + slot * 2
}

/// Checks that an end may be used like that: an end for which the guest has the handle is checked for its type before.
fn check(number: u32, handle: u32, how: Use) {
    let Some((slot, side)) = find(number) else {
        how.wrong_end()
    };
    if handle == number {
        how.check(pair(slot).payload.ty, own_side(side));
    }
    let end = &pair(slot).sides[side];
    let (place, busy, done) = (end.place, end.operation.is_some(), end.done);
    if place > 0 {
        how.check_set(place - 1);
    }
    match how.built_in() {
        BuiltIn::CancelRead | BuiltIn::CancelWrite => {}
        _ if busy => how.busy(),
        BuiltIn::Read | BuiltIn::Write if done => how.done(),
        BuiltIn::DropWritable if how.ty().is_future() && !done => trap::future_unwritten(),
        _ => {}
    }
}

fn own_side(side: usize) -> uses::Side {
    match side {
        READER => uses::Side::Reader,
        _ => uses::Side::Writer,
    }
}

/// Whether a read or write of the guest's is under way at an end.
pub fn is_busy(number: u32) -> bool {
    find(number).is_some_and(|(slot, side)| pair(slot).sides[side].operation.is_some())
}

/// Whether the guest knows that nothing more will move at an end.
pub fn is_done(number: u32) -> bool {
    find(number).is_some_and(|(slot, side)| pair(slot).sides[side].done)
}

/// The guest has this end no more.
pub fn forget_place(number: u32) {
    if let Some((slot, side)) = find(number) {
        pair(slot).sides[side].place = 0;
    }
}

/// The guest is about to drop an end.
#[unsafe(export_name = "pipe-leave")]
extern "C" fn leave(number: u32, handle: u32, how: u32) {
    check(number, handle, Use::new(how));
    if handle != number {
        ends::forget(handle);
        return;
    }
    let (slot, side) = side(number);
    let place = ::core::mem::take(&mut pair(slot).sides[side].place);
    if place > 0 {
        waitables::remove(place - 1, false);
    }
}

/// An end is dropped.
#[unsafe(export_name = "pipe-drop")]
extern "C" fn drop(number: u32) {
    let (slot, side) = side(number);
    pair(slot).sides[side].dropped = true;
    let ends = &mut pair(slot).ends;
    let Dropped { lost, wake } = match side {
        READER => ends.drop_reader(),
        _ => ends.drop_writer(),
    };
    tell(slot, 1 - side, wake);
    discard(slot, lost);
    if pair(slot).ends.is_over() {
        state().pipes.pairs.remove(slot);
    }
}

/// An end of a pipe that never leaves the component is dropped.
#[unsafe(export_name = "local-drop")]
extern "C" fn drop_local(number: u32, how: u32) {
    leave(number, number, how);
    drop(number);
}

/// Drops items that nobody will take.
fn discard(slot: u32, items: Items) {
    let discard = pair(slot).payload.discard;
    if discard != 0 {
        for chunk in &items.chunks {
            late::call_2(discard, chunk.at, chunk.count);
        }
    }
    items.release();
}

/// Tells who waits at the side that it may go on.
fn tell(slot: u32, side: usize, waiter: Option<Waiter>) {
    match waiter {
        None => {}
        Some(Waiter::Other { mailbox, token }) => core::post(mailbox, token),
        Some(Waiter::Guest) if side == READER => own::advance(slot),
        Some(Waiter::Guest) => announce(slot, side),
    }
}

/// The read or write of the guest's has an event.
fn announce(slot: u32, side: usize) {
    let pair = pair(slot);
    let end = &pair.sides[side];
    if end.operation.is_none() || end.place == 0 {
        return;
    }
    let code = match (pair.payload.ty.is_future(), side) {
        (false, READER) => STREAM_READ,
        (false, _) => STREAM_WRITE,
        (true, READER) => FUTURE_READ,
        (true, _) => FUTURE_WRITE,
    };
    // What it says is settled when it is taken.
    waitables::announce(end.place - 1, code, 0);
}
