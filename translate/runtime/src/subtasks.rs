//! Calls of imported async functions that did not finish at once.

use crate::events::{CANCELLED_BEFORE_RETURNED, RETURNED, STARTED, SUBTASK};
use crate::host::{core, late};
use crate::state::{key, state};
use crate::waitables::{self, Kind};
use crate::{links, run, trap};

/// Subtasks have numbers from here on.
const FIRST: u32 = 0x0800_0000;
const MAX: u32 = 0x0400_0000;

pub struct Subtask {
    pub waitable: u32,
    /// The caller's end of the task; none: it has been used.
    pending: Option<u32>,
    /// The function of the glue that fetches the result.
    fetch: u32,
    /// Where the guest wants the result.
    result: u32,
    /// Resolved, and the guest has been told.
    resolved: bool,
}

/// The subtask of this number, if it has one of a subtask's.
pub fn slot(number: u32) -> Option<u32> {
    number.checked_sub(FIRST).filter(|slot| *slot < MAX)
}

fn existing(number: u32) -> u32 {
    match slot(number) {
        Some(slot) if state().subtasks.get(slot).is_some() => slot,
        _ => trap::not_a_subtask(),
    }
}

/// A call has not finished: answers what the async-lowered function answers.
#[unsafe(export_name = "subtask-new")]
extern "C" fn new(fetch: u32, pending: u32, result: u32) -> u32 {
    let waitable = waitables::insert(0, Kind::Subtask(0));
    let slot = state().subtasks.insert(Subtask {
        waitable,
        pending: Some(pending),
        fetch,
        result,
        resolved: false,
    });
    if slot >= MAX {
        trap::too_many()
    }
    let number = FIRST + slot;
    let entry = state().waitables.get(waitable).expect("just inserted");
    entry.number = number;
    entry.kind = Kind::Subtask(slot);
    core::subscribe(pending, key(), waitable);
    STARTED | number << 4
}

/// The callee is done: fetches the result.
pub fn done(slot: u32) {
    let Some(subtask) = state().subtasks.get(slot) else {
        return;
    };
    let Some(pending) = subtask.pending.take() else {
        return;
    };
    let (fetch, result, waitable) = (subtask.fetch, subtask.result, subtask.waitable);
    late::call_2(fetch, pending, result);
    waitables::announce(waitable, SUBTASK, RETURNED);
}

/// The guest has been told that the subtask is resolved.
pub fn delivered(slot: u32) {
    if let Some(subtask) = state().subtasks.get(slot) {
        subtask.resolved = true;
    }
}

/// `subtask.cancel` without `async`.
#[unsafe(export_name = "subtask-cancel-sync")]
extern "C" fn cancel_sync(number: u32) -> u32 {
    let slot = existing(number);
    if waitables::is_in_set(state().subtasks.get(slot).expect("just found").waitable) {
        trap::subtask_in_set()
    }
    cancel(number)
}

/// Cancels a call, at once. Answers the state that it ended in.
#[unsafe(export_name = "subtask-cancel")]
extern "C" fn cancel(number: u32) -> u32 {
    let slot = existing(number);
    if state().subtasks.get(slot).expect("just found").resolved {
        trap::subtask_resolved()
    }
    // It may be done already.
    run::take_events();
    let subtask = state().subtasks.get(slot).expect("just found");
    let waitable = subtask.waitable;
    if let Some(pending) = subtask.pending.take() {
        let callee = core::cancel(pending);
        if callee != 0 {
            links::enter(callee);
        }
        delivered(slot);
        return CANCELLED_BEFORE_RETURNED;
    }
    let event = waitables::take_event(waitable);
    event.map_or(RETURNED, |event| event.payload)
}

#[unsafe(export_name = "subtask-drop")]
extern "C" fn drop(number: u32) {
    let slot = existing(number);
    let subtask = state().subtasks.get(slot).expect("just found");
    if !subtask.resolved {
        trap::subtask_unresolved()
    }
    let waitable = subtask.waitable;
    state().subtasks.remove(slot);
    waitables::remove(waitable, true);
}

/// Blocks until the call behind `pending` is done. For functions that were lowered without `async`.
#[unsafe(export_name = "block-on-call")]
extern "C" fn block_on(pending: u32) {
    let waitable = waitables::insert(0, Kind::Call);
    state().run.blocked_calls.push(waitable);
    core::subscribe(pending, key(), waitable);
    run::block_until(|| match state().run.blocked_calls.contains(&waitable) {
        true => None,
        false => Some(()),
    });
    waitables::remove(waitable, true);
}
