//! Calls of exported async functions.

use crate::arena::{self, Region};
use crate::events::Event;
use crate::host::{core, late};
use crate::lent::{self, Loan};
use crate::state::{key, state};
use crate::{run, sets, trap};
use alloc::vec::Vec;

/// The core knows tasks by numbers below 2^30.
const MAX: u32 = 1 << 28;

pub struct Task {
    /// Places in the glue's table.
    pub code: Code,
    /// The core's name for it, while its caller waits.
    pub core: Option<u32>,
    /// On whose behalf it runs.
    pub origin: u64,
    pub wait: Wait,
    /// Whether it is among the ready ones.
    pub queued: bool,
    context: [u64; 2],
    outcome: Outcome,
    caller: Caller,
    cancel: Cancel,
    /// The component's own resources that it was lent.
    lent: Vec<Loan>,
}

/// Where the glue's table has what belongs to the function.
#[derive(Clone, Copy)]
pub struct Code {
    /// `func(event, waitable, payload) -> code`: the guest's callback.
    callback: u32,
    /// `func(address, _)`: drops the handles in a result. 0: it has none.
    drop_result: u32,
    /// The glue's number for the type of its result and for the options by which that is passed.
    result: u32,
}

/// What it waits for.
pub enum Wait {
    /// It runs.
    Running,
    /// For an event of a set.
    Set(u32),
    /// For its turn.
    Turn,
    /// To begin, with the parameters at this address: they and their lists are in that memory.
    Held {
        begin: u32,
        drop_params: u32,
        params: u32,
        memory: Region,
    },
    /// It has exited.
    Nothing,
}

enum Outcome {
    None,
    /// It has returned, and this is the result.
    Returned(Region),
    /// It has returned, and the result is gone.
    Taken,
}

#[derive(PartialEq, Eq)]
enum Caller {
    /// It is in the start call.
    Here,
    /// It waits.
    Waits,
    /// It has its result, or wants none.
    Gone,
}

#[derive(PartialEq, Eq)]
enum Cancel {
    No,
    /// The task is to be told.
    Wanted,
    Told,
}

fn insert(code: Code, wait: Wait) -> u32 {
    let task = state().tasks.insert(Task {
        code,
        core: None,
        origin: 0,
        wait,
        queued: false,
        context: [0; 2],
        outcome: Outcome::None,
        caller: Caller::Here,
        cancel: Cancel::No,
        lent: Vec::new(),
    });
    if task >= MAX {
        trap::too_many()
    }
    task
}

fn get(task: u32) -> &'static mut Task {
    match state().tasks.get(task) {
        Some(task) => task,
        None => trap::internal(),
    }
}

fn current() -> &'static mut Task {
    match state().current {
        Some(task) => get(task),
        None => trap::no_task(),
    }
}

/// A call comes in that may begin: it runs from now on.
#[unsafe(export_name = "task-begin")]
extern "C" fn begin(callback: u32, drop_result: u32, result: u32) -> u32 {
    let task = insert(
        Code {
            callback,
            drop_result,
            result,
        },
        Wait::Running,
    );
    run::started(task);
    task
}

/// Whether a call that comes in must wait.
#[unsafe(export_name = "task-must-wait")]
extern "C" fn must_wait() -> u32 {
    u32::from(state().backpressure.holds())
}

/// A call comes in that must wait. The region under way has its parameters, which are at `params`.
#[unsafe(export_name = "task-hold")]
extern "C" fn hold(
    callback: u32,
    drop_result: u32,
    result: u32,
    begin: u32,
    drop_params: u32,
    params: u32,
) -> u32 {
    let memory = arena::region();
    let code = Code {
        callback,
        drop_result,
        result,
    };
    let task = insert(
        code,
        Wait::Held {
            begin,
            drop_params,
            params,
            memory,
        },
    );
    state().backpressure.held.push_back(task);
    get(task).caller = Caller::Waits;
    task
}

/// The first part of a call has run, and has answered `code`. 0: the result is there; 1: the caller waits.
#[unsafe(export_name = "task-ran")]
extern "C" fn ran(task: u32, code: u32) -> u32 {
    run::started_ended();
    settle(task, code);
    let task = get(task);
    match task.outcome {
        Outcome::None => {
            task.caller = Caller::Waits;
            1
        }
        _ => 0,
    }
}

/// The core has made a task of the call.
#[unsafe(export_name = "task-made")]
extern "C" fn made(task: u32, core: u32, origin: u64) {
    let task = get(task);
    task.core = Some(core);
    task.origin = origin;
}

/// The caller has come for the result of a call of `function`: which task that is.
#[unsafe(export_name = "task-finish")]
extern "C" fn finish(function: u32, ready: u32) -> u32 {
    let task = core::finish(key(), function, ready);
    get(task).core = None;
    task
}

/// Where the result is. It is there until `post`.
#[unsafe(export_name = "task-result")]
extern "C" fn result(number: u32) -> u32 {
    let task = get(number);
    task.caller = Caller::Gone;
    let Outcome::Returned(region) = ::core::mem::replace(&mut task.outcome, Outcome::Taken) else {
        trap::internal()
    };
    forget_if_done(number);
    let address = arena::address(&region);
    let before = ::core::mem::replace(&mut state().run.posted, region);
    arena::free(before);
    address
}

/// The region under way is a result that the caller is about to copy.
#[unsafe(export_name = "post-region")]
extern "C" fn post_region() {
    let region = arena::region();
    let before = ::core::mem::replace(&mut state().run.posted, region);
    arena::free(before);
}

/// The caller has copied the result.
#[unsafe(export_name = "post")]
extern "C" fn post() {
    let region = ::core::mem::take(&mut state().run.posted);
    arena::free(region);
}

/// A task has run, and has answered `code`.
pub fn settle(number: u32, code: u32) {
    let task = get(number);
    match code & 0xf {
        0 => {
            if matches!(task.outcome, Outcome::None) {
                trap::no_return()
            }
            task.wait = Wait::Nothing;
            if task.caller == Caller::Gone {
                forget_if_done(number);
            }
        }
        1 => {
            task.wait = Wait::Turn;
            run::ready(number);
        }
        2 => {
            let set = sets::slot(code >> 4);
            task.wait = Wait::Set(set);
            let wanted = task.cancel == Cancel::Wanted;
            state()
                .sets
                .get(set)
                .expect("just found")
                .waiting
                .push(number);
            if wanted || sets::has_event(set) {
                run::ready(number);
            }
        }
        _ => trap::bad_code(),
    }
}

fn forget_if_done(number: u32) {
    let task = get(number);
    if matches!(task.wait, Wait::Nothing) && !matches!(task.outcome, Outcome::Returned(_)) {
        remove(number);
    }
}

fn remove(number: u32) {
    if let Some(task) = state().tasks.remove(number) {
        task.lent.into_iter().for_each(Loan::end);
    }
}

/// The task was lent a resource of this component; `dtor` is the place of its destructor.
#[unsafe(export_name = "task-lend")]
extern "C" fn lend(task: u32, dtor: u32, rep: u32) {
    let lent = lent::lend(dtor, rep);
    get(task).lent.push(lent);
}

/// Goes on with a task, if it can.
pub fn go_on(number: u32) {
    let Some(task) = state().tasks.get(number) else {
        return;
    };
    task.queued = false;
    let event = match task.wait {
        Wait::Running | Wait::Nothing => return,
        Wait::Held { .. } => {
            begin_held(number);
            return;
        }
        Wait::Turn | Wait::Set(_) if task.cancel == Cancel::Wanted => {
            task.cancel = Cancel::Told;
            Event::TASK_CANCELLED
        }
        Wait::Turn => Event::NONE,
        Wait::Set(set) => match sets::take_event(set) {
            Some(event) => event,
            None => return,
        },
    };
    let task = get(number);
    if let Wait::Set(set) = ::core::mem::replace(&mut task.wait, Wait::Running)
        && let Some(set) = state().sets.get(set)
    {
        set.waiting.retain(|waiting| *waiting != number);
    }
    let callback = task.code.callback;
    let outer = run::enter(number);
    let code = late::call_3(callback, event.code, event.waitable, event.payload);
    run::leave(outer);
    settle(number, code);
}

fn begin_held(number: u32) {
    let task = get(number);
    let wait = ::core::mem::replace(&mut task.wait, Wait::Running);
    let Wait::Held {
        begin,
        params,
        memory,
        ..
    } = wait
    else {
        trap::internal()
    };
    let outer = run::enter(number);
    let code = late::call_3(begin, params, 0, 0);
    run::leave(outer);
    arena::free(memory);
    settle(number, code);
}

/// The caller has gone.
pub fn cancelled(number: u32) {
    let Some(task) = state().tasks.get(number) else {
        return;
    };
    task.core = None;
    task.caller = Caller::Gone;
    if let Outcome::Returned(_) = task.outcome {
        drop_result(number);
        forget_if_done(number);
        return;
    }
    if let Wait::Held { .. } = task.wait {
        let wait = ::core::mem::replace(&mut task.wait, Wait::Nothing);
        task.outcome = Outcome::Taken;
        state().backpressure.held.retain(|held| *held != number);
        remove(number);
        if let Wait::Held {
            drop_params,
            params,
            memory,
            ..
        } = wait
        {
            if drop_params != 0 {
                late::call_2(drop_params, params, 0);
            }
            arena::free(memory);
        }
        return;
    }
    if task.cancel == Cancel::No && matches!(task.outcome, Outcome::None) {
        task.cancel = Cancel::Wanted;
        go_on(number);
    }
}

fn drop_result(number: u32) {
    let task = get(number);
    let Outcome::Returned(region) = ::core::mem::replace(&mut task.outcome, Outcome::Taken) else {
        return;
    };
    let drop_result = task.code.drop_result;
    if drop_result != 0 {
        late::call_2(drop_result, arena::address(&region), 0);
    }
    arena::free(region);
}

/// `task.return` begins, of a result of that type: the glue stores it in the region under way, then calls `task-returned`. In the
/// lowest bit of `ty` is whether a memory was named.
#[unsafe(export_name = "task-return")]
extern "C" fn task_return(ty: u32) {
    let expected = current().code.result;
    // A memory that a function does not need may be left out by `task.return`, but not by the function.
    if ty >> 1 != expected >> 1 || ty & 1 > expected & 1 {
        trap::return_type()
    }
    if !matches!(current().outcome, Outcome::None) {
        trap::returned_twice()
    }
}

/// The result of the task is the region under way.
#[unsafe(export_name = "task-returned")]
extern "C" fn returned() {
    let region = arena::region();
    let Some(number) = state().current else {
        trap::no_task()
    };
    let task = get(number);
    task.outcome = Outcome::Returned(region);
    match task.caller {
        Caller::Here => {}
        Caller::Waits => {
            if let Some(task) = task.core {
                core::complete(key(), task);
            }
        }
        Caller::Gone => drop_result(number),
    }
}

#[unsafe(export_name = "task-cancel")]
extern "C" fn task_cancel() {
    let task = current();
    if task.cancel != Cancel::Told {
        trap::not_cancelled()
    }
    if !matches!(task.outcome, Outcome::None) {
        trap::returned_twice()
    }
    task.outcome = Outcome::Taken;
}

/// Lets others run; whether the task was cancelled meanwhile. The engine cannot suspend this call, so only what has happened
/// outside is looked at.
#[unsafe(export_name = "thread-yield")]
extern "C" fn thread_yield() -> u32 {
    run::take_events();
    0
}

fn slots() -> &'static mut [u64; 2] {
    match state().current {
        Some(task) => &mut get(task).context,
        None => &mut state().context,
    }
}

#[unsafe(export_name = "context-get-0")]
extern "C" fn context_get_0() -> u32 {
    slots()[0] as u32
}

#[unsafe(export_name = "context-set-0")]
extern "C" fn context_set_0(value: u32) {
    slots()[0] = value.into();
}

#[unsafe(export_name = "context-get-1")]
extern "C" fn context_get_1() -> u32 {
    slots()[1] as u32
}

#[unsafe(export_name = "context-set-1")]
extern "C" fn context_set_1(value: u32) {
    slots()[1] = value.into();
}

/// A function that was lifted without `async` runs as a task that nobody waits for, until `task-sync-ended`.
#[unsafe(export_name = "task-block")]
extern "C" fn block(number: u32) {
    run::block_until(|| match get(number).outcome {
        Outcome::None => None,
        _ => Some(()),
    });
}
