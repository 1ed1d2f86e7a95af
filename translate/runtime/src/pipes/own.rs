//! The guest's reads and writes of pipes of its own component.

use super::items::{Chunk, Items};
use super::{READER, WRITER, Waiter, announce, check, pair, place_of, side, tell};
use crate::arena;
use crate::events::{BLOCKED, CANCELLED, COMPLETED, DROPPED};
use crate::host::late;
use crate::uses::Use;
use crate::{ends, run, trap, waitables};
use isyswasfa_core::Outcome;

/// A read or write of the guest's.
#[derive(Clone, Copy)]
pub struct Operation {
    /// The guest's buffer.
    pointer: u32,
    count: u32,
    /// How many items a read has got.
    moved: u32,
    /// Whether a read has found the writer gone.
    closed: bool,
    /// Of a read, `func(address, count)` of the glue: gives items lists that are the guest's. 0: they have none.
    adopt: u32,
    /// The function of the glue that says what it is, for a report. 0: it is not told.
    pub report: u32,
}

/// A read (`number` is a reader's) or a write of the guest's, whose handle of the end is `handle`.
#[unsafe(export_name = "pipe-move")]
extern "C" fn transfer(
    number: u32,
    handle: u32,
    pointer: u32,
    count: u32,
    adopt: u32,
    report: u32,
    how: u32,
) -> u32 {
    check(number, handle, Use::new(how));
    let (slot, side) = side(number);
    place_of(slot, side, handle);
    let end = &mut pair(slot).sides[side];
    end.operation = Some(Operation {
        pointer,
        count,
        moved: 0,
        closed: false,
        adopt,
        report,
    });
    let done = match side {
        READER => read(slot, count),
        _ => write(slot, pointer, count),
    };
    match done {
        true => conclude(number),
        false => BLOCKED,
    }
}

/// Whether the read is over.
fn read(slot: u32, max: u32) -> bool {
    let (outcome, wake) = pair(slot).ends.pipe.read(max as usize, Waiter::Guest);
    tell(slot, WRITER, wake);
    match outcome {
        Outcome::Blocked => return false,
        Outcome::Closed => set(slot, |read| read.closed = true),
        Outcome::Ready(items) => deliver(slot, items),
    }
    true
}

fn set(slot: u32, change: impl FnOnce(&mut Operation)) {
    match &mut pair(slot).sides[READER].operation {
        Some(read) => change(read),
        None => trap::internal(),
    }
}

/// Copies items into the buffer of the read under way.
fn deliver(slot: u32, items: Items) {
    let size = pair(slot).payload.size;
    for chunk in &items.chunks {
        let pair = pair(slot);
        let Some(read) = &mut pair.sides[READER].operation else {
            trap::internal()
        };
        if chunk.is_lent() && !pair.payload.is_plain {
            trap::both_ends()
        }
        let (to, adopt) = (read.pointer + read.moved * size, read.adopt);
        read.moved += chunk.count;
        if size > 0 {
            late::call_3(late::COPY, to, chunk.at, chunk.count * size);
        }
        if adopt != 0 {
            late::call_2(adopt, to, chunk.count);
        }
    }
    items.release();
}

/// Something has come for the read that stands, or its writer is gone. What comes before the guest takes the event is added.
pub fn advance(slot: u32) {
    loop {
        let Some(read) = pair(slot).sides[READER].operation else {
            return;
        };
        let rest = read.count - read.moved;
        if read.moved > 0 && rest == 0 {
            break;
        }
        if !self::read(slot, rest) || rest == 0 {
            break;
        }
        if let Some(read) = &pair(slot).sides[READER].operation
            && read.closed
        {
            break;
        }
    }
    announce(slot, READER);
}

/// Whether the write is over.
fn write(slot: u32, pointer: u32, count: u32) -> bool {
    let pair = pair(slot);
    let size = pair.payload.size;
    // What another component waits for is copied: the guest has its buffer back before it is fetched.
    let kept = match pair.ends.pipe.is_demanding() && pair.sides[READER].operation.is_none() {
        true => count.min(pair.room),
        false => 0,
    };
    let copied = (kept > 0).then(|| copy(slot, pointer, kept));
    let lent = Chunk::lent(pointer + kept * size, count - kept);
    let items = Items::new(size, copied.into_iter().chain([lent]));
    let pair = super::pair(slot);
    let Ok((lost, outcome, wake)) = pair.ends.write(items, Waiter::Guest) else {
        trap::write_busy()
    };
    pair.room -= kept;
    lost.release();
    tell(slot, READER, wake);
    match outcome {
        Outcome::Blocked => return false,
        Outcome::Closed => set_written(slot, None),
        Outcome::Ready(taken) => set_written(slot, Some(taken)),
    }
    true
}

/// Notes what a write that is over has come to; what was not taken is the guest's again.
fn set_written(slot: u32, taken: Option<usize>) {
    let pair = pair(slot);
    if let Some(write) = &mut pair.sides[WRITER].operation {
        write.moved = taken.unwrap_or(0) as u32;
        write.closed = taken.is_none();
    }
    pair.ends.pipe.take_back().release();
}

/// A copy of items, with their lists.
fn copy(slot: u32, pointer: u32, count: u32) -> Chunk {
    let payload = pair(slot).payload;
    let at = arena::alloc(count * payload.size);
    if payload.size > 0 {
        late::call_3(late::COPY, at, pointer, count * payload.size);
    }
    if payload.copy != 0 {
        late::call_2(payload.copy, at, count);
    }
    if payload.leave != 0 {
        late::call_2(payload.leave, at, count);
    }
    Chunk::kept(at, count, arena::region())
}

/// Ends the operation of an end, which is over: what the guest is told.
pub fn conclude(number: u32) -> u32 {
    let (slot, side) = side(number);
    let pair = pair(slot);
    if side == READER {
        pair.ends.pipe.cancel_read().release();
    } else if pair.ends.pipe.is_offering() {
        let (outcome, wake) = pair.ends.pipe.written(Waiter::Guest);
        tell(slot, READER, wake);
        match outcome {
            Outcome::Ready(taken) => set_written(slot, Some(taken)),
            Outcome::Closed => set_written(slot, None),
            Outcome::Blocked => trap::internal(),
        }
    }
    let pair = super::pair(slot);
    let Some(operation) = pair.sides[side].operation.take() else {
        trap::internal()
    };
    let ty = pair.payload.ty;
    // A stream's other end may have gone since, and is told of with what has moved before.
    let gone = operation.closed || pair.sides[1 - side].dropped;
    let how = match gone && (operation.moved == 0 || !ty.is_future()) {
        true => DROPPED,
        false => COMPLETED,
    };
    pair.sides[side].done |= ends::is_last(ty, how);
    match ty.is_future() {
        true => how,
        false => operation.moved << 4 | how,
    }
}

/// `cancel-read` or `cancel-write`.
#[unsafe(export_name = "pipe-cancel")]
extern "C" fn cancel(number: u32, handle: u32, how: u32) -> u32 {
    let how = Use::new(how);
    check(number, handle, how);
    let (slot, side) = side(number);
    let place = place_of(slot, side, handle);
    if let Some(event) = waitables::take_event(place) {
        return ends::as_cancelled(how.ty(), event.payload);
    }
    let pair = pair(slot);
    if pair.sides[side].operation.take().is_none() {
        how.idle()
    }
    match side {
        READER => pair.ends.pipe.cancel_read().release(),
        _ => {
            pair.ends.pipe.cancel_write();
            pair.ends.pipe.take_back().release();
        }
    }
    CANCELLED
}

/// Blocks until the read or write is over: what it has come to.
#[unsafe(export_name = "pipe-block")]
extern "C" fn block(number: u32, handle: u32) -> u32 {
    let (slot, side) = side(number);
    run::block_on_waitable(place_of(slot, side, handle))
}
