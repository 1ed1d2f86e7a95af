//! The executor: the tasks of this component instance, and how they are run.
//!
//! A task is a future in a slot. Its waker is the slot's number and nothing else. Making a waker costs nothing, and a waker that
//! outlives its task finds nothing. No borrow of the executor is held while a future is polled or dropped.

use super::cabi::{self, Taken};
use super::slab::Slab;
use super::waits::Does;
use super::{link, origin, waits};
use isyswasfa_core::Event;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

/// How many rounds of events and tasks are run before the component returns.
const ROUNDS: u32 = 16;

/// The future of a task.
pub type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    // A plain static on wasm, which has one thread; on the build machine, where only tests run, one per thread.
    static TASKS: RefCell<Tasks> = const {
        RefCell::new(Tasks { slots: Slab::new(), spare: None, ready: Vec::new(), cancelled: Vec::new(), children: Vec::new() })
    };
    /// How many runs of ready tasks are on the stack.
    static RUNNING: Cell<u32> = const { Cell::new(0) };
    /// Whether a task is polled for the first time.
    static STARTING: Cell<bool> = const { Cell::new(false) };
    /// Whether the core has been told that this component has work.
    static WOKEN: Cell<bool> = const { Cell::new(false) };
    /// Room for the core's events.
    static EVENTS: Cell<Vec<Event>> = const { Cell::new(Vec::new()) };
    static CURRENT: Cell<Current> = const { Cell::new(Current::NONE) };
}

struct Tasks {
    slots: Slab<Task>,
    /// The unchanged slot of a task that was done at its first poll. The next such task takes it without bookkeeping.
    spare: Option<u32>,
    /// Woken tasks, in the order in which they were woken.
    ready: Vec<u32>,
    /// Tasks whose callers have gone, to be dropped.
    cancelled: Vec<u32>,
    /// Imports that have events, to be entered.
    children: Vec<u32>,
}

struct Task {
    state: State,
    /// Whether it is in `ready`.
    queued: bool,
    /// Whether its turn came while it was already being polled further down the stack.
    missed: bool,
    /// The core's number of it, if it is an exported call that its caller waits for.
    core: Option<u32>,
    /// The origin on whose behalf it runs.
    origin: u64,
    /// Resources of this component that were lent to it.
    held: Box<[super::held::Rep]>,
}

enum State {
    /// Not being polled.
    Idle(BoxFuture),
    /// Being polled, or about to be. The code that polls has the future.
    Running,
    /// Being polled, and to be dropped after that.
    Dying,
}

impl Task {
    /// Whether it is as `insert` makes it.
    fn is_untouched(&self) -> bool {
        matches!(self.state, State::Running)
            && !self.queued
            && !self.missed
            && self.core.is_none()
            && self.origin == 0
            && self.held.is_empty()
    }
}

/// The context of the task being polled.
#[derive(Clone, Copy)]
pub struct Current {
    /// Its number.
    pub task: u32,
    /// Why it is being polled.
    pub entry: Entry,
    /// Where its result is stored, if its caller is there to take it.
    pub result: *mut u8,
    /// The result was stored, and the task lives on only because the result borrows from it.
    pub stored: bool,
}

/// Why a task is being polled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// Its caller is in `-isyswasfa-start`: a result can be handed over at once.
    Start,
    /// The same, but it may not begin yet. It takes its parameters, so that they are dropped with it.
    Hold,
    /// Something woke it.
    Poll,
    /// Its caller is in `-isyswasfa-result`.
    Fetch,
}

impl Current {
    const NONE: Current = Current {
        task: 0,
        entry: Entry::Poll,
        result: std::ptr::null_mut(),
        stored: false,
    };
}

/// The context of the task being polled.
pub fn current() -> Current {
    CURRENT.get()
}

/// The task being polled has stored its result and must stay until the caller has copied it.
pub fn set_stored() {
    CURRENT.set(Current {
        stored: true,
        ..CURRENT.get()
    });
}

/// What became of a task that was polled for its caller.
pub enum Entered {
    /// It is done and gone.
    Done,
    /// Its result is stored; `remove` it once the caller has copied it.
    Stored(u32),
    /// It waits for something.
    Waiting(u32),
}

/// Starts a task for a caller that is in `-isyswasfa-start`; `result` is where it may store its result. `entry` says whether it
/// may begin.
pub fn start(future: BoxFuture, entry: Entry, result: *mut u8) -> Entered {
    let task = insert();
    // Tasks that are woken now are announced after the poll, in the same call as everything else that the core is told.
    let outer = STARTING.replace(true);
    let entered = enter(task, future, entry, result);
    STARTING.set(outer);
    if !matches!(entered, Entered::Waiting(_)) && !outer && is_ready() && RUNNING.get() == 0 {
        announce();
    }
    entered
}

/// Polls a task that has completed, for a caller that has come for its result.
pub fn fetch(task: u32, result: *mut u8) -> Entered {
    let (future, _) = take(task).expect("a completed task waits for its caller");
    enter(task, future, Entry::Fetch, result)
}

/// Makes a task that is polled in its turn.
pub fn spawn(future: BoxFuture) -> u32 {
    let task = insert();
    put_back(task, future);
    let origin = origin::current();
    with_task(task, |task| task.origin = origin);
    wake(task);
    task
}

/// Tells the core that `task` of `function`, to which `held` was lent, goes on without its caller. Returns the handle for the
/// caller.
pub fn wait_for_caller(task: u32, function: u32, held: Box<[super::held::Rep]>) -> u32 {
    let poll = is_ready() && RUNNING.get() == 0 && !WOKEN.replace(true);
    let made = cabi::make_task(function, task, poll);
    with_task(task, |task| {
        task.core = Some(made.task);
        task.origin = made.origin;
        task.held = held;
    });
    made.pending
}

fn with_task(task: u32, f: impl FnOnce(&mut Task)) {
    TASKS.with_borrow_mut(|t| t.slots.get_mut(task).map(f));
}

/// Tells the core that the task being polled has its result, so that its caller can fetch it.
pub fn complete_current() {
    let core = TASKS.with_borrow_mut(|t| t.slots.get_mut(CURRENT.get().task)?.core);
    if let Some(core) = core {
        cabi::complete(core);
    }
}

/// Drops a task, wherever it is. One that is being polled is dropped after that.
pub fn remove(task: u32) {
    let removed = TASKS.with_borrow_mut(|t| {
        let slot = t.slots.get_mut(task)?;
        if !matches!(slot.state, State::Idle(_)) {
            slot.state = State::Dying;
            return None;
        }
        t.slots.remove(task)
    });
    if let Some(task) = removed {
        discard(task);
    }
}

/// The body of every `isyswasfa-poll`: runs what can run, until nothing is left.
pub fn poll() -> u32 {
    run();
    cabi::number()
}

fn run() {
    let running = Running::enter();
    for round in 1.. {
        // An event that comes while nothing looks at events is found here in the next call at the latest: the core keeps it.
        let (found, taken) = take_events();
        if taken == Taken::OnlyCancels {
            // A caller waits until its tasks are dropped, so nothing else runs.
            drop_cancelled();
            drop(running);
            if is_ready() {
                announce();
            }
            return;
        }
        if round == 1 {
            WOKEN.set(false);
            origin::entered(0);
        }
        dispatch();
        let ran = run_ready();
        if found && round < ROUNDS {
            continue;
        }
        if !found && !ran {
            return;
        }
        // Tasks that keep waking themselves, or each other in two components, must not starve others, such as the host. So the
        // component asks to be entered again. For events that come from now on, the core does that.
        if is_ready() {
            drop(running);
            announce();
            return;
        }
        if round >= ROUNDS {
            return;
        }
    }
}

/// Runs `future` to its end, and other tasks while it waits. Blocks when nothing can run.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    // A task without a future: it is never `Idle`, so that its turn shows as `missed`.
    let task = insert();
    let waker = waker(task);
    let origin = origin::current();
    origin::entered(origin);
    let running = Running::enter();
    let output = loop {
        origin::set(origin);
        let outer = CURRENT.replace(Current {
            task,
            ..Current::NONE
        });
        let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
        CURRENT.set(outer);
        if let std::task::Poll::Ready(output) = poll {
            break output;
        }
        let mut busy = 0;
        loop {
            let (found, _) = take_events();
            busy += 1;
            if !found && !is_ready() {
                cabi::wait();
                take_events();
                busy = 0;
            } else if busy >= ROUNDS {
                busy = 0;
                // Tasks that keep waking themselves must not starve the host, which runs during a wait. This wait returns at
                // once.
                cabi::wake();
                cabi::wait();
            }
            dispatch();
            run_ready();
            if TASKS.with_borrow_mut(|t| {
                let slot = t.slots.get_mut(task).expect("nobody else removes it");
                std::mem::take(&mut slot.missed)
            }) {
                break;
            }
        }
    };
    TASKS.with_borrow_mut(|t| t.slots.remove(task));
    drop(running);
    if is_ready() {
        announce();
    }
    output
}

/// Takes the events that have arrived, and wakes tasks. Events that run other code are left to `dispatch`. Returns whether there
/// were any events.
pub fn take_events() -> (bool, Taken) {
    let mut events = EVENTS.take();
    // All events are taken before any token fires: the core must hear from a woken task after that.
    let taken = waits::take_events(&mut events);
    let any = !events.is_empty();
    let mut deferred = false;
    for event in events.drain(..) {
        match event {
            Event::Token(token) => waits::fire(token),
            Event::Cancel(key) => {
                TASKS.with_borrow_mut(|t| {
                    t.cancelled.push(key);
                    // The core knows the task no more: there is nobody to complete it for.
                    if let Some(task) = t.slots.get_mut(key) {
                        task.core = None;
                    }
                });
                deferred = true;
            }
            Event::Child(child) => {
                TASKS.with_borrow_mut(|t| t.children.push(child));
                deferred = true;
            }
        }
    }
    EVENTS.set(events);
    if taken == Taken::AllAndAsked {
        tell_waits();
    }
    if deferred && RUNNING.get() == 0 {
        announce();
    }
    (any, taken)
}

/// Tells the core what tasks wait for, for a report of a deadlock.
#[cold]
fn tell_waits() {
    for (task, pipe, does) in waits::at_pipes() {
        let mut what = String::from(match does {
            Does::Read => "to read from a `",
            Does::Write => "to write to a `",
        });
        what.push_str(pipe);
        what.push('`');
        let core = TASKS.with_borrow_mut(|t| t.slots.get_mut(task)?.core);
        cabi::waits(core, &what);
    }
}

/// Drops the tasks that were cancelled and enters the imports that have events.
fn dispatch() {
    // Cancelled tasks have no origin any more, and other components' poll functions set their own.
    origin::set(0);
    drop_cancelled();
    while let Some(child) = TASKS.with_borrow_mut(|t| t.children.pop()) {
        link::enter(child);
    }
}

/// Drops the tasks that were cancelled, in the order in which they were.
fn drop_cancelled() {
    loop {
        let cancelled = TASKS.with_borrow_mut(|t| std::mem::take(&mut t.cancelled));
        if cancelled.is_empty() {
            return;
        }
        for task in cancelled {
            remove(task);
        }
    }
}

/// Polls each task that is ready now once. Returns whether there were any.
fn run_ready() -> bool {
    let batch = TASKS.with_borrow_mut(|t| std::mem::take(&mut t.ready));
    for &task in &batch {
        let Some((future, origin)) = take(task) else {
            continue;
        };
        origin::set(origin);
        if let Entered::Stored(_) = enter(task, future, Entry::Poll, std::ptr::null_mut()) {
            unreachable!("a result is stored for its caller only");
        }
    }
    origin::set(0);
    let any = !batch.is_empty();
    TASKS.with_borrow_mut(|t| {
        if t.ready.is_empty() {
            // Keeps the allocation.
            let mut batch = batch;
            batch.clear();
            t.ready = batch;
        }
    });
    any
}

fn is_ready() -> bool {
    TASKS.with_borrow(|t| !t.ready.is_empty() || !t.cancelled.is_empty() || !t.children.is_empty())
}

fn insert() -> u32 {
    TASKS.with_borrow_mut(|t| {
        if let Some(task) = t.spare.take() {
            return task;
        }
        t.slots.insert(Task {
            state: State::Running,
            queued: false,
            missed: false,
            core: None,
            origin: 0,
            held: Box::default(),
        })
    })
}

/// Takes the future out for polling, if the task still exists and is not already being polled further up the stack.
fn take(task: u32) -> Option<(BoxFuture, u64)> {
    TASKS.with_borrow_mut(|t| {
        let slot = t.slots.get_mut(task)?;
        slot.queued = false;
        match std::mem::replace(&mut slot.state, State::Running) {
            State::Idle(future) => Some((future, slot.origin)),
            other => {
                slot.state = other;
                slot.missed = true;
                None
            }
        }
    })
}

/// Puts the future back after polling, or drops it if the task was removed meanwhile.
fn put_back(task: u32, future: BoxFuture) {
    let dead = TASKS.with_borrow_mut(|t| {
        let slot = t
            .slots
            .get_mut(task)
            .expect("a running task keeps its slot");
        if let State::Dying = slot.state {
            return t.slots.remove(task).map(|task| (task, future));
        }
        slot.state = State::Idle(future);
        if std::mem::take(&mut slot.missed) && !slot.queued {
            slot.queued = true;
            t.ready.push(task);
        }
        None
    });
    if let Some((task, future)) = dead {
        drop(future);
        discard(task);
    }
}

fn enter(task: u32, mut future: BoxFuture, entry: Entry, result: *mut u8) -> Entered {
    let outer = CURRENT.replace(Current {
        task,
        entry,
        result,
        stored: false,
    });
    let waker = waker(task);
    let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
    let stored = CURRENT.replace(outer).stored;

    if poll.is_ready() {
        drop(future);
        let slot = TASKS.with_borrow_mut(|t| {
            if t.spare.is_none()
                && t.slots
                    .get_mut(task)
                    .is_some_and(|slot| slot.is_untouched())
            {
                t.spare = Some(task);
                return None;
            }
            t.slots.remove(task)
        });
        if let Some(slot) = slot {
            discard(slot);
        }
        return Entered::Done;
    }
    put_back(task, future);
    if stored {
        Entered::Stored(task)
    } else {
        Entered::Waiting(task)
    }
}

/// Drops the contents of a task, outside of any borrow.
fn discard(task: Task) {
    let Task { state, held, .. } = task;
    drop(state);
    for &rep in &held {
        super::held::release(rep);
    }
}

/// Tells the core that this component has work, if it doesn't know.
fn announce() {
    if !WOKEN.replace(true) {
        cabi::wake();
    }
}

/// Puts `task` among the ready ones.
pub fn wake(task: u32) {
    let queued = TASKS.with_borrow_mut(|t| match t.slots.get_mut(task) {
        Some(slot) if !slot.queued => {
            slot.queued = true;
            t.ready.push(task);
            true
        }
        _ => false,
    });
    if queued && RUNNING.get() == 0 && !STARTING.get() {
        announce();
    }
}

/// A guard that says that ready tasks are being run, so that a task that is woken now gets its turn without the core's help.
struct Running;

impl Running {
    fn enter() -> Running {
        RUNNING.set(RUNNING.get() + 1);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(RUNNING.get() - 1);
    }
}

/// The waker of a task, which has the task's number in the place of a pointer.
fn waker(task: u32) -> Waker {
    const VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake_number, wake_number, |_| ());
    fn clone(number: *const ()) -> RawWaker {
        RawWaker::new(number, &VTABLE)
    }
    fn wake_number(number: *const ()) {
        wake(number.addr() as u32);
    }
    // SAFETY: the functions never dereference the pointer, which is only a number: any copy of it may be used, from
    // anywhere, at any time. A number whose task is gone finds nothing or, after a thousand reuses of its slot, wakes
    // another task needlessly, which the contract of `Future` allows.
    unsafe {
        Waker::from_raw(RawWaker::new(
            std::ptr::without_provenance(task as usize),
            &VTABLE,
        ))
    }
}

/// How many tasks there are.
#[cfg(test)]
pub fn count() -> usize {
    TASKS.with_borrow(|t| t.slots.len() - usize::from(t.spare.is_some()))
}
