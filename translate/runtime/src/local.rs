//! Streams and futures of which both ends stay in this component, since no function of its world has their type.

use crate::events::{
    BLOCKED, CANCELLED, COMPLETED, DROPPED, FUTURE_READ, FUTURE_WRITE, STREAM_READ, STREAM_WRITE,
};
use crate::host::late;
use crate::slab::Slab;
use crate::state::state;
use crate::waitables::{self, Kind};
use crate::{run, trap};

/// Their ends have numbers from here on: even ones read, odd ones write.
const FIRST: u32 = 0x0c00_0000;
const MAX: u32 = 0x0100_0000;

pub struct Locals {
    pairs: Slab<Pair>,
}

impl Locals {
    pub const fn new() -> Self {
        Locals { pairs: Slab::new() }
    }
}

struct Pair {
    is_future: bool,
    ends: [End; 2],
}

#[derive(Clone, Copy)]
struct End {
    waitable: u32,
    dropped: bool,
    /// Pointer and count of the read or write under way.
    operation: Option<(u32, u32)>,
}

const READER: usize = 0;
const WRITER: usize = 1;

/// The waitable of an end, if the number is one's.
pub fn place(number: u32) -> Option<u32> {
    let index = number.checked_sub(FIRST)?;
    let pair = state().locals.pairs.get(index / 2)?;
    Some(pair.ends[index as usize % 2].waitable)
}

fn pair(number: u32) -> (u32, &'static mut Pair) {
    let slot = match number.checked_sub(FIRST) {
        Some(index) => index / 2,
        None => trap::no_such_end(),
    };
    match state().locals.pairs.get(slot) {
        Some(pair) => (slot, pair),
        None => trap::no_such_end(),
    }
}

/// Reader in the low half, writer in the high one.
#[unsafe(export_name = "local-new")]
extern "C" fn new(is_future: u32) -> u64 {
    let ends = [READER, WRITER].map(|_| End {
        waitable: waitables::insert(0, Kind::Local),
        dropped: false,
        operation: None,
    });
    let slot = state().locals.pairs.insert(Pair {
        is_future: is_future != 0,
        ends,
    });
    if slot >= MAX {
        trap::too_many()
    }
    let number = FIRST + slot * 2;
    for (side, end) in ends.iter().enumerate() {
        let waitable = state().waitables.get(end.waitable).expect("just inserted");
        waitable.number = number + side as u32;
    }
    u64::from(number) | u64::from(number + 1) << 32
}

/// A read (`number` is a reader's) or a write.
#[unsafe(export_name = "local-move")]
extern "C" fn transfer(number: u32, pointer: u32, count: u32, size: u32) -> u32 {
    let (_, pair) = pair(number);
    let side = number as usize % 2;
    let (mine, other) = (pair.ends[side], pair.ends[1 - side]);
    if mine.operation.is_some() || waitables::has_event(mine.waitable) {
        trap::busy_end()
    }
    let is_future = pair.is_future;
    let answer = |moved: u32, how: u32| match is_future {
        true => how,
        false => moved << 4 | how,
    };
    let Some((theirs, room)) = other.operation else {
        if other.dropped {
            return answer(0, DROPPED);
        }
        pair.ends[side].operation = Some((pointer, count));
        return BLOCKED;
    };
    // A write of nothing is done when a reader waits, and a read of nothing when a writer does; where both are of nothing, the
    // write is.
    let (mine_done, theirs_done) = match (count, room) {
        (0, 0) => (side == WRITER, side == READER),
        (0, _) => (true, false),
        (_, 0) => (false, true),
        _ => (true, true),
    };
    let moved = count.min(room);
    if theirs_done {
        pair.ends[1 - side].operation = None;
    }
    if !mine_done {
        pair.ends[side].operation = Some((pointer, count));
    }
    if moved > 0 && size > 0 {
        let (to, from) = match side {
            READER => (pointer, theirs),
            _ => (theirs, pointer),
        };
        late::call_3(late::COPY, to, from, moved * size);
    }
    if theirs_done {
        announce(
            other.waitable,
            1 - side,
            is_future,
            answer(moved, COMPLETED),
        );
    }
    match mine_done {
        true => answer(moved, COMPLETED),
        false => BLOCKED,
    }
}

fn announce(waitable: u32, side: usize, is_future: bool, answer: u32) {
    let code = match (is_future, side) {
        (false, READER) => STREAM_READ,
        (false, _) => STREAM_WRITE,
        (true, READER) => FUTURE_READ,
        (true, _) => FUTURE_WRITE,
    };
    waitables::announce(waitable, code, answer);
}

#[unsafe(export_name = "local-cancel")]
extern "C" fn cancel(number: u32) -> u32 {
    let (_, pair) = pair(number);
    let end = &mut pair.ends[number as usize % 2];
    if let Some(event) = waitables::take_event(end.waitable) {
        return event.payload;
    }
    match end.operation.take() {
        Some(_) => CANCELLED,
        None => trap::idle_end(),
    }
}

#[unsafe(export_name = "local-drop")]
extern "C" fn drop(number: u32) {
    let (slot, pair) = pair(number);
    let side = number as usize % 2;
    if pair.ends[side].operation.is_some() {
        trap::busy_end()
    }
    pair.ends[side].dropped = true;
    let waitable = pair.ends[side].waitable;
    let other = &mut pair.ends[1 - side];
    let (theirs, is_future) = (*other, pair.is_future);
    if theirs.operation.is_some() {
        pair.ends[1 - side].operation = None;
        announce(theirs.waitable, 1 - side, is_future, DROPPED);
    }
    waitables::remove(waitable, false);
    if theirs.dropped {
        state().locals.pairs.remove(slot);
    }
}

#[unsafe(export_name = "local-block")]
extern "C" fn block(number: u32) -> u32 {
    let (_, pair) = pair(number);
    let waitable = pair.ends[number as usize % 2].waitable;
    run::block_until(|| waitables::take_event(waitable)).payload
}
