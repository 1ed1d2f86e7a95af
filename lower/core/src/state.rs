//! All that there is, and how waiting for it goes.

use crate::components::{Cancelled, ComponentIndex, Components, Next, value};
use crate::functions::Functions;
use crate::pollables::Pollables;
use crate::report::report;
use crate::tasks::{Caller, Tasks};
use crate::trap::trap;
use std::cell::RefCell;

thread_local! {
    // A plain static: a component runs on one thread.
    static CORE: RefCell<Core> = const {
        RefCell::new(Core { components: Components::new(), functions: Functions::new(), tasks: Tasks::new(), pollables: Pollables::new(), origin: 0, asked: 0, waits: None })
    };
}

/// Components, tasks, pollables.
pub struct Core {
    pub components: Components,
    pub functions: Functions,
    pub tasks: Tasks,
    pub pollables: Pollables,
    pub origin: u64,
    /// How often components have asked for events since pollables were looked at.
    asked: u32,
    /// What components have told that their tasks wait for; none: they were not asked.
    pub waits: Option<Vec<Wait>>,
}

/// What a task waits for that is no task of another component.
pub struct Wait {
    pub component: ComponentIndex,
    /// The function that it is a call of. None: it was spawned.
    pub function: Option<u32>,
    /// As the component tells it.
    pub what: String,
}

/// Pollables are looked at, although there is other work, when components have asked for events so many times.
const ASKED_PER_LOOK: u32 = 256;

/// Does something with it. No guest runs meanwhile.
pub fn with<R>(f: impl FnOnce(&mut Core) -> R) -> R {
    CORE.with_borrow_mut(f)
}

/// Whom a pipe or a pollable tells.
#[derive(Clone, Copy, Debug)]
pub struct Waiter {
    pub component: ComponentIndex,
    pub token: u32,
}

impl Waiter {
    /// By the mailbox.
    pub fn new(mailbox: u64, token: u32) -> Self {
        let component = with(|core| core.components.by_mailbox(mailbox));
        Waiter {
            component,
            token: value(token),
        }
    }

    pub fn tell(waiter: Option<Waiter>) {
        if let Some(Waiter { component, token }) = waiter {
            with(|core| core.components.post_token(component, token));
        }
    }
}

impl Core {
    pub fn tell(&mut self, caller: Option<Caller>) {
        if let Some(Caller { component, token }) = caller {
            self.components.post_token(component, token);
        }
    }

    pub fn next_event(&mut self, component: ComponentIndex) -> u64 {
        self.asked += 1;
        if self.asked >= ASKED_PER_LOOK {
            self.asked = 0;
            let ready = self.pollables.look();
            self.ready(ready);
        }
        let next = self.components.next_event(component);
        match next {
            Next::Event(_, 0) | Next::WhatWaits => self.tasks.forget_cancelled(component),
            Next::Cancelled(Cancelled { task, .. }) => self.tasks.forget(task),
            Next::Event(..) | Next::NoMoreCancels => {}
        }
        next.word()
    }

    /// The caller cancels the task: the number of the component that it enters next. 0: none.
    pub fn cancel(&mut self, task: u32) -> u32 {
        let Some((component, key)) = self.tasks.cancel(task) else {
            return 0;
        };
        self.components.cancel(component, Cancelled { key, task });
        component + 1
    }

    /// A component tells what one of its tasks waits for.
    pub fn tell_wait(&mut self, component: ComponentIndex, task: Option<u32>, what: String) {
        let function = task.and_then(|task| self.tasks.function(component, task));
        if let Some(waits) = &mut self.waits {
            waits.push(Wait {
                component,
                function,
                what,
            });
        }
    }

    /// Asks all components what their tasks wait for, which they tell when they are entered. `false`: they have told already.
    fn ask_what_waits(&mut self) -> bool {
        if self.waits.is_some() {
            return false;
        }
        self.waits = Some(Vec::new());
        self.components.ask_what_waits();
        true
    }

    fn ready(&mut self, waiters: Vec<Waiter>) {
        for Waiter { component, token } in waiters {
            self.components.post_token(component, token);
        }
    }
}

/// Blocks until the component has events.
pub fn wait(component: u64) {
    while !wait_unless_idle(component) {
        if !with(Core::ask_what_waits) {
            trap(&report());
        }
    }
}

/// Blocks until the component has events; `false` if nothing is awaited that could bring one.
pub fn wait_unless_idle(component: u64) -> bool {
    let component = with(|core| core.components.index(component));
    loop {
        let done = with(|core| {
            if core.components.has_events(component) {
                return Some(true);
            }
            core.asked = 0;
            if !core.pollables.any() {
                return Some(false);
            }
            let ready = core.pollables.wait();
            core.ready(ready);
            None
        });
        if let Some(done) = done {
            return done;
        }
    }
}
