//! All that there is, and how waiting for it goes.

use crate::pipes;
use crate::policy::Lowered;
use crate::pollables::Pollables;
use crate::trap::{Trapped, trap};
use isyswasfa_core::{ComponentIndex, Machine};
use std::cell::RefCell;
use std::convert::Infallible;

thread_local! {
    // A plain static: a component runs on one thread.
    static CORE: RefCell<Core> = const {
        RefCell::new(Core { machine: Machine::new(Lowered), pollables: Pollables::new(), asked: 0 })
    };
}

/// Components, tasks, pollables.
pub struct Core {
    pub machine: Machine<Lowered>,
    pub pollables: Pollables,
    /// How often components have asked for events since pollables were looked at.
    asked: u32,
}

/// Pollables are looked at, although there is other work, when components have asked for events so many times.
const ASKED_PER_LOOK: u32 = 256;

/// Does something with it. No guest runs meanwhile.
pub fn with<R>(f: impl FnOnce(&mut Core) -> Result<R, Trapped>) -> R {
    let Ok(done) = CORE.with_borrow_mut(f);
    done
}

/// Whom a pipe or a pollable tells.
pub type Waiter = isyswasfa_core::Waiter<Infallible>;

/// Who has this mailbox, and is told by this token.
pub fn waiter(mailbox: u64, token: u32) -> Waiter {
    with(|core| core.machine.waiter(mailbox, token))
}

/// Tells who waits, if anybody does.
pub fn tell(waiter: Option<Waiter>) {
    if waiter.is_some() {
        with(|core| core.machine.notify(waiter));
    }
}

impl Core {
    pub fn next_event(&mut self, component: u64) -> Result<u64, Trapped> {
        self.asked += 1;
        if self.asked >= ASKED_PER_LOOK {
            self.asked = 0;
            let ready = self.pollables.look();
            self.ready(ready)?;
        }
        self.machine.next_event(component)
    }

    fn ready(&mut self, waiters: Vec<Waiter>) -> Result<(), Trapped> {
        for waiter in waiters {
            self.machine.notify(Some(waiter))?;
        }
        Ok(())
    }
}

/// Blocks until the component has events.
pub fn wait(component: u64) {
    while !wait_unless_idle(component) {
        if !with(|core| core.machine.ask_what_waits()) {
            trap(&deadlock());
        }
    }
}

/// Who waits for what, when nothing is left that could go on.
pub fn deadlock() -> String {
    let (readers, writers) = pipes::waiters();
    let [readers, writers] = [readers, writers].map(|waiters| waiters.into_iter().map(component));
    with(|core| Ok(core.machine.deadlock(readers, writers)))
}

fn component(waiter: Waiter) -> ComponentIndex {
    let Waiter::Guest { component, .. } = waiter;
    component
}

/// Blocks until the component has events; `false` if nothing is awaited that could bring one.
pub fn wait_unless_idle(component: u64) -> bool {
    loop {
        let done = with(|core| {
            if core.machine.has_events(component)? {
                return Ok(Some(true));
            }
            core.asked = 0;
            if !core.pollables.any() {
                return Ok(Some(false));
            }
            let ready = core.pollables.wait();
            core.ready(ready)?;
            Ok(None)
        });
        if let Some(done) = done {
            return done;
        }
    }
}
