//! All state, in one place.
//!
//! A component has one thread, and nothing here holds a reference while it calls what may call back: the glue, the guest, the core.

use crate::arena::Arena;
use crate::backpressure::Backpressure;
use crate::ends::Ends;
use crate::lent::Lent;
use crate::links::Links;
use crate::pipes::Pipes;
use crate::run::Run;
use crate::sets::Set;
use crate::slab::Slab;
use crate::subtasks::Subtask;
use crate::tasks::Task;
use crate::waitables::Waitable;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::cell::UnsafeCell;

pub struct State {
    /// What `register` has answered; 0 before.
    pub key: u64,
    pub number: u32,
    pub mailbox: u64,
    pub tasks: Slab<Task>,
    /// Tasks that can go on, in the order in which they could.
    pub ready: VecDeque<u32>,
    /// Tasks whose callers have gone.
    pub cancelled: Vec<u32>,
    /// The task that runs.
    pub current: Option<u32>,
    pub sets: Slab<Set>,
    pub waitables: Slab<Waitable>,
    /// Waitables that are gone, whose tokens may still be under way.
    pub retired: Vec<u32>,
    pub subtasks: Slab<Subtask>,
    pub ends: Ends,
    pub pipes: Pipes,
    pub lent: Lent,
    pub links: Links,
    pub backpressure: Backpressure,
    pub arena: Arena,
    pub run: Run,
    /// What the last `waitable-set.wait` or `poll` has found, besides its code.
    pub found: (u32, u32),
    /// The slots of `context` outside of tasks.
    pub context: [u64; 2],
}

struct Shared(UnsafeCell<State>);

// SAFETY: a component runs on one thread.
unsafe impl Sync for Shared {}

static STATE: Shared = Shared(UnsafeCell::new(State {
    key: 0,
    number: 0,
    mailbox: 0,
    tasks: Slab::new(),
    ready: VecDeque::new(),
    cancelled: Vec::new(),
    current: None,
    sets: Slab::new(),
    waitables: Slab::new(),
    retired: Vec::new(),
    subtasks: Slab::new(),
    ends: Ends::new(),
    pipes: Pipes::new(),
    lent: Lent::new(),
    links: Links::new(),
    backpressure: Backpressure::new(),
    arena: Arena::new(),
    run: Run::new(),
    found: (0, 0),
    context: [0; 2],
}));

/// The state. The reference must be gone before anything outside of this module is called.
pub fn state() -> &'static mut State {
    // SAFETY: one thread, and no two references at a time, as said above.
    unsafe { &mut *STATE.0.get() }
}

/// The key of this component.
pub fn key() -> u64 {
    let key = state().key;
    if key != 0 {
        return key;
    }
    let key = crate::host::core::register();
    state().key = key;
    key
}

/// The public number of this component.
pub fn number() -> u32 {
    if state().number == 0 {
        let number = crate::host::core::number(key());
        state().number = number;
    }
    state().number
}

/// The mailbox of this component: what pipes are given.
#[unsafe(export_name = "mailbox")]
pub extern "C" fn mailbox() -> u64 {
    if state().mailbox == 0 {
        let mailbox = crate::host::core::mailbox(key());
        state().mailbox = mailbox;
    }
    state().mailbox
}

/// The key, for what the glue calls itself.
#[unsafe(export_name = "key")]
pub extern "C" fn key_for_glue() -> u64 {
    key()
}
