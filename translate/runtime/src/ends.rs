//! Ends of streams and futures, which are resources of pipes: their handles are the numbers that the guest has for them.

use crate::events::BLOCKED;
use crate::host::late;
use crate::state::state;
use crate::waitables::{self, Kind};
use crate::{run, trap};
use alloc::vec::Vec;

/// More than an engine gives out.
const MAX_HANDLE: u32 = 0x0400_0000;

/// The guest has the end, which has no waitable yet.
const KNOWN: u32 = 1;

pub struct Ends {
    /// By handle: [`KNOWN`], or that and one more than the place of the waitable; 0: there is no such end.
    places: Vec<u32>,
    /// The reads and writes under way, by the place of their waitable.
    operations: Vec<Option<Operation>>,
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

impl Ends {
    pub const fn new() -> Self {
        Ends {
            places: Vec::new(),
            operations: Vec::new(),
        }
    }

    fn operation(&mut self, place: u32) -> &mut Option<Operation> {
        let place = place as usize;
        if self.operations.len() <= place {
            self.operations.resize(place + 1, None);
        }
        &mut self.operations[place]
    }
}

/// The place of the end with this handle, if it has one.
pub fn find(handle: u32) -> Option<u32> {
    let place = state().ends.places.get(handle as usize).copied()?;
    place.checked_sub(KNOWN + 1)
}

/// Whether the guest has an end with this handle.
pub fn is_known(handle: u32) -> bool {
    let place = state().ends.places.get(handle as usize);
    place.is_some_and(|place| *place >= KNOWN)
}

fn set_place(handle: u32, place: u32) {
    let places = &mut state().ends.places;
    if places.len() <= handle as usize {
        places.resize(handle as usize + 1, 0);
    }
    places[handle as usize] = place;
}

/// An end has reached the guest.
#[unsafe(export_name = "end-arrived")]
extern "C" fn arrived(handle: u32) {
    if handle < MAX_HANDLE && !is_known(handle) {
        set_place(handle, KNOWN);
    }
}

/// The place of the end with this handle, which is one of that kind.
pub fn place_as(handle: u32, kind: Kind) -> u32 {
    let place = place(handle);
    if let Some(waitable) = state().waitables.get(place) {
        waitable.kind = kind;
    }
    place
}

/// The place of the end with this handle.
pub fn place(handle: u32) -> u32 {
    if let Some(place) = find(handle) {
        return place;
    }
    if handle == 0 || handle >= MAX_HANDLE {
        trap::no_such_end()
    }
    let place = waitables::insert(handle, Kind::End);
    set_place(handle, KNOWN + 1 + place);
    place
}

/// A read or write begins: the token for it.
#[unsafe(export_name = "end-token")]
extern "C" fn token(handle: u32) -> u32 {
    let place = place_as(handle, Kind::End);
    if state().ends.operation(place).is_some() || waitables::has_event(place) {
        trap::busy_end()
    }
    place
}

/// The read or write waits.
#[unsafe(export_name = "end-blocked")]
extern "C" fn blocked(handle: u32, go_on: u32, pointer: u32, count: u32, code: u32, report: u32) {
    let place = place(handle);
    *state().ends.operation(place) = Some(Operation {
        go_on,
        pointer,
        count,
        code,
        report,
    });
}

/// The token has come: the operation may go on.
pub fn go_on(place: u32) {
    let Some(waitable) = state().waitables.get(place) else {
        return;
    };
    let handle = waitable.number;
    let Some(operation) = state().ends.operation(place).take() else {
        return;
    };
    let answer = late::call_3(operation.go_on, handle, operation.pointer, operation.count);
    match answer {
        // It was the token of an earlier operation.
        BLOCKED => *state().ends.operation(place) = Some(operation),
        answer => waitables::announce(place, operation.code, answer),
    }
}

/// `cancel-read` or `cancel-write`: what the operation has come to; [`BLOCKED`]: nothing yet, and the glue cancels it, with
/// `found-waitable` and `found-payload` as its pointer and count.
#[unsafe(export_name = "end-cancel")]
extern "C" fn cancel(handle: u32) -> u32 {
    run::take_events();
    let Some(place) = find(handle) else {
        trap::idle_end()
    };
    if let Some(event) = waitables::take_event(place) {
        return event.payload;
    }
    let Some(operation) = state().ends.operation(place).take() else {
        trap::idle_end()
    };
    state().found = (operation.pointer, operation.count);
    BLOCKED
}

/// The end is dropped.
#[unsafe(export_name = "end-drop")]
extern "C" fn drop(handle: u32) {
    if let Some(place) = find(handle)
        && state().ends.operation(place).is_some()
    {
        trap::busy_end()
    }
    forget(handle);
}

/// The guest has this handle no more.
pub fn forget(handle: u32) {
    let place = find(handle);
    if is_known(handle) {
        set_place(handle, 0);
    }
    if let Some(place) = place {
        waitables::remove(place, true);
        run::take_events_if_full();
    }
}

/// What says what the read or write under way is; 0: there is none.
pub fn report(place: u32) -> u32 {
    let operation = state().ends.operation(place);
    operation.as_ref().map_or(0, |operation| operation.report)
}

/// Blocks until the operation under way is over: what it has come to.
#[unsafe(export_name = "end-block")]
extern "C" fn block(handle: u32) -> u32 {
    run::block_on_waitable(place(handle))
}
