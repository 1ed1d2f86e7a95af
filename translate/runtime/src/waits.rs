//! What tasks wait for, for the report of a deadlock: reads and writes of streams and futures.

use crate::host::late;
use crate::state::state;
use crate::waitables::{self, Kind};
use crate::{arena, ends, pipes};
use alloc::vec::Vec;

/// Tells the core what tasks wait for.
#[cold]
pub fn tell() {
    for place in 0..state().waitables.end() {
        let Some(waitable) = state().waitables.get(place) else {
            continue;
        };
        let report = match waitable.kind {
            Kind::End => ends::report(place),
            Kind::Pipe(number) => pipes::report(number),
            Kind::Subtask(_) | Kind::Call => 0,
        };
        if report == 0 || waitables::has_event(place) {
            continue;
        }
        for task in waiting(place) {
            let core = task.and_then(|task| state().tasks.get(task)?.core);
            late::call_2(report, u32::from(core.is_some()), core.unwrap_or(0));
            arena::free(arena::region());
        }
    }
}

/// The tasks that wait for a waitable; `None`: it is waited for outside of tasks.
fn waiting(place: u32) -> Vec<Option<u32>> {
    if state().run.blocked_ends.contains(&place) {
        return [state().current].into();
    }
    let set = state().waitables.get(place).and_then(|it| it.set);
    let Some(set) = set.and_then(|set| state().sets.get(set)) else {
        return Vec::new();
    };
    if set.blocked > 0 {
        return [state().current].into();
    }
    set.waiting.iter().copied().map(Some).collect()
}
