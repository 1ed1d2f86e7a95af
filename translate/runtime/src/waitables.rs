//! Waitables: subtasks, and ends of streams and futures. Each has at most one event, and is in at most one set.
//!
//! The place of a waitable is the token under which the core announces it. So the place of one that is gone is not used again
//! before all events have been taken that were under way then.

use crate::events::Event;
use crate::state::state;
use crate::{ends, pipes, run, sets, subtasks, trap};

pub struct Waitable {
    /// The number that the guest has for it.
    pub number: u32,
    pub kind: Kind,
    /// The set that it is in.
    pub set: Option<u32>,
    /// The code and payload of its event.
    pub event: Option<(u32, u32)>,
}

#[derive(Clone, Copy)]
pub enum Kind {
    Subtask(u32),
    End,
    /// The end of this number of a pipe of this component.
    Pipe(u32),
    /// A call that is waited for on the stack.
    Call,
}

/// A new waitable.
pub fn insert(number: u32, kind: Kind) -> u32 {
    state().waitables.insert(Waitable {
        number,
        kind,
        set: None,
        event: None,
    })
}

/// Forgets a waitable, which leaves its set. `seen`: the core may have its token.
pub fn remove(place: u32, seen: bool) {
    leave(place);
    let state = state();
    state.waitables.take(place);
    match seen {
        true => state.retired.push(place),
        false => state.waitables.release(place),
    }
}

fn leave(place: u32) {
    let state = state();
    let Some(waitable) = state.waitables.get(place) else {
        return;
    };
    if let Some(set) = waitable.set.take()
        && let Some(set) = state.sets.get(set)
    {
        set.members.retain(|member| *member != place);
        set.eventful.retain(|member| *member != place);
    }
}

/// A waitable has an event: who waits for its set can go on.
pub fn announce(place: u32, code: u32, payload: u32) {
    let state = state();
    let Some(waitable) = state.waitables.get(place) else {
        return;
    };
    waitable.event = Some((code, payload));
    if let Some(set) = waitable.set {
        eventful(set, place);
    }
}

fn eventful(set: u32, place: u32) {
    let Some(members) = state().sets.get(set) else {
        return;
    };
    if !members.eventful.contains(&place) {
        members.eventful.push(place);
    }
    // One task for one event.
    if let Some(&task) = members.waiting.first() {
        run::ready(task);
    }
}

/// Takes the event of a waitable.
pub fn take_event(place: u32) -> Option<Event> {
    let waitable = state().waitables.get(place)?;
    let (code, mut payload) = waitable.event.take()?;
    let (number, kind) = (waitable.number, waitable.kind);
    match kind {
        Kind::Subtask(subtask) => subtasks::delivered(subtask),
        Kind::Pipe(end) => payload = pipes::conclude(end),
        Kind::End => ends::settled(number, payload),
        Kind::Call => {}
    }
    Some(Event {
        code,
        waitable: number,
        payload,
    })
}

pub fn has_event(place: u32) -> bool {
    let waitable = state().waitables.get(place);
    waitable.is_some_and(|waitable| waitable.event.is_some())
}

pub fn is_in_set(place: u32) -> bool {
    let waitable = state().waitables.get(place);
    waitable.is_some_and(|waitable| waitable.set.is_some())
}

/// The number of the end that the waitable is, if that is one of a pipe of this component.
pub fn pipe(place: u32) -> Option<u32> {
    match state().waitables.get(place)?.kind {
        Kind::Pipe(number) => Some(number),
        _ => None,
    }
}

/// Whether it is such an end, and busy.
pub fn is_busy_pipe(place: u32) -> bool {
    pipe(place).is_some_and(pipes::is_busy)
}

/// The token of a waitable has come.
pub fn token(place: u32) {
    let Some(waitable) = state().waitables.get(place) else {
        return;
    };
    match waitable.kind {
        Kind::Subtask(subtask) => subtasks::done(subtask),
        Kind::End => ends::go_on(place),
        Kind::Pipe(_) => {}
        Kind::Call => state().run.blocked_calls.retain(|call| *call != place),
    }
}

/// Puts a waitable into a set; 0: into none.
#[unsafe(export_name = "waitable-join")]
extern "C" fn join(number: u32, set: u32) {
    let Some(place) = find(number) else {
        trap::not_a_waitable()
    };
    if state().run.blocked_ends.contains(&place) {
        trap::join_blocked()
    }
    leave(place);
    if set != 0 {
        enter(place, set);
    }
}

fn enter(place: u32, set: u32) {
    let set = sets::slot(set);
    let state = state();
    let Some(waitable) = state.waitables.get(place) else {
        trap::not_a_waitable()
    };
    waitable.set = Some(set);
    let has_event = waitable.event.is_some();
    if let Some(set) = state.sets.get(set) {
        set.members.push(place);
    }
    if has_event {
        eventful(set, place);
    }
}

/// The place of the waitable of this number.
fn find(number: u32) -> Option<u32> {
    if let Some(slot) = subtasks::slot(number) {
        return Some(state().subtasks.get(slot)?.waitable);
    }
    if let Some(place) = pipes::place(number) {
        return Some(place);
    }
    ends::place(number)
}
