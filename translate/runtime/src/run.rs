//! Who runs: the events of the core, and the tasks that can go on.

use crate::arena::Region;
use crate::host::core;
use crate::state::{key, number, state};
use crate::{links, tasks, trap, waitables, waits};
use alloc::vec::Vec;
use isyswasfa_core::{Event, Next, take_apart};

/// So many rounds of events and tasks are run at a stretch.
const ROUNDS: u32 = 16;

/// Retired places that are kept before events are taken for their sake alone.
const RETIRED_MAX: usize = 1024;

pub struct Run {
    /// How many runs of ready tasks are on the stack.
    depth: u32,
    /// How many start calls are.
    starting: u32,
    /// Whether the core has been told that this component has work.
    woken: bool,
    /// The tasks that were current before the start calls.
    outer: Vec<Option<u32>>,
    /// On whose behalf the core thinks that this component runs.
    origin: u64,
    /// The calls that are waited for on the stack.
    pub blocked_calls: Vec<u32>,
    /// The ends of streams and futures that are.
    pub blocked_ends: Vec<u32>,
    /// The result that the caller is copying.
    pub posted: Region,
}

impl Run {
    pub const fn new() -> Self {
        Run {
            depth: 0,
            starting: 0,
            woken: false,
            outer: Vec::new(),
            origin: 0,
            blocked_calls: Vec::new(),
            blocked_ends: Vec::new(),
            posted: Vec::new(),
        }
    }
}

/// Which events were taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    All,
    /// Only cancelled tasks, whose caller waits until they are dropped.
    OnlyCancels,
}

/// A task runs from now on: the one that ran before.
pub fn enter(task: u32) -> Option<u32> {
    state().current.replace(task)
}

pub fn leave(outer: Option<u32>) {
    state().current = outer;
}

/// A start call has begun.
pub fn started(task: u32) {
    let outer = enter(task);
    let run = &mut state().run;
    run.outer.push(outer);
    run.starting += 1;
}

pub fn started_ended() {
    let run = &mut state().run;
    run.starting -= 1;
    let outer = run.outer.pop().flatten();
    leave(outer);
    if is_ready() && state().run.depth == 0 && state().run.starting == 0 {
        announce();
    }
}

/// Puts a task among those that can go on.
pub fn ready(number: u32) {
    let state = state();
    let Some(task) = state.tasks.get(number) else {
        return;
    };
    if !::core::mem::replace(&mut task.queued, true) {
        state.ready.push_back(number);
    }
    if state.run.depth == 0 && state.run.starting == 0 {
        announce();
    }
}

/// Tells the core that this component has work, if it doesn't know.
pub fn announce() {
    if !::core::mem::replace(&mut state().run.woken, true) {
        core::wake(key());
    }
}

fn is_ready() -> bool {
    let state = state();
    !state.ready.is_empty() || !state.cancelled.is_empty() || !state.links.waiting.is_empty()
}

fn set_origin(origin: u64) {
    if ::core::mem::replace(&mut state().run.origin, origin) != origin {
        core::set_origin(origin);
    }
}

/// The body of every `isyswasfa-poll`: runs what can run. The component's number.
#[unsafe(export_name = "poll")]
extern "C" fn poll() -> u32 {
    state().run.depth += 1;
    rounds();
    state().run.depth -= 1;
    if is_ready() {
        announce();
    }
    number()
}

fn rounds() {
    for round in 1..=ROUNDS {
        let (found, taken) = take_events();
        if taken == Taken::OnlyCancels {
            // The caller waits to go on: its tasks are dropped on its behalf, and nothing else runs.
            drop_cancelled();
            return;
        }
        if round == 1 {
            state().run.origin = 0;
        }
        dispatch();
        let ran = run_ready();
        if !found && !ran {
            return;
        }
        if !found && is_ready() {
            // Tasks that keep waking themselves must not keep others from running: they come back later.
            return;
        }
    }
}

/// Takes the events that have come; whether there were any.
pub fn take_events() -> (bool, Taken) {
    let retired = ::core::mem::take(&mut state().retired);
    let mut found = false;
    let mut asked = false;
    let mut tokens = Vec::new();
    let taken = loop {
        let (word, left) = take_apart(core::next_event(key()));
        match word.next() {
            Next::Event(Event::Token(token)) => tokens.push(token),
            Next::Event(Event::Cancel(task)) => state().cancelled.push(task),
            Next::Event(Event::Child(child)) => state().links.waiting.push(child),
            Next::NoMoreCancels => break Taken::OnlyCancels,
            Next::Nothing => break Taken::All,
            Next::WhatWaits => {
                asked = true;
                break Taken::All;
            }
        }
        found = true;
        if left == 0 {
            break Taken::All;
        }
    };
    // No token of those that were retired before is under way any more.
    match taken {
        Taken::All => {
            // The core forgets with them that the component has asked to be entered.
            state().run.woken = false;
            for place in retired {
                state().waitables.release(place);
            }
        }
        Taken::OnlyCancels => state().retired.extend(retired),
    }
    // All are taken before any is acted on: what is told the core now comes after them.
    for token in tokens {
        waitables::token(token);
    }
    if asked {
        waits::tell();
    }
    if state().run.depth == 0 && state().run.starting == 0 && is_ready() {
        announce();
    }
    (found, taken)
}

/// Takes events if there are many places that wait for that.
pub fn take_events_if_full() {
    if state().retired.len() > RETIRED_MAX {
        take_events();
    }
}

fn dispatch() {
    // Cancelled tasks are nobody's any more, and other components' polls set their own.
    set_origin(0);
    drop_cancelled();
    while let Some(child) = state().links.waiting.pop() {
        links::enter(child);
    }
    while let Some(task) = state().backpressure.next() {
        let origin = state().tasks.get(task).map_or(0, |task| task.origin);
        set_origin(origin);
        tasks::go_on(task);
    }
}

fn drop_cancelled() {
    loop {
        let cancelled = ::core::mem::take(&mut state().cancelled);
        if cancelled.is_empty() {
            return;
        }
        for task in cancelled {
            tasks::cancelled(task);
        }
    }
}

/// Goes on with each task that can now, once. Whether there were any.
fn run_ready() -> bool {
    let batch = state().ready.len();
    for _ in 0..batch {
        let Some(task) = state().ready.pop_front() else {
            break;
        };
        let origin = state().tasks.get(task).map_or(0, |task| task.origin);
        set_origin(origin);
        tasks::go_on(task);
    }
    set_origin(0);
    batch > 0
}

/// Runs other tasks until `done` has an answer; blocks where nothing can run.
pub fn block_until<T>(mut done: impl FnMut() -> Option<T>) -> T {
    let mut answer = None;
    block(&mut || {
        answer = done();
        answer.is_some()
    });
    match answer {
        Some(answer) => answer,
        None => trap::internal(),
    }
}

/// Not generic: it is large.
#[inline(never)]
fn block(done: &mut dyn FnMut() -> bool) {
    let origin = core::origin();
    state().run.origin = origin;
    let outer = state().current;
    state().run.depth += 1;
    let mut busy = 0;
    while !done() {
        let (found, _) = take_events();
        busy += 1;
        if !found && !is_ready() {
            if done() {
                break;
            }
            core::wait(key());
            take_events();
            busy = 0;
        } else if busy >= ROUNDS {
            // Tasks that keep waking themselves must not keep the host from running, which a wait lets go on. It returns at once.
            busy = 0;
            core::wake(key());
            core::wait(key());
        }
        if done() {
            break;
        }
        dispatch();
        run_ready();
    }
    state().run.depth -= 1;
    state().current = outer;
    set_origin(origin);
    if is_ready() && state().run.depth == 0 && state().run.starting == 0 {
        announce();
    }
}

/// Blocks until a read or write is over: what it has come to.
pub fn block_on_waitable(place: u32) -> u32 {
    state().run.blocked_ends.push(place);
    let event = block_until(|| waitables::take_event(place));
    let blocked = &mut state().run.blocked_ends;
    blocked.retain(|other| *other != place);
    event.payload
}

/// For `make-task`: whether the component has work to do that no event will announce, and the core is told so with it.
#[unsafe(export_name = "has-work")]
extern "C" fn has_work() -> u32 {
    let poll = is_ready() && state().run.depth == 0 && !state().run.woken;
    if poll {
        state().run.woken = true;
    }
    u32::from(poll)
}
