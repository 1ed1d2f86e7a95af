//! The functions of a pipe's ends that other components have. What they answer: 0, and `found-waitable` and `found-payload` have
//! an address and a count; or that there is nothing yet, or will be nothing.

use super::items::{Chunk, Items};
use super::{READER, WRITER, Waiter, discard, pair, side, tell};
use crate::arena;
use crate::host::late;
use crate::state::state;
use crate::trap;
use isyswasfa_core::{Items as _, Outcome, Status};

const READY: u32 = 0;
/// Statuses are told as one more than their numbers.
const BLOCKED: u32 = Status::Blocked as u32 + 1;
const CLOSED: u32 = Status::Closed as u32 + 1;

/// The pipe of an end of that side, which the guest does nothing with.
fn other(number: u32, expected: usize) -> u32 {
    let (slot, side) = side(number);
    if side != expected {
        trap::no_such_end()
    }
    if pair(slot).sides[side].operation.is_some() {
        match side {
            READER => trap::read_busy(),
            _ => trap::write_busy(),
        }
    }
    slot
}

#[unsafe(export_name = "served-read")]
extern "C" fn read(reader: u32, mailbox: u64, token: u32, max: u32) -> u32 {
    let slot = other(reader, READER);
    let pair = pair(slot);
    if !pair.ends.pipe.is_demanding() {
        pair.room = max;
    }
    let waiter = Waiter::Other { mailbox, token };
    let (outcome, wake) = pair.ends.pipe.read(max as usize, waiter);
    tell(slot, WRITER, wake);
    match outcome {
        Outcome::Blocked => BLOCKED,
        Outcome::Closed => CLOSED,
        Outcome::Ready(items) => {
            serve(slot, items);
            READY
        }
    }
}

#[unsafe(export_name = "served-cancel-read")]
extern "C" fn cancel_read(reader: u32) {
    let slot = other(reader, READER);
    serve(slot, pair(slot).ends.pipe.cancel_read());
}

/// A list of items for another component to copy, as `found-waitable` (the address) and `found-payload` (the count).
fn serve(slot: u32, items: Items) {
    served();
    let leave = pair(slot).payload.leave;
    if leave != 0 {
        // What lies in the guest's buffer has the guest's numbers.
        for chunk in items.chunks.iter().filter(|chunk| chunk.is_lent()) {
            late::call_2(leave, chunk.at, chunk.count);
        }
    }
    let mut items = items;
    if items.chunks.len() > 1 {
        let size = items.size;
        let at = arena::alloc(items.len() as u32 * size);
        let mut to = at;
        for chunk in &items.chunks {
            if size > 0 {
                late::call_3(late::COPY, to, chunk.at, chunk.count * size);
            }
            to += chunk.count * size;
        }
        // The copy is the first chunk. What the others have is kept for their lists.
        let whole = Chunk::kept(at, items.len() as u32, arena::region());
        items.chunks.push_front(whole);
    }
    let first = items.chunks.front();
    state().found = first.map_or((0, 0), |chunk| (chunk.at, chunk.count));
    state().pipes.served = items;
}

/// The other component has copied what it was answered.
#[unsafe(export_name = "served-post")]
extern "C" fn served() {
    ::core::mem::take(&mut state().pipes.served).release();
}

/// Takes the items, whose memory is the region under way.
#[unsafe(export_name = "served-write")]
extern "C" fn write(writer: u32, mailbox: u64, token: u32, pointer: u32, count: u32) -> u32 {
    let slot = other(writer, WRITER);
    let memory = arena::region();
    let size = pair(slot).payload.size;
    let items = match count {
        0 => {
            arena::free(memory);
            Items::new(size, None)
        }
        count => Items::new(size, Some(Chunk::kept(pointer, count, memory))),
    };
    let waiter = Waiter::Other { mailbox, token };
    let Ok((lost, outcome, wake)) = pair(slot).ends.write(items, waiter) else {
        trap::write_busy()
    };
    discard(slot, lost);
    tell(slot, READER, wake);
    counted(outcome)
}

#[unsafe(export_name = "served-written")]
extern "C" fn written(writer: u32, mailbox: u64, token: u32) -> u32 {
    let slot = other(writer, WRITER);
    let waiter = Waiter::Other { mailbox, token };
    let (outcome, wake) = pair(slot).ends.pipe.written(waiter);
    tell(slot, READER, wake);
    counted(outcome)
}

fn counted(outcome: Outcome<usize>) -> u32 {
    match outcome {
        Outcome::Blocked => BLOCKED,
        Outcome::Closed => CLOSED,
        Outcome::Ready(taken) => {
            state().found = (taken as u32, 0);
            READY
        }
    }
}

#[unsafe(export_name = "served-cancel-write")]
extern "C" fn cancel_write(writer: u32) -> u32 {
    let slot = other(writer, WRITER);
    pair(slot).ends.pipe.cancel_write() as u32
}

#[unsafe(export_name = "served-take-back")]
extern "C" fn take_back(writer: u32) {
    let slot = other(writer, WRITER);
    serve(slot, pair(slot).ends.pipe.take_back());
}
