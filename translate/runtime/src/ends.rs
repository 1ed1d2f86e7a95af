//! Ends of streams and futures that are resources of pipes. The guest has the numbers of this table for them, and not the handles of the
//! resources: a host may number the handles of each resource type by themselves.

use crate::events::{BLOCKED, CANCELLED, COMPLETED, DROPPED};
use crate::host::late;
use crate::slab::Slab;
use crate::state::state;
use crate::uses::{BuiltIn, Side, Type, Use};
use crate::waitables::{self, Kind};
use crate::{pipes, run, trap};

/// Ends have numbers from here on: out of the way of the handles of other resources, which the engine numbers from 1.
const FIRST: u32 = 0x0e00_0000;
const MAX: u32 = 0x0200_0000;

/// The ends that the guest has.
pub type Ends = Slab<End>;

#[derive(Clone, Copy)]
pub struct End {
    /// The resource of the pipe.
    handle: u32,
    ty: Type,
    side: Side,
    /// One more than the place of its waitable; 0: it has none yet.
    place: u32,
    /// The read or write under way.
    operation: Option<Operation>,
    /// The guest knows that nothing more will move.
    done: bool,
}

/// A read or write under way.
#[derive(Clone, Copy)]
struct Operation {
    /// The function of the glue that goes on with it.
    go_on: u32,
    /// Where the guest's items are.
    pointer: u32,
    count: u32,
    /// The code of its event.
    code: u32,
    /// The function of the glue that says what it is, for a report.
    report: u32,
}

fn slot(number: u32) -> Option<u32> {
    number.checked_sub(FIRST)
}

fn find(number: u32) -> Option<End> {
    state().ends.get(slot(number)?).copied()
}

fn get(number: u32) -> &'static mut End {
    match slot(number).and_then(|slot| state().ends.get(slot)) {
        Some(end) => end,
        None => trap::internal(),
    }
}

/// An end has reached the guest: the number that it has there. `kind` is the type, and in the lowest bit the side.
#[unsafe(export_name = "end-arrived")]
extern "C" fn arrived(handle: u32, kind: u32) -> u32 {
    let slot = state().ends.insert(End {
        handle,
        ty: Type::new(kind >> 1),
        side: match kind & 1 {
            0 => Side::Reader,
            _ => Side::Writer,
        },
        place: 0,
        operation: None,
        done: false,
    });
    if slot >= MAX {
        trap::too_many()
    }
    FIRST + slot
}

/// The guest passes a readable end on, of the type that `kind` says: the handle, which it has no more.
#[unsafe(export_name = "end-left")]
extern "C" fn left(number: u32, kind: u32) -> u32 {
    let Some(end) = find(number) else {
        trap::passed_wrong_end()
    };
    if end.ty != Type::new(kind >> 1) || end.side != Side::Reader {
        trap::passed_wrong_end()
    }
    if end.is_busy() {
        trap::passed_busy()
    }
    if end.is_done() {
        trap::passed_done()
    }
    if end.place > 0 && waitables::is_in_set(end.place - 1) {
        trap::passed_in_set()
    }
    let handle = end.handle;
    forget(number);
    handle
}

/// A built-in is called for an end: its handle, after checking that it may be.
#[unsafe(export_name = "end-use")]
extern "C" fn begin(number: u32, how: u32) -> u32 {
    let how = Use::new(how);
    let Some(end) = find(number) else {
        how.wrong_end()
    };
    how.check(end.ty, end.side);
    if end.place > 0 {
        how.check_set(end.place - 1);
    }
    match how.built_in() {
        BuiltIn::Read | BuiltIn::Write => {
            if end.is_busy() {
                how.busy()
            }
            if end.done {
                how.done()
            }
        }
        BuiltIn::DropReadable | BuiltIn::DropWritable => {
            if end.is_busy() {
                how.busy()
            }
            if how.built_in() == BuiltIn::DropWritable && end.ty.is_future() && !end.is_done() {
                trap::future_unwritten()
            }
        }
        BuiltIn::CancelRead | BuiltIn::CancelWrite => {}
    }
    end.handle
}

impl End {
    /// Whether a read or write is under way, or has an event that was not taken.
    fn is_busy(&self) -> bool {
        let Some(place) = self.place.checked_sub(1) else {
            return false;
        };
        self.operation.is_some() || waitables::has_event(place) || waitables::is_busy_pipe(place)
    }

    /// Whether the guest knows that nothing more will move.
    fn is_done(&self) -> bool {
        let own = self.place.checked_sub(1).and_then(waitables::pipe);
        own.map_or(self.done, pipes::is_done)
    }
}

/// The handle of an end that was checked before.
#[unsafe(export_name = "end-handle")]
extern "C" fn handle(number: u32) -> u32 {
    get(number).handle
}

/// The place of the end with this number, which the guest has.
pub fn place(number: u32) -> Option<u32> {
    find(number)?;
    Some(place_as(number, Kind::End))
}

/// The place of the end, whose waitable is of that kind if it is a new one.
pub fn place_as(number: u32, kind: Kind) -> u32 {
    let Some(place) = get(number).place.checked_sub(1) else {
        let place = waitables::insert(number, kind);
        get(number).place = place + 1;
        return place;
    };
    if let Kind::Pipe(_) = kind
        && let Some(waitable) = state().waitables.get(place)
    {
        // It was put into a set before anything was done with it.
        waitable.kind = kind;
    }
    place
}

/// A read or write begins, or goes on: the token for it.
#[unsafe(export_name = "end-token")]
extern "C" fn token(number: u32) -> u32 {
    place_as(number, Kind::End)
}

/// The read or write waits.
#[unsafe(export_name = "end-blocked")]
extern "C" fn blocked(number: u32, go_on: u32, pointer: u32, count: u32, code: u32, report: u32) {
    get(number).operation = Some(Operation {
        go_on,
        pointer,
        count,
        code,
        report,
    });
}

/// The guest is told what a read or write has come to.
#[unsafe(export_name = "end-settled")]
pub extern "C" fn settled(number: u32, answer: u32) {
    if let Some(end) = slot(number).and_then(|slot| state().ends.get(slot)) {
        end.done |= is_last(end.ty, answer);
    }
}

/// Whether a read or write that has come to this was the last one.
pub fn is_last(ty: Type, answer: u32) -> bool {
    match answer & 0xf {
        DROPPED => true,
        COMPLETED => ty.is_future(),
        _ => false,
    }
}

/// The token has come: the operation may go on.
pub fn go_on(place: u32) {
    let Some(waitable) = state().waitables.get(place) else {
        return;
    };
    let number = waitable.number;
    let Some(operation) = find(number).and_then(|end| end.operation) else {
        return;
    };
    get(number).operation = None;
    let answer = late::call_3(operation.go_on, number, operation.pointer, operation.count);
    match answer {
        // It was the token of an earlier operation.
        BLOCKED => get(number).operation = Some(operation),
        answer => waitables::announce(place, operation.code, answer),
    }
}

/// `cancel-read` or `cancel-write`: what the operation has come to; [`BLOCKED`]: nothing yet, and the glue cancels it, with
/// `found-waitable` and `found-payload` as its pointer and count.
#[unsafe(export_name = "end-cancel")]
extern "C" fn cancel(number: u32, how: u32) -> u32 {
    run::take_events();
    let how = Use::new(how);
    let Some(place) = get(number).place.checked_sub(1) else {
        how.idle()
    };
    if let Some(event) = waitables::take_event(place) {
        return as_cancelled(how.ty(), event.payload);
    }
    let Some(operation) = get(number).operation.take() else {
        how.idle()
    };
    state().found = (operation.pointer, operation.count);
    BLOCKED
}

/// What a cancellation answers of an operation that has come to this already.
pub fn as_cancelled(ty: Type, payload: u32) -> u32 {
    match payload & 0xf {
        COMPLETED if !ty.is_future() => payload | CANCELLED,
        _ => payload,
    }
}

/// The guest has dropped the end, or has passed it on.
#[unsafe(export_name = "end-forget")]
pub extern "C" fn forget(number: u32) {
    let Some(end) = slot(number).and_then(|slot| state().ends.remove(slot)) else {
        return;
    };
    if let Some(place) = end.place.checked_sub(1) {
        if let Some(pipe) = waitables::pipe(place) {
            pipes::forget_place(pipe);
        }
        waitables::remove(place, true);
        run::take_events_if_full();
    }
}

/// What says what the read or write under way is; 0: there is none.
pub fn report(place: u32) -> u32 {
    let number = state().waitables.get(place).map(|waitable| waitable.number);
    let operation = number.and_then(find).and_then(|end| end.operation);
    operation.map_or(0, |operation| operation.report)
}

/// Blocks until the operation under way is over: what it has come to.
#[unsafe(export_name = "end-block")]
extern "C" fn block(number: u32) -> u32 {
    run::block_on_waitable(place_as(number, Kind::End))
}
