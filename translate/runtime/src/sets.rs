//! Waitable sets.

use crate::events::Event;
use crate::state::state;
use crate::{run, trap, waitables};
use alloc::vec::Vec;

/// Sets have numbers from here on: out of the way of handles of resources, which the engine numbers from 1.
const FIRST: u32 = 0x0400_0000;
const MAX: u32 = 0x0400_0000;

#[derive(Default)]
pub struct Set {
    /// The waitables in it.
    pub members: Vec<u32>,
    /// Those of them that have an event, the oldest first; some may have lost it again.
    pub eventful: Vec<u32>,
    /// The tasks that wait for it.
    pub waiting: Vec<u32>,
    /// How many `waitable-set.wait` of it are on the stack.
    pub blocked: u32,
}

/// The set of this number.
pub fn slot(number: u32) -> u32 {
    match number.checked_sub(FIRST) {
        Some(slot) if state().sets.get(slot).is_some() => slot,
        _ => trap::not_a_set(),
    }
}

#[unsafe(export_name = "waitable-set-new")]
extern "C" fn new() -> u32 {
    let slot = state().sets.insert(Set::default());
    if slot >= MAX {
        trap::too_many()
    }
    FIRST + slot
}

#[unsafe(export_name = "waitable-set-drop")]
extern "C" fn drop(number: u32) {
    let slot = slot(number);
    let set = state().sets.get(slot).expect("just found");
    if !set.members.is_empty() || !set.waiting.is_empty() || set.blocked > 0 {
        trap::set_in_use()
    }
    state().sets.remove(slot);
}

/// Takes the next event of the set, if it has one.
pub fn take_event(slot: u32) -> Option<Event> {
    loop {
        let set = state().sets.get(slot)?;
        if set.eventful.is_empty() {
            return None;
        }
        let waitable = set.eventful.remove(0);
        if let Some(event) = waitables::take_event(waitable) {
            return Some(event);
        }
    }
}

/// Whether the set has an event.
pub fn has_event(slot: u32) -> bool {
    loop {
        let Some(set) = state().sets.get(slot) else {
            return false;
        };
        let Some(&waitable) = set.eventful.first() else {
            return false;
        };
        if waitables::has_event(waitable) {
            return true;
        }
        let set = state().sets.get(slot).expect("just found");
        set.eventful.remove(0);
    }
}

fn report(event: Event) -> u32 {
    state().found = (event.waitable, event.payload);
    event.code
}

/// Blocks until the set has an event. Its waitable and payload: `found-waitable`, `found-payload`.
#[unsafe(export_name = "waitable-set-wait")]
extern "C" fn wait(number: u32) -> u32 {
    let slot = slot(number);
    state().sets.get(slot).expect("just found").blocked += 1;
    let event = run::block_until(|| take_event(slot));
    if let Some(set) = state().sets.get(slot) {
        set.blocked -= 1;
    }
    report(event)
}

/// The next event of the set, or none (code 0).
#[unsafe(export_name = "waitable-set-poll")]
extern "C" fn poll(number: u32) -> u32 {
    let slot = slot(number);
    // What has come from outside meanwhile counts.
    run::take_events();
    report(take_event(slot).unwrap_or(Event::NONE))
}

#[unsafe(export_name = "found-waitable")]
extern "C" fn found_waitable() -> u32 {
    state().found.0
}

#[unsafe(export_name = "found-payload")]
extern "C" fn found_payload() -> u32 {
    state().found.1
}
