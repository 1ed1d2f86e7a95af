//! The functions of `isyswasfa:core/tasks` as plain functions: everything that this runtime imports, except pipes and pollables.

use isyswasfa_core::{Event, Made, Next, take_apart};
use std::cell::Cell;

crate::isyswasfa::core_world::keep_core_world!();

thread_local! {
    /// The component key. 0 before `register` was called.
    static KEY: Cell<u64> = const { Cell::new(0) };
}

/// The component key of this instance, which proves to the core who calls.
pub fn component() -> u64 {
    let key = KEY.get();
    if key != 0 {
        return key;
    }
    register()
}

#[cold]
fn register() -> u64 {
    // SAFETY: no preconditions; the canonical ABI passes plain numbers.
    let key = unsafe { raw::register() };
    KEY.set(key);
    key
}

/// The public number of this component.
pub fn number() -> u32 {
    thread_local! {
        static NUMBER: Cell<u32> = const { Cell::new(0) };
    }
    if NUMBER.get() == 0 {
        // SAFETY: plain numbers, the key is our own.
        NUMBER.set(unsafe { raw::number(component()) });
    }
    NUMBER.get()
}

/// The mailbox of this component: the number under which pipes send it tokens.
pub fn mailbox() -> u64 {
    thread_local! {
        static MAILBOX: Cell<u64> = const { Cell::new(0) };
    }
    if MAILBOX.get() == 0 {
        // SAFETY: plain numbers, the key is our own.
        MAILBOX.set(unsafe { raw::mailbox(component()) });
    }
    MAILBOX.get()
}

/// Links the component numbered `child`: its events become events of this component too.
pub fn link(child: u32) {
    // SAFETY: plain numbers, the key is our own.
    unsafe { raw::link(component(), child) }
}

/// A number for one of our exported functions.
pub fn name_function(name: &str) -> u32 {
    // SAFETY: the key is our own, and the string is there for the call.
    unsafe { raw::name_function(component(), name.as_ptr(), name.len()) }
}

/// Makes a task of a call of `function` that did not finish at once. `poll`: the component has work to do, as with `wake`.
pub fn make_task(function: u32, key: u32, poll: bool) -> Made {
    let mut made = Made::default();
    // SAFETY: the result is what `Made` is, as the canonical ABI stores it.
    unsafe { raw::make_task(component(), function, key, poll, (&raw mut made).cast()) };
    made
}

/// Tells the core that the result of `task` can be fetched.
pub fn complete(task: u32) {
    // SAFETY: plain numbers, the key is our own.
    unsafe { raw::complete(component(), task) }
}

/// Consumes the handle of a task of `function` that is done, and returns the key that `make_task` was given. Any other task traps.
pub fn finish(function: u32, ready: u32) -> u32 {
    // SAFETY: the handle was just passed to us to own.
    unsafe { raw::finish(component(), function, ready) }
}

/// Tells the core that the component has work to do that no event will announce.
pub fn wake() {
    // SAFETY: plain numbers, the key is our own.
    unsafe { raw::wake(component()) }
}

/// Sends `token` to the component with this mailbox, which waits for a pipe that this component implements.
pub fn post(mailbox: u64, token: u32) {
    // SAFETY: plain numbers.
    unsafe { raw::post(mailbox, token) }
}

/// Which events were taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// All that had arrived.
    All,
    /// Cancelled tasks, whose caller waits until they are dropped. The other events are still under way.
    OnlyCancels,
    /// All that had arrived. The component is to tell what its tasks wait for.
    AllAndAsked,
}

/// Appends the events that have arrived.
pub fn take_events(events: &mut Vec<Event>) -> Taken {
    loop {
        // SAFETY: plain numbers, the key is our own.
        let (word, left) = take_apart(unsafe { raw::next_event(component()) });
        match word.next() {
            Next::Event(event) => events.push(event),
            Next::Nothing => return Taken::All,
            Next::NoMoreCancels => return Taken::OnlyCancels,
            Next::WhatWaits => return Taken::AllAndAsked,
        }
        if left == 0 {
            return Taken::All;
        }
    }
}

/// The origin for which code runs now.
pub fn origin() -> u64 {
    // SAFETY: no preconditions.
    unsafe { raw::origin() }
}

/// Tells the core that what runs from now on is done for `origin`.
pub fn set_origin(origin: u64) {
    // SAFETY: plain numbers.
    unsafe { raw::set_origin(origin) }
}

/// Tells the core what a task waits for, if it is not a task of another component. It is for a report. `task` is the core's number of
/// the task. None: it was spawned.
pub fn waits(task: Option<u32>, what: &str) {
    let (key, number) = (component(), task.unwrap_or_default());
    // SAFETY: the key is our own, and the string is there for the call.
    unsafe { raw::waits(key, task.is_some(), number, what.as_ptr(), what.len()) }
}

/// Blocks until there are events.
pub fn wait() {
    // SAFETY: plain numbers, the key is our own.
    unsafe { raw::wait(component()) }
}

/// The caller's end of a task that is not done. Dropping it cancels the task. When the drop returns, a callee that is a component
/// has dropped the task with everything that it owned.
#[derive(Debug)]
pub struct Pending(u32);

impl Pending {
    /// Takes ownership of a handle that a start half has returned.
    pub fn new(handle: u32) -> Pending {
        Pending(handle)
    }

    /// Asks for `token` once the task is done.
    pub fn subscribe(&self, token: u32) {
        // SAFETY: we own the handle and lend it for the call.
        unsafe { raw::subscribe(self.0, component(), token) }
    }

    /// The handle. The caller owns it from now on.
    pub fn into_handle(self) -> u32 {
        let handle = self.0;
        std::mem::forget(self);
        handle
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // SAFETY: we own the handle.
        let child = unsafe { raw::cancel(self.0) };
        if child != 0 {
            super::link::enter(child);
        }
    }
}

/// Imports functions. On the build machine there is no host: tests bring a core of their own, everything else only compiles.
macro_rules! imports {
    ($($import:literal fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        #[cfg(target_family = "wasm")]
        mod raw {
            #[link(wasm_import_module = "isyswasfa:core/tasks@0.1.0")]
            unsafe extern "C" {
                $(#[link_name = $import] pub fn $name($($arg: $ty),*) $(-> $ret)?;)*
            }
        }

        #[cfg(all(not(target_family = "wasm"), not(test)))]
        mod raw {
            $(pub unsafe fn $name($(_: $ty),*) $(-> $ret)? {
                unreachable!(concat!("`", $import, "` is there in a component only"))
            })*
        }
    };
}

#[cfg(all(not(target_family = "wasm"), test))]
use super::test_core as raw;

imports! {
    "register" fn register() -> u64;
    "number" fn number(component: u64) -> u32;
    "mailbox" fn mailbox(component: u64) -> u64;
    "link" fn link(component: u64, child: u32);
    "name-function" fn name_function(component: u64, name: *const u8, len: usize) -> u32;
    "make-task" fn make_task(component: u64, function: u32, key: u32, poll: bool, ret: *mut u8);
    "complete" fn complete(component: u64, task: u32);
    "finish" fn finish(component: u64, function: u32, done: u32) -> u32;
    "subscribe" fn subscribe(task: u32, component: u64, token: u32);
    "wake" fn wake(component: u64);
    "post" fn post(mailbox: u64, token: u32);
    "next-event" fn next_event(component: u64) -> u64;
    "origin" fn origin() -> u64;
    "set-origin" fn set_origin(origin: u64);
    "waits" fn waits(component: u64, has_task: bool, task: u32, what: *const u8, len: usize);
    "wait" fn wait(component: u64);
    "cancel" fn cancel(handle: u32) -> u32;
}
